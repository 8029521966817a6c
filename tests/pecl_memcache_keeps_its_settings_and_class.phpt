--TEST--
When both are loaded, pecl/memcache keeps its settings, their checks and its class
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
need_pecl_memcache();
?>
--FILE--
<?php
require __DIR__ . '/both_extensions.inc';
[$server] = start_servers(1);
$settings = 'echo json_encode(ini_get_all("memcache")), "\n";
    foreach (["memcache.hash_strategy" => "ketama", "memcache.protocol" => "none",
        "memcache.session_redundancy" => "0", "memcache.lock_timeout" => "-1"] as $name => $value) {
        var_dump(ini_set($name, $value));
    }';
$alone = run_with_extensions([PECL_MEMCACHE], $settings);
$class = 'foreach (["Memcache", "MemcachePool"] as $name) {
        $cache = new $name;
        $cache->addServer("127.0.0.1", ' . $server->port . ');
        $cache->set("key", ["a" => 1]);
        echo json_encode($cache->get("key")), " ", $cache->increment("n") ?: "no n", " ";
    }
    session_id("abc");
    session_start();
    $_SESSION["n"] = 1;
    session_write_close();
    echo $cache->get("abc");';
foreach (with_both_extensions($settings) as $order => $output) {
    echo "$order: ", $output === $alone ? 'as alone' : "$output\nalone: $alone", "\n";
}
echo substr_count($alone, '"global_value"') > 15 ? '' : $alone;
// Its class creates dynamic properties, which are deprecated since PHP 8.2.
$settings = ['session.save_handler' => 'memcache_session', 'error_reporting' => E_ALL & ~E_DEPRECATED];
foreach (with_both_extensions($class, $settings) as $order => $output) {
    echo "$order: $output\n";
}
?>
--EXPECT--
pecl/memcache first: as alone
pecl/memcache second: as alone
pecl/memcache first: {"a":1} no n {"a":1} no n n|i:1;
pecl/memcache second: {"a":1} no n {"a":1} no n n|i:1;
