--TEST--
A server that is full and does not evict keeps the old session
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$server = new Server(['-M', '-m', '2']);
ini_set('session.save_path', save_path([$server]));
ini_set('memcache.compress_threshold', '0');
visit('abc', fn() => $_SESSION['n'] = 1);
$value = str_repeat('x', 100000);
for ($i = 0; $server->ask("set fill$i 0 0 100000\r\n$value\r\n") === "STORED\r\n"; ++$i);
visit('abc', fn() => $_SESSION['text'] = str_repeat('y', 100000));
echo $server->with_lock('abc'), "\n";
?>
--EXPECTF--
Warning: session_write_close(): the session was not stored, and its previous state is kept: 127.0.0.1:%d refused 100023 bytes in place of 6: out of memory storing object. Give the server more memory (memcached -m), or let it evict (without -M) in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). Please verify that the current setting of session.save_path is correct (%s) in %s on line %d
n|i:1; free
