--TEST--
session_reset() keeps the lock, and waits for nobody
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
session_id('abc');
session_start();
$before = $server->get('abc.lock');
$began = microtime(true);
var_dump(session_reset());
var_dump(microtime(true) - $began < 0.5);
$token = fn(string $lock) => strtok($lock, ' ');
var_dump($token($server->get('abc.lock')) === $token($before));
$_SESSION['n'] = 1;
var_dump(session_write_close());
var_dump($server->get('abc.lock'));
echo $server->get('abc'), "\n";
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
NULL
n|i:1;
