--TEST--
session_reset() keeps its lock, and waits for nobody
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
?>
--INI--
session.save_handler=memcache
session.use_cookies=0
session.use_strict_mode=0
session.cache_limiter=
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
