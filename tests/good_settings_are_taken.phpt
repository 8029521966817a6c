--TEST--
Allowed settings are accepted, in upper and lower case
--EXTENSIONS--
memcache_session
--INI--
memcache.session_prefix_static_key=x
memcache.session_save_path=tcp://127.0.0.1
--FILE--
<?php
require __DIR__ . '/server.inc';
$good = [
    'allow_failover' => ['0', '1', 'On', 'off', 'YES', 'no', 'true', 'FALSE', '2', ''],
    'max_failover_attempts' => ['1', '2147483647'],
    'default_port' => ['1', '65535'],
    'hash_strategy' => ['standard', 'CONSISTENT', 'Ketama', 'ketama_unweighted', 'modula'],
    'hash_function' => ['fnv', 'CRC32'],
    'compress_threshold' => ['0', '1', '020000'],
    'lock_timeout' => ['1', '3600'],
    'session_redundancy' => ['1', '99'],
    'session_search' => ['0', '14', '1024'],
    'session_prefix_static_key' => ['', 'shop-', 'memc.sess.key.', str_repeat('a', 200)],
    'session_prefix_separator' => ['', ':', '.', '2', str_repeat(':', 16)],
    'session_ids' => ['php', 'ANY'],
    'session_meta' => ['off', 'AUTO', ''],
    'session_save_path' => ['', 'tcp://10.0.0.1:11211'],
    'session_hash_strategy' => ['', 'ketama'],
    'session_lock' => ['0', '1'],
    'session_lock_wait' => ['', '0', '0.25', '10', '3.0000001'],
    'session_status' => ['0', '1', 'off'],
    'session_warn_size' => ['0', '500000'],
    'session_lock_failure' => ['readonly', 'FAIL'],
    'session_merge' => ['fail', 'LAST', 'off', ''],
];
foreach ($good as $name => $values) {
    foreach ($values as $value) {
        if (ini_set("memcache.$name", $value) === false || ini_get("memcache.$name") !== $value) {
            echo "memcache.$name refused ", json_encode($value), "\n";
        }
    }
}
echo "done\n";
?>
--EXPECT--
done
