--TEST--
php-memcached's and pecl/memcache's get() read a session that was made after any number of logouts
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
need_pecl_memcache();
need_php_memcached();
?>
--FILE--
<?php
require __DIR__ . '/both_extensions.inc';
[$server] = start_servers(1);
$port = $server->port;
for ($logouts = 0; $logouts < 5; ++$logouts) {
    visit('abc', fn() => $_SESSION['logouts'] = $logouts);
    $server->get('abc', $flags);
    echo 'bits 12 and 13: ', $flags >> 12 & 3, "\n";
    $memcached = ['msgpack.so', 'igbinary.so', 'memcached.so'];
    echo run_with_extensions($memcached, "
        \$client = new Memcached;
        \$client->addServer('127.0.0.1', $port);
        var_dump(\$client->get('abc'));
    ", ['error_reporting' => '8191']);
    echo run_with_extensions([PECL_MEMCACHE], "
        error_reporting(E_ALL & ~E_DEPRECATED);
        \$client = new Memcache;
        \$client->addServer('127.0.0.1', $port);
        var_dump(\$client->get('abc'));
    ", ['error_reporting' => '8191']);
    visit('abc', fn() => session_destroy());
}
?>
--EXPECT--
bits 12 and 13: 0
string(12) "logouts|i:0;"
string(12) "logouts|i:0;"
bits 12 and 13: 1
string(12) "logouts|i:1;"
string(12) "logouts|i:1;"
bits 12 and 13: 2
string(12) "logouts|i:2;"
string(12) "logouts|i:2;"
bits 12 and 13: 3
string(12) "logouts|i:3;"
string(12) "logouts|i:3;"
bits 12 and 13: 0
string(12) "logouts|i:4;"
string(12) "logouts|i:4;"
