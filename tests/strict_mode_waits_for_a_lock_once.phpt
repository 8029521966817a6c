--TEST--
In strict mode a request waits once for a held lock, and the id is kept
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
visit('abc', fn() => $_SESSION['n'] = 1);
$holder = hold('abc');
ini_set('session.use_strict_mode', '1');
ini_set('memcache.session_lock_wait', '0.4');
session_id('abc');
$began = microtime(true);
var_dump(session_start());
$waited = microtime(true) - $began;
var_dump($waited > 0.39, $waited < 0.75);
$holder->output();
session_id('abc');
var_dump(session_start(), session_id());
?>
--EXPECTF--
Warning: session_start(): the session is locked by process %d on %s for %d s, at 127.0.0.1:%d; this request waited %f s (memcache.session_lock_wait allows 0.4 s: raise it, or close the session earlier in that request, see docs/locking.md). It was not opened, and it was not changed in %s on line %d

Warning: session_start(): Failed to read session data: memcache (path: %s) in %s on line %d
bool(false)
bool(true)
bool(true)
bool(true)
string(3) "abc"
