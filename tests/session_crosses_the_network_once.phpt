--TEST--
A session crosses the network once when it is opened, whatever the number of its copies
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.save_handler=memcache
memcache.compress_threshold=0
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(3, 'timeout=1&persistent=1');

function sent(array $servers): int
{
    return array_sum(array_map(fn($server) => $server->stat('bytes_written'), $servers));
}

// The bytes that the servers send while a session is opened, beside those of the statistics.
function bytes_of_opening(array $servers): int
{
    $first = sent($servers);
    $second = sent($servers);
    visit('abc', fn() => session_abort());
    return sent($servers) - $second - ($second - $first);
}

foreach (['auto', 'off'] as $meta) {
    ini_set('memcache.session_meta', $meta);
    foreach ([100, 900] as $kilobytes) {
        echo "$meta, $kilobytes KB:";
        foreach ([1, 2, 3] as $copies) {
            ini_set('memcache.session_redundancy', $copies);
            visit('abc', fn() => $_SESSION = ['text' => random_bytes(1024 * $kilobytes)]);
            printf(' %.1f', bytes_of_opening($servers) / (1024 * $kilobytes));
        }
        echo "\n";
    }
}
ob_start();
phpinfo(INFO_MODULES);
echo implode("\n", preg_grep('/^Protocol of /', explode("\n", ob_get_clean()))), "\n";
?>
--EXPECTF--
auto, 100 KB: 1.0 1.0 1.0
auto, 900 KB: 1.0 1.0 1.0
off, 100 KB: 1.0 2.0 3.0
off, 900 KB: 1.0 2.0 3.0
Protocol of 127.0.0.1:%d => meta
Protocol of 127.0.0.1:%d => meta
Protocol of 127.0.0.1:%d => meta
