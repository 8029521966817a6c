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
// Its low 16 bits are 0. PHP with 32 bits has no number of that size.
$low = array_reduce(str_split($token), fn($rest, $digit) => ($rest * 10 + $digit) % 65536, 0);
var_dump($flags, $low === 0, $set);
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
