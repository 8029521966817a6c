--TEST--
A session that pecl/memcache stored is read and locked like one of ours
--EXTENSIONS--
memcache_session
zlib
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$server->set('abc', 'n|i:41;');
visit('abc', fn() => $_SESSION['n']++);
echo $server->get('abc'), "\n";
$server->set('abc', gzcompress('n|i:99;'), 2);
visit('abc', fn() => $_SESSION['n']++);
echo $server->get('abc'), "\n";
// pecl/memcache leaves this when it releases a lock.
$server->set('abc.lock', '0', 768);
visit('abc', fn() => $_SESSION['n']++);
echo $server->get('abc'), "\n";
// pecl/memcache holds this lock.
$server->set('abc.lock', '1', 768);
ini_set('memcache.session_lock_wait', '0.1');
session_id('abc');
var_dump(session_start());
?>
--EXPECTF--
n|i:42;
n|i:100;
n|i:101;

Warning: session_start(): the session is locked by another request (of pecl/memcache, or of unknown origin), at 127.0.0.1:%d; this request waited %f s (memcache.session_lock_wait allows 0.1 s: raise it, or close the session earlier in that request, see docs/locking.md). It was not opened, and it was not changed in %s on line %d

Warning: session_start(): Failed to read session data: memcache (path: tcp://127.0.0.1:%d?timeout=1) in %s on line %d
bool(false)
