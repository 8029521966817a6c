--TEST--
A lifetime beyond thirty days is not taken for a date
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
foreach ([1, 1440, 2592000, 2592001, 31536000, 4000000000] as $lifetime) {
    ini_set('session.gc_maxlifetime', $lifetime);
    visit("abc$lifetime", fn() => $_SESSION['n'] = 1);
    $left = $server->lifetime("abc$lifetime");
    echo $lifetime, ': ', $left === null ? 'gone' :
        (abs($left - min($lifetime, 2147483647 - time())) < 5 ? 'right' : $left), "\n";
}
?>
--EXPECT--
1: right
1440: right
2592000: right
2592001: right
31536000: right
4000000000: right
