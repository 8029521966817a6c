--TEST--
A waiting request gets the lock soon after the holder closes, and reads the holder's changes
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
$holder = hold('abc', '$_SESSION["n"] = 1;');

$waiter = new Process('session_id("abc"); session_start(); echo $_SESSION["n"], "\n"; echo microtime(true);');
usleep(300000);
$holder->go_on();
$holder->output();
$freed = microtime(true);
echo $waiter->line(), "\n";
$granted = (float) $waiter->output();
var_dump($granted - $freed < 1);
foreach ($servers as $server) {
    echo $server->with_lock('abc'), "\n";
}
?>
--EXPECT--
1
bool(true)
n|i:1; free
n|i:1; free
