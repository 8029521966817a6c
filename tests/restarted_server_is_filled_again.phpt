--TEST--
A server that comes back empty gets its copies with the next commit
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = preferred(start_servers(3, 'timeout=1&retry_interval=0'), 'abc');
visit('abc', fn() => $_SESSION['n'] = 1);
$servers[0]->kill();
visit('abc', fn() => $_SESSION['n']++);
var_dump($servers[0]->start());
visit('abc', fn() => $_SESSION['n']++);
echo $servers[0]->get('abc'), ' ', $servers[1]->get('abc'), "\n";
$servers[1]->kill();
$servers[2]->kill();
visit('abc', fn() => $_SESSION['n']++);
echo $servers[0]->get('abc'), "\n";
?>
--EXPECT--
bool(true)
n|i:3; n|i:3;
n|i:4;
