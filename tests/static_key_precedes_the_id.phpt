--TEST--
session_prefix_static_key keeps sites apart
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
ini_set('memcache.session_prefix_static_key', 'shop-');
visit('abc', fn() => $_SESSION['n'] = 1);
ini_set('memcache.session_prefix_static_key', '');
visit('abc', fn() => $_SESSION['n'] = 2);
echo $server->get('shop-abc'), ' ', $server->get('abc'), "\n";
ini_set('memcache.session_prefix_host_key', '1');
visit('abc', fn() => $_SESSION['n']++);
echo $server->get('abc'), " on the command line there is no host\n";
?>
--EXPECT--
n|i:1; n|i:2;
n|i:3; on the command line there is no host
