<?php
// Starts the session, follows the query, and prints in its last line the content of the session as
// JSON. PHP's own messages, if any, come before it.
//   ?set[user]=ann   stores                  ?read_only=1   starts with read_and_close
//   ?destroy=1       logs out                ?work_ms=50    keeps the session open for so long
$began = microtime(true);
$started = session_start(isset($_GET['read_only']) ? ['read_and_close' => true] : []);
$start_seconds = microtime(true) - $began;
foreach ($_GET['set'] ?? [] as $name => $value) {
    $_SESSION[$name] = $value;
}
usleep(1000 * (int)($_GET['work_ms'] ?? 0));
$session = $_SESSION ?? null;
$destroyed = isset($_GET['destroy']) ? session_destroy() : null;
if ($started && !isset($_GET['read_only']) && !isset($_GET['destroy'])) {
    session_write_close();
}
echo "\n", json_encode([
    'started' => $started,
    'start_seconds' => $start_seconds,
    'session' => $session,
    'destroyed' => $destroyed,
    'worker' => getmypid(),
]), "\n";
