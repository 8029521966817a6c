--TEST--
Settings have their names and defaults, and can be changed everywhere
--EXTENSIONS--
memcache_session
--FILE--
<?php
require __DIR__ . '/server.inc';
foreach (ini_get_all('memcache_session') as $name => $setting) {
    echo $name, ' = ', json_encode($setting['global_value']),
        $setting['access'] === INI_ALL ? '' : ' not changeable everywhere', "\n";
}
?>
--EXPECT--
memcache.allow_failover = "1"
memcache.compress_threshold = "20000"
memcache.default_port = "11211"
memcache.hash_function = "crc32"
memcache.hash_strategy = "consistent"
memcache.lock_timeout = "15"
memcache.max_failover_attempts = "20"
memcache.session_hash_strategy = ""
memcache.session_ids = "any"
memcache.session_inspect = "0" not changeable everywhere
memcache.session_lock = "1"
memcache.session_lock_failure = "fail"
memcache.session_lock_wait = ""
memcache.session_lock_waiters = "0"
memcache.session_merge = "off"
memcache.session_meta = "auto"
memcache.session_prefix_host_key = "0"
memcache.session_prefix_host_key_remove_subdomain = "0"
memcache.session_prefix_host_key_remove_www = "1"
memcache.session_prefix_separator = ""
memcache.session_prefix_static_key = null
memcache.session_readonly_paths = ""
memcache.session_redundancy = "2"
memcache.session_save_path = null
memcache.session_search = "14"
memcache.session_status = "1"
memcache.session_status_reset = "0" not changeable everywhere
memcache.session_warn_size = "0"
