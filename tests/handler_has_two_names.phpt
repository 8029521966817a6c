--TEST--
The handler has two names, memcache and memcache_session
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
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
