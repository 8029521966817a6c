--TEST--
Each failure gives one warning of the extension, before the one that PHP adds
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$server->kill();
session_id('abc');
var_dump(session_start());
?>
--EXPECTF--
Warning: session_start(): no memcached server could be used for the session (127.0.0.1:%d: connection refused); the session was not opened, and the stored session was not changed. Check the servers, and check that the save_path names them in %s on line %d

Warning: session_start(): Failed to read session data: memcache (path: %s) in %s on line %d
bool(false)
