<?php
// Adds one to the session's tally, and prints the result and its time as JSON. Warnings are not
// logged but part of the answer, as a visitor would see them.
//   ?read=1      only reads: the session is closed unchanged
//   ?destroy=1   logs out
//   ?work_ms=50  keeps the session open for so long
//   ?random=N    stores N random bytes too
$messages = [];
set_error_handler(function (int $level, string $message) use (&$messages): bool {
    $messages[] = $message;
    return true;
});
$began = microtime(true);
$started = session_start();
$opened = microtime(true);
$count = $started ? $_SESSION['count'] ?? 0 : null;
if ($started && !isset($_GET['read']) && !isset($_GET['destroy'])) {
    $_SESSION['count'] = ++$count;
}
if ($started && isset($_GET['random'])) {
    $_SESSION['bytes'] = random_bytes((int)$_GET['random']);
}
usleep(1000 * (int)($_GET['work_ms'] ?? 0));
$closing = microtime(true);
if ($started) {
    isset($_GET['destroy']) ? session_destroy() : session_write_close();
}
echo json_encode([
    'started' => $started,
    'count' => $count,
    'messages' => $messages,
    'began' => $began,
    'start_seconds' => $opened - $began,
    'close_seconds' => microtime(true) - $closing,
    'worker' => getmypid(),
]);
