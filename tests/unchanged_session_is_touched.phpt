--TEST--
A session that was not changed gets a new lifetime, and is not stored again
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
ini_set('session.gc_maxlifetime', '100');
visit('abc', fn() => $_SESSION['n'] = 1);
$stores = $server->stat('cmd_touch');
ini_set('session.gc_maxlifetime', '5000');
visit('abc', fn() => null);
echo $server->get('abc', $flags), ' version ', $flags >> 16, "\n";
var_dump($server->lifetime('abc') > 4990);

ini_set('session.lazy_write', '0');
visit('abc', fn() => null);
echo $server->get('abc', $flags), ' version ', $flags >> 16, "\n";
?>
--EXPECT--
n|i:1; version 1
bool(true)
n|i:1; version 2
