--TEST--
A session above the threshold is compressed, readable as zlib by any client
--EXTENSIONS--
memcache_session
zlib
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$text = str_repeat('All work and no play makes Jack a dull boy. ', 1000);
visit('abc', fn() => $_SESSION['text'] = $text);
$stored = $server->get('abc', $flags);
var_dump(strlen($stored) < 2000, $flags & 0xffff);
var_dump(gzuncompress($stored) === 'text|' . serialize($text));
visit('abc', fn() => var_dump($_SESSION['text'] === $text));

// The threshold is a setting, and 0 switches compression off.
ini_set('memcache.compress_threshold', '0');
visit('abc', fn() => $_SESSION['n'] = 1);
var_dump(strlen($server->get('abc', $flags)) > strlen($text), $flags & 0xffff);
ini_set('memcache.compress_threshold', '10');
visit('abc', fn() => $_SESSION['n'] = 2);
$server->get('abc', $flags);
var_dump($flags & 0xffff);
?>
--EXPECT--
bool(true)
int(2)
bool(true)
bool(true)
bool(true)
int(0)
int(2)
