--TEST--
Who holds a session longer than its lease, and was overtaken, does not overwrite
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
[$server] = start_servers(1);
ini_set('memcache.lock_timeout', '2');
visit('abc', fn() => $_SESSION['n'] = 1);
session_start();
$_SESSION['n'] = 'late';
// The lease runs out, and another request has the session.
$server->delete('abc.lock');
echo php('session_id("abc"); session_start(); echo $_SESSION["n"]++;'), "\n";
session_write_close();
echo $server->get('abc'), "\n";
?>
--EXPECTF--
1

Warning: session_write_close(): another request has written the session since this one read it, for the lock was held longer than its lease of 2 s (memcache.lock_timeout) or was lost with a server; the other's changes stay, and those of this request were not stored in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). Please verify that the current setting of session.save_path is correct (%s) in %s on line %d
n|i:2;
