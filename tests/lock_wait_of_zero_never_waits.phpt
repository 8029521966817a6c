--TEST--
With session_lock_wait = 0 a locked session fails at once
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
start_servers(1);
$holder = hold('abc', '$_SESSION["n"] = 1;');

ini_set('memcache.session_lock_wait', '0');
session_id('abc');
$began = microtime(true);
var_dump(session_start());
var_dump(microtime(true) - $began < 1);
?>
--EXPECTF--
Warning: session_start(): the session is locked by process %d on %s for %d s, at 127.0.0.1:%d; this request waited 0%S s (memcache.session_lock_wait allows 0 s: raise it, or close the session earlier in that request, see docs/locking.md). It was not opened, and it was not changed in %s on line %d

Warning: session_start(): Failed to read session data: memcache (path: %s) in %s on line %d
bool(false)
bool(true)
