--TEST--
When both are loaded, the name memcache is pecl/memcache, and memcache_session is this handler
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
// Only this handler stores a version, in the upper half of the flags, and removes its lock.
$visit = 'session_id("abc"); session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1;
    session_write_close(); echo session_module_name();';
foreach (['memcache', 'memcache_session'] as $name) {
    foreach (with_both_extensions($visit, ['session.save_handler' => $name]) as $order => $output) {
        $value = $server->get('abc', $flags);
        echo "$order: $output: $value ", $flags >> 16 ? 'numbered' : 'bare', ', lock ',
            $server->get('abc.lock') ?? 'removed', "\n";
    }
}
// One process may use both handlers.
$visits = '
    foreach (["memcache", "memcache_session", "memcache"] as $name) { session_module_name($name); '
    . $visit . ' echo " "; }';
foreach (with_both_extensions($visits, ['session.save_handler' => 'files']) as $order => $output) {
    echo "$order: $output", $server->get('abc'), "\n";
}
?>
--EXPECT--
pecl/memcache first: memcache: n|i:1; bare, lock 0
pecl/memcache second: memcache: n|i:2; bare, lock 0
pecl/memcache first: memcache_session: n|i:3; numbered, lock removed
pecl/memcache second: memcache_session: n|i:4; numbered, lock removed
pecl/memcache first: memcache memcache_session memcache n|i:7;
pecl/memcache second: memcache memcache_session memcache n|i:10;
