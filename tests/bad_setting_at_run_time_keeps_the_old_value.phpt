--TEST--
A setting that is not allowed gives a warning with the allowed values, and the old value stays
--EXTENSIONS--
memcache_session
--FILE--
<?php
require __DIR__ . '/server.inc';
$bad = [
    'allow_failover' => ['maybe', '-1', ' 1', '99999999999'],
    'max_failover_attempts' => ['0', '', 'x', '1.5'],
    'session_search' => ['-1', '', '1025', 'all'],
    'default_port' => ['0', '65536', '-1', 'x', ''],
    'hash_strategy' => ['', 'random', 'consistent '],
    'hash_function' => ['', 'md5'],
    'compress_threshold' => ['', '-1', '20k', '99999999999999999999'],
    'lock_timeout' => ['0', '', '-5', '15s', '0x10', ' 15', '15 ', '1e3', '2147483648'],
    'session_redundancy' => ['0', '-1', 'all'],
    'session_prefix_static_key' => ['a b', "a\r\nb", str_repeat('a', 201)],
    'session_prefix_separator' => [' ', "\t", "a\x7f", str_repeat(':', 17)],
    'session_ids' => ['', 'php ', 'all'],
    'session_meta' => ['1', 'on'],
    'session_prefix_host_key' => ['maybe'],
    'session_hash_strategy' => ['random'],
    'session_lock' => ['maybe'],
    'session_lock_wait' => ['x', '-1', '1.', '.5', '1.5.5', '1e3', 'INF'],
    'session_status' => ['maybe'],
    'session_warn_size' => ['', '-1', '1M'],
    'session_lock_failure' => ['', 'ignore'],
    'session_merge' => ['1', 'on'],
];
set_error_handler(function (int $code, string $text) {
    global $texts;
    $texts[preg_replace('/; the given value is ".*/s', '', $text)] = true;
    return true;
});
foreach ($bad as $name => $values) {
    $old = ini_get("memcache.$name");
    foreach ($values as $value) {
        $texts = $texts ?? [];
        if (ini_set("memcache.$name", $value) !== false || ini_get("memcache.$name") !== $old) {
            echo "memcache.$name took ", json_encode($value), "\n";
        }
    }
}
echo implode("\n", array_keys($texts)), "\n";
?>
--EXPECT--
ini_set(): memcache.allow_failover must be 0 or 1
ini_set(): memcache.max_failover_attempts must be a whole number from 1 to 2147483647
ini_set(): memcache.session_search must be a whole number from 0 to 1024
ini_set(): memcache.default_port must be a port number from 1 to 65535
ini_set(): memcache.hash_strategy must be consistent, standard, ketama, ketama_unweighted or modula
ini_set(): memcache.hash_function must be crc32 or fnv
ini_set(): memcache.compress_threshold must be a whole number from 0 to 2147483647
ini_set(): memcache.lock_timeout must be a whole number from 1 to 2147483647
ini_set(): memcache.session_redundancy must be a whole number from 1 to 2147483647
ini_set(): memcache.session_prefix_static_key must be at most 200 characters, none of them a blank or control character
ini_set(): memcache.session_prefix_separator must be at most 16 characters, none of them a blank or control character
ini_set(): memcache.session_ids must be any or php
ini_set(): memcache.session_meta must be auto or off
ini_set(): memcache.session_prefix_host_key must be 0 or 1
ini_set(): memcache.session_hash_strategy must be consistent, standard, ketama, ketama_unweighted or modula, or empty for that of memcache.hash_strategy
ini_set(): memcache.session_lock must be 0 or 1
ini_set(): memcache.session_lock_wait must be a number of seconds from 0 to 2147483647, or empty for twice memcache.lock_timeout
ini_set(): memcache.session_status must be 0 or 1
ini_set(): memcache.session_warn_size must be a whole number from 0 to 2147483647
ini_set(): memcache.session_lock_failure must be fail or readonly
ini_set(): memcache.session_merge must be off, fail or last
