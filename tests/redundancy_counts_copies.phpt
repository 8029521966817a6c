--TEST--
session_redundancy is the number of copies, at most one on each server
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(3);
foreach ([1, 2, 3, 4, 2147483647] as $copies) {
    ini_set('memcache.session_redundancy', $copies);
    visit("abc$copies", fn() => $_SESSION['n'] = 1);
    $holders = array_filter($servers, fn($server) => $server->get("abc$copies") !== null);
    echo $copies, ': ', count($holders), "\n";
}
?>
--EXPECT--
1: 1
2: 2
3: 3
4: 3
2147483647: 3
