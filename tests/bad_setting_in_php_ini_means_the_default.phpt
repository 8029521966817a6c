--TEST--
A setting that is not allowed in php.ini gives one warning, and the default applies
--EXTENSIONS--
memcache_session
--FILE--
<?php
require __DIR__ . '/server.inc';
echo php('foreach (["lock_timeout", "session_redundancy", "hash_strategy", "session_lock_failure",
    "default_port"] as $name) { echo "$name = ", ini_get("memcache.$name"), "\n"; }', [
    'memcache.lock_timeout' => '15 minutes', 'memcache.session_redundancy' => '0',
    'memcache.hash_strategy' => 'random', 'memcache.session_lock_failure' => 'ignore',
    'memcache.default_port' => '99999', 'display_startup_errors' => '1']);
?>
--EXPECT--
Warning: PHP Startup: memcache.default_port must be a port number from 1 to 65535; the given value is "99999" in Unknown on line 0

Warning: PHP Startup: memcache.hash_strategy must be consistent, standard, ketama, ketama_unweighted or modula; the given value is "random" in Unknown on line 0

Warning: PHP Startup: memcache.lock_timeout must be a whole number from 1 to 2147483647; the given value is "15 minutes" in Unknown on line 0

Warning: PHP Startup: memcache.session_redundancy must be a whole number from 1 to 2147483647; the given value is "0" in Unknown on line 0

Warning: PHP Startup: memcache.session_lock_failure must be fail or readonly; the given value is "ignore" in Unknown on line 0
lock_timeout = 15
session_redundancy = 2
hash_strategy = consistent
session_lock_failure = fail
default_port = 11211
