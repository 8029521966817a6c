--TEST--
A request that another has overtaken after the end of its lease does not overwrite
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
ini_set('memcache.lock_timeout', '2');
visit('abc', fn() => $_SESSION['n'] = 1);
session_start();
$_SESSION['n'] = 'late';
// The lease ends, and another request takes the session.
$server->delete('abc.lock');
echo php('session_id("abc"); session_start(); echo $_SESSION["n"]++;'), "\n";
session_write_close();
echo $server->get('abc'), "\n";
?>
--EXPECTF--
1

Warning: session_write_close(): another request has stored the session since this one read it, because the lock was held longer than its lease of 2 s (memcache.lock_timeout) or was lost with a server; the changes of the other request are kept, and those of this request were not stored in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). Please verify that the current setting of session.save_path is correct (%s) in %s on line %d
n|i:2;
