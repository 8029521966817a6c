--TEST--
A lifetime beyond thirty days is not taken for a date, and none of zero or less means for ever
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$lifetimes = [1, 1440, 2592000, 2592001, 31536000, 2147483647, 2147483648, 4000000000, PHP_INT_MAX, 0, -1,
    PHP_INT_MIN];
foreach ($lifetimes as $lifetime) {
    // Some versions of PHP refuse what is negative.
    $is_taken = @ini_set('session.gc_maxlifetime', (string) $lifetime) !== false;
    visit("abc$lifetime", fn() => $_SESSION['n'] = 1);
    $left = $server->lifetime("abc$lifetime");
    // PHP with 32 bits reads a larger number as a negative one.
    $expected = $lifetime > 0 && $lifetime <= PHP_INT_MAX ? min($lifetime, 2147483647 - time()) : -1;
    echo $lifetime, ': ', $left === null ? 'gone' :
        (abs($left - $expected) < 5 || (!$is_taken && $left > 0) ? 'right' : $left), "\n";
}
// Nothing is left of the look at the server's clock.
$keys = $server->ask("lru_crawler metadump all\r\n");
var_dump(str_contains($keys, 'key=abc1440 '), str_contains($keys, 'key=memcache_session'));
?>
--EXPECTF--
1: right
1440: right
2592000: right
2592001: right
31536000: right
2147483647: right
2147483648: right
4000000000: right
%d: right
0: right
-1: right
-%d: right
bool(true)
bool(false)
