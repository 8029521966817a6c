--TEST--
A kept connection that the server has closed is replaced without a warning
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
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

// If it is closed while the session is open, the item is read again before anything is stored.
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
