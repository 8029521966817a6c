--TEST--
A request waits for a held lock, then fails with a warning, and the session stays as it is
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
visit('abc', fn() => $_SESSION['secret'] = 42);
$holder = hold('abc', '$_SESSION["n"] = 1;');

ini_set('memcache.session_lock_wait', '0.3');
session_id('abc');
$began = microtime(true);
var_dump(session_start());
$waited = microtime(true) - $began;
var_dump($waited > 0.29, $waited < 1.5);
var_dump($_SESSION, session_status() === PHP_SESSION_NONE);
echo $server->get('abc'), "\n";
echo $holder->pid === (int) explode(' ', $server->get('abc.lock'))[3] ? 'still held' : 'taken', "\n";
?>
--EXPECTF--
Warning: session_start(): the session is locked by process %d on %s for %d s, at 127.0.0.1:%d; this request waited %f s (memcache.session_lock_wait allows 0.3 s: raise it, or close the session earlier in that request, see docs/locking.md). It was not opened, and it was not changed in %s on line %d

Warning: session_start(): Failed to read session data: memcache (path: tcp://127.0.0.1:%d?timeout=1) in %s on line %d
bool(false)
bool(true)
bool(true)
array(0) {
}
bool(true)
secret|i:42;
still held
