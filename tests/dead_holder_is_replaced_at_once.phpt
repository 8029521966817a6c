--TEST--
The lock of a process that was killed is taken over at once
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
visit('abc', fn() => $_SESSION['n'] = 7);
$holder = hold('abc', '$_SESSION["n"] = 1;');

$holder->kill();
session_id('abc');
$began = microtime(true);
var_dump(session_start());
var_dump(microtime(true) - $began < 0.5);
echo json_encode($_SESSION), "\n";
$_SESSION['n']++;
var_dump(session_write_close());
foreach ($servers as $server) {
    echo $server->with_lock('abc'), "\n";
}
?>
--EXPECT--
bool(true)
bool(true)
{"n":7}
bool(true)
n|i:8; free
n|i:8; free
