--TEST--
Of eight slow requests some give up with a warning, and the changes of all others are stored
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
ini_set('memcache.session_lock_wait', '3');
visit('abc', fn() => $_SESSION['n'] = 0);
for ($i = 0; $i < 8; ++$i) {
    $processes[] = new Process('session_id("abc");
        if (!session_start()) {
            echo "gave up";
            exit;
        }
        echo isset($_SESSION["n"]) ? "" : "found it empty, ";
        sleep(1);
        $_SESSION["n"]++;
        session_write_close();
        echo error_get_last() ? "in vain" : "stored";');
}
// The stored session has its counter at any moment.
$end = microtime(true) + 4.5;
while (microtime(true) < $end) {
    foreach ($servers as $server) {
        if (!preg_match('/^n\|i:\d;$/', (string) $server->get('abc'))) {
            echo 'stored is: ', $server->get('abc'), "\n";
        }
    }
    usleep(20000);
}
$outputs = array_map(fn($process) => $process->output(), $processes);
$stored = preg_grep('/^stored$/', $outputs);
$gave_up = preg_grep('/^\s*Warning: session_start\(\): the session is locked by process \d+ on ' .
    '.* for \d s, at .*; this request waited 3(\.\d+)? s ' .
    '\(memcache\.session_lock_wait allows 3 s: raise it, .*\)' .
    '.*and it was not changed in .*\s+Warning: .*\s+gave up$/', $outputs);
var_dump(count($stored) >= 2, count($gave_up) >= 1, count($stored) + count($gave_up));
foreach ($servers as $server) {
    var_dump($server->get('abc') === 'n|i:' . count($stored) . ';', $server->get('abc.lock'));
}
?>
--EXPECT--
bool(true)
bool(true)
int(8)
bool(true)
NULL
bool(true)
NULL
