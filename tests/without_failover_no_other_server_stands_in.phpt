--TEST--
With allow_failover = 0 only the first servers of a session hold it
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = preferred(start_servers(3), 'abc');
ini_set('memcache.allow_failover', '0');
visit('abc', fn() => $_SESSION['n'] = 1);
$servers[0]->kill();
visit('abc', fn() => $_SESSION['n']++);
echo $servers[1]->get('abc'), ' ', $servers[2]->get('abc') ?? 'none', "\n";
ini_set('memcache.allow_failover', '1');
visit('abc', fn() => $_SESSION['n']++);
echo $servers[1]->get('abc'), ' ', $servers[2]->get('abc') ?? 'none', "\n";
?>
--EXPECT--
n|i:2; none
n|i:3; n|i:3;
