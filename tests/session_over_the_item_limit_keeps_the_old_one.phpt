--TEST--
A session too large for memcached is refused with its size, and the old one stays
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
ini_set('memcache.compress_threshold', '0');
visit('abc', fn() => $_SESSION['n'] = 1);
visit('abc', fn() => $_SESSION['text'] = str_repeat('x', 2000000));
echo contents('abc'), "\n";
foreach ($servers as $server) {
    echo $server->with_lock('abc'), "\n";
}
?>
--EXPECTF--
Warning: session_write_close(): the session was not stored, and its previous state is kept: 127.0.0.1:%d refused 2000024 bytes in place of %d: object too large for cache. The limit is the server's item size (memcached -I, 1 MB if not set): keep less in the session, lower memcache.compress_threshold, or raise -I on every server in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). Please verify that the current setting of session.save_path is correct (%s) in %s on line %d
{"n":1}
n|i:1; free
n|i:1; free
