--TEST--
Settings that both have are read, although pecl/memcache has registered them
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
$servers = start_servers(3);
$visit = 'session_id("abc"); session_start(); $_SESSION["text"] = str_repeat("n", 500); session_write_close();';
foreach ([
    ['abc', [], ''],
    ['abc', ['memcache.session_redundancy' => '1'], ''],
    ['abc', ['memcache.session_redundancy' => '1'], 'ini_set("memcache.session_redundancy", "3");'],
    ['k-abc', ['memcache.session_prefix_static_key' => 'k-'], ''],
    ['abc', ['memcache.compress_threshold' => '100'], ''],
    ['abc', ['memcache.session_save_path' => save_path([$servers[1]]), 'session.save_path' => 'nowhere'], ''],
    ['abc', ['session.save_path' => '127.0.0.1', 'memcache.default_port' => $servers[2]->port], ''],
] as [$key, $settings, $code]) {
    foreach (with_both_extensions($code . $visit, ['session.save_handler' => 'memcache_session'] + $settings)
        as $order => $output) {
        echo "$order: ", json_encode(array_keys($settings)), ' ', $code, $output;
        $held = array_values(array_filter($servers, fn($server) => $server->get($key) !== null));
        $held && $held[0]->get($key, $flags);
        echo ' => ', count($held), ' copies', $held && $flags & 2 ? ', compressed' : '', "\n";
        array_map(fn($server) => $server->ask("flush_all\r\n"), $servers);
    }
}
?>
--EXPECT--
pecl/memcache first: []  => 2 copies
pecl/memcache second: []  => 2 copies
pecl/memcache first: ["memcache.session_redundancy"]  => 1 copies
pecl/memcache second: ["memcache.session_redundancy"]  => 1 copies
pecl/memcache first: ["memcache.session_redundancy"] ini_set("memcache.session_redundancy", "3"); => 3 copies
pecl/memcache second: ["memcache.session_redundancy"] ini_set("memcache.session_redundancy", "3"); => 3 copies
pecl/memcache first: ["memcache.session_prefix_static_key"]  => 2 copies
pecl/memcache second: ["memcache.session_prefix_static_key"]  => 2 copies
pecl/memcache first: ["memcache.compress_threshold"]  => 2 copies, compressed
pecl/memcache second: ["memcache.compress_threshold"]  => 2 copies, compressed
pecl/memcache first: ["memcache.session_save_path","session.save_path"]  => 1 copies
pecl/memcache second: ["memcache.session_save_path","session.save_path"]  => 1 copies
pecl/memcache first: ["session.save_path","memcache.default_port"]  => 1 copies
pecl/memcache second: ["session.save_path","memcache.default_port"]  => 1 copies
