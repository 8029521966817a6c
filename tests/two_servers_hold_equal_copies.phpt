--TEST--
Two servers hold equal copies of a session, three hold two
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
visit('abc', fn() => $_SESSION['n'] = 1);
foreach ($servers as $server) {
    echo $server->get('abc', $flags), ' version ', $flags >> 16, "\n";
}
visit('abc', fn() => $_SESSION['n']++);
foreach ($servers as $server) {
    echo $server->get('abc', $flags), ' version ', $flags >> 16, "\n";
}

$servers = start_servers(3);
visit('abc', fn() => $_SESSION['n'] = 1);
echo count(array_filter($servers, fn($server) => $server->get('abc') !== null)), " copies\n";
?>
--EXPECT--
n|i:1; version 1
n|i:1; version 1
n|i:2; version 2
n|i:2; version 2
2 copies
