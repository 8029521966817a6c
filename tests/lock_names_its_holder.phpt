--TEST--
A lock names its holder
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
[$token, $set, $host, $pid, $time, $path] = explode(' ', $server->get('abc.lock', $flags));
var_dump($flags, (int) $token >> 16 << 16 === (int) $token, $set);
var_dump(str_starts_with($host, gethostname()), (int) $pid === getmypid(), abs($time - time()) < 3);
var_dump($path === substr(__FILE__, 0, 100));
var_dump($server->lifetime('abc.lock') <= 15);
?>
--EXPECT--
int(768)
bool(true)
string(1) "0"
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
