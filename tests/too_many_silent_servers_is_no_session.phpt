--TEST--
An unknown id does not begin an empty session while dead servers may have its copies
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = preferred(start_servers(3), 'abc');
visit('abc', fn() => $_SESSION['n'] = 1);
$servers[0]->kill();
$servers[1]->kill();
session_id('abc');
var_dump(session_start());
var_dump($servers[2]->get('abc'));
?>
--EXPECTF--
Warning: session_start(): it is unknown whether the session exists, because too many servers are silent (127.0.0.1:%d: connection refused; 127.0.0.1:%d: connection refused); it was not opened, so that an empty session does not replace it. Check the servers in %s on line %d

Warning: session_start(): Failed to read session data: memcache (path: %s) in %s on line %d
bool(false)
NULL
