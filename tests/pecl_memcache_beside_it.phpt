--TEST--
With pecl/memcache, in either order of loading, there is no warning and both handlers work
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
need_pecl_memcache();
?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$directory = ini_get('extension_dir');
$other = PHP_EXTENSION_DIR . '/memcache.so';
foreach ([["$directory/memcache_session.so", $other], [$other, "$directory/memcache_session.so"]] as $order) {
    $command = [PHP_BINARY, '-n', '-d', 'display_errors=1', '-d', 'display_startup_errors=1',
        '-d', "extension=$order[0]", '-d', "extension=$order[1]", '-d', 'session.use_cookies=0',
        '-d', 'session.cache_limiter=', '-d', 'session.save_handler=memcache_session',
        '-d', 'memcache.session_lock_wait=1', '-d', 'memcache.session_hash_strategy=ketama',
        '-d', 'session.save_path="' . save_path([$server]) . '"', '-r', '
        ob_start();
        session_id("abc"); var_dump(session_start()); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1;
        session_write_close();
        echo implode(" ", array_map("ini_get", ["memcache.session_lock_wait",
            "memcache.session_hash_strategy", "memcache.chunk_size", "memcache.session_redundancy"])), "\n";
        // pecl/memcache refuses the first value and accepts the second; this handler does the
        // opposite.
        var_dump(@ini_set("memcache.hash_strategy", "ketama"));
        ini_set("memcache.default_port", "0");
        var_dump(session_start());
        ini_restore("memcache.default_port");
        echo session_module_name("memcache"), " ", session_module_name(), "\n";
        ob_start(); phpinfo(INFO_MODULES); echo preg_match("/^Session save handlers => .*/m", ob_get_clean(), $match), " $match[0]\n";
    '];
    $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
    echo stream_get_contents($pipes[1]);
}
echo $server->get('abc'), "\n";
?>
--EXPECTF--
bool(true)
1 ketama 32768 2
bool(false)

Warning: session_start(): memcache.default_port must be a port number from 1 to 65535; it is "0" in Command line code on line %d

Warning: session_start(): Failed to initialize storage module: memcache_session (path: %s) in Command line code on line %d
bool(false)
memcache_session memcache
1 Session save handlers => memcache_session (memcache is pecl/memcache's)
bool(true)
1 ketama 32768 2
bool(false)

Warning: session_start(): memcache.default_port must be a port number from 1 to 65535; it is "0" in Command line code on line %d

Warning: session_start(): Failed to initialize storage module: memcache_session (path: %s) in Command line code on line %d
bool(false)
memcache_session memcache
1 Session save handlers => memcache_session (memcache is pecl/memcache's)
n|i:2;
