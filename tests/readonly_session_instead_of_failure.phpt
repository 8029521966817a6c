--TEST--
With session_lock_failure = readonly a locked session can be read, and is not stored
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
visit('abc', fn() => $_SESSION['n'] = 7);
$holder = hold('abc', '$_SESSION["n"] = 1;');

ini_set('memcache.session_lock_wait', '0.1');
ini_set('memcache.session_lock_failure', 'readonly');
session_id('abc');
var_dump(session_start());
echo json_encode($_SESSION), "\n";
session_write_close();
echo "unchanged: no warning\n";
session_start();
$_SESSION['n'] = 8;
session_write_close();
echo $server->get('abc'), "\n";
echo $server->get('abc.lock') !== null ? 'still held' : 'lost', "\n";
?>
--EXPECTF--
bool(true)
{"n":7}
unchanged: no warning

Warning: session_write_close(): the session is read-only in this request (memcache.session_lock_failure), because it was locked by process %d on %s; this request waited %f s (memcache.session_lock_wait allows 0.1 s: raise it, or close the session earlier in that request, see docs/locking.md). The changes of this request were not stored in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). Please verify that the current setting of session.save_path is correct (%s) in %s on line %d
n|i:7;
still held
