--TEST--
An unknown id is not begun as an empty session while its copies may be on dead servers
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
$servers = preferred(start_servers(3), 'abc');
visit('abc', fn() => $_SESSION['n'] = 1);
$servers[0]->kill();
$servers[1]->kill();
session_id('abc');
var_dump(session_start());
var_dump($servers[2]->get('abc'));
?>
--EXPECTF--
Warning: session_start(): it cannot be told whether the session exists, for too many servers are silent (%s); it was not opened, rather than begun anew as an empty one. Check the servers in %s on line %d

Warning: session_start(): Failed to read session data: memcache (path: %s) in %s on line %d
bool(false)
NULL
