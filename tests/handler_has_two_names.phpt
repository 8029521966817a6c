--TEST--
The handler is memcache, and memcache_session too
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
?>
--INI--
session.save_handler=memcache
session.use_cookies=0
session.use_strict_mode=0
session.cache_limiter=
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
foreach (['memcache', 'memcache_session'] as $name) {
    echo session_module_name($name), ' ';
    echo session_module_name(), "\n";
    visit('abc', fn() => $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1);
}
echo $server->get('abc'), "\n";
?>
--EXPECT--
memcache memcache
memcache memcache_session
n|i:2;
