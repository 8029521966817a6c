--TEST--
When session_lock_waiters requests wait, the next one reads at once if session_lock_failure = readonly
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
ini_set('memcache.session_lock_wait', '20');
ini_set('memcache.session_lock_waiters', '1');
ini_set('memcache.session_lock_failure', 'readonly');
visit('abc', fn() => $_SESSION['n'] = 7);
$holder = hold('abc');
$waiter = new Process('session_id("abc"); session_start(); $_SESSION["n"]++;');
wait_until(fn() => $server->get('abc.lock.1') !== null);
session_id('abc');
$began = microtime(true);
var_dump(session_start());
var_dump(microtime(true) - $began < 0.5);
echo json_encode($_SESSION), "\n";
$_SESSION['n'] = 'lost';
session_write_close();
$holder->go_on();
echo $holder->output(), $waiter->output(), $server->get('abc'), "\n";
?>
--EXPECTF--
bool(true)
bool(true)
{"n":7}

Warning: session_write_close(): the session is read-only in this request (memcache.session_lock_failure), because it was locked by process %d on %s for %d s, at 127.0.0.1:%d, and 1 request waits for it already (memcache.session_lock_waiters allows no more: raise it, or close the session earlier in that request, see docs/locking.md). The changes of this request were not stored in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). Please verify that the current setting of session.save_path is correct (%s) in %s on line %d
n|i:8;
