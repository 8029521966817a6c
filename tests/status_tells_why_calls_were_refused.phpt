--TEST--
Refused calls are counted by cause, and waits for a lock by their end
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2, 'timeout=1&retry_interval=1');
ini_set('memcache.session_lock_wait', '0.3');
function refused(): string
{
    $status = memcache_session_status();
    memcache_session_reset_status();
    return json_encode(array_filter($status['sessions']['refused'])) . ' of ' .
        $status['sessions']['opened'] . ' opened, waited ' . $status['locks']['waited'] . ', gave up ' .
        $status['locks']['gave_up'] . ', replaced ' .
        json_encode(array_filter($status['locks']['replaced']));
}
memcache_session_reset_status();
$holder = new Process('session_id("abc"); session_start(); echo "held\n"; sleep(60);');
$holder->line();
session_id('abc');
var_dump(@session_start());
echo refused(), "\n";

exec("kill -9 {$holder->pid}");
$holder->output();
visit('abc', fn() => $_SESSION['n'] = 1);
echo refused(), "\n";

session_id('abc');
session_start();
foreach ($servers as $server) {
    $server->set('abc', 'n|i:2;');
}
$_SESSION['n'] = 3;
@session_write_close();
echo refused(), "\n";

session_id(str_repeat('x', 300));
@session_start();
echo refused(), "\n";

foreach ($servers as $server) {
    $server->kill();
}
session_id('abc');
var_dump(@session_start());
echo refused(), "\n";
foreach (memcache_session_status()['servers'] as $server) {
    echo $server['state'], ' ', json_encode($server['down_since'] > time() - 30), ' ', $server['reason'], "\n";
}
?>
--EXPECT--
bool(false)
{"locked":1} of 0 opened, waited 1, gave up 1, replaced []
[] of 1 opened, waited 1, gave up 0, replaced {"dead_holder":2}
{"conflict":1} of 1 opened, waited 0, gave up 0, replaced []
{"invalid":1} of 0 opened, waited 0, gave up 0, replaced []
bool(false)
{"unavailable":1} of 0 opened, waited 0, gave up 0, replaced []
closed true connection refused
closed true connection refused
