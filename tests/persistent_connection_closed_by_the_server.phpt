--TEST--
A kept connection that the server closed in between is replaced, unnoticed
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
[$server] = start_servers(1, 'persistent=1&timeout=1');
$log = tempnam(sys_get_temp_dir(), 'log');
ini_set('log_errors', '1');
ini_set('error_log', $log);
visit('abc', fn() => $_SESSION['n'] = 1);
$server->kill();
$server->start();
$server->set('abc', 'n|i:1;', 1 << 16);
visit('abc', fn() => $_SESSION['n']++);
echo $server->get('abc'), "\n";

// And while the session is open: then it is looked at again, and nothing is stored blindly.
session_start();
$server->kill();
$server->start();
$server->set('abc', 'n|i:2;', 2 << 16);
$_SESSION['n']++;
var_dump(session_write_close());
echo $server->get('abc'), "\n";
session_start();
$server->kill();
$server->start();
$server->set('abc', 'n|i:7;', 7 << 16);
$_SESSION['n']++;
@session_write_close();
echo $server->get('abc'), "\n";
echo file_get_contents($log);
unlink($log);
?>
--EXPECT--
n|i:2;
bool(true)
n|i:3;
n|i:7;
