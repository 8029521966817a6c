<?php
// Replaces the content of the session. Prints as JSON the content before and after, as md5 of the
// serialized session, and PHP's messages.
//   ?bytes=N   N bytes of text; 0 for nothing       ?random=N   N bytes that cannot be compressed
//   ?destroy=1   logs out                        none of them: leaves the session as it is
//   ?work_ms=N   keeps it open for so long
$messages = [];
set_error_handler(function (int $level, string $message) use (&$messages): bool {
    $messages[] = $message;
    return true;
});
$started = session_start();
$found = (string)session_encode();
if (isset($_GET['bytes']) || isset($_GET['random'])) {
    $_SESSION = [];
}
if ($_GET['bytes'] ?? 0) {
    $text = str_repeat(uniqid() . ' It was the best of clicks, it was the worst. ', 20000);
    $_SESSION['data'] = substr($text, 0, (int)$_GET['bytes']);
}
if ($_GET['random'] ?? 0) {
    $_SESSION['data'] = random_bytes((int)$_GET['random']);
}
usleep(1000 * (int)($_GET['work_ms'] ?? 0));
$left = (string)session_encode();
$closed = isset($_GET['destroy']) ? session_destroy() : session_write_close();
echo json_encode([
    'started' => $started && $closed,
    'found' => md5($found),
    'left' => md5($left),
    'bytes' => strlen($left),
    'messages' => $messages,
]);
