--TEST--
A request that changes nothing overwrites nothing, even with session_lock = 0
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_lock=0
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
$add = 'session_id("abc"); session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1;';
php($add);
session_id('abc');
session_start();
php($add, ['memcache.session_lock' => '1']);
var_dump(session_write_close());
foreach ($servers as $server) {
    echo $server->get('abc'), "\n";
}
?>
--EXPECT--
bool(true)
n|i:2;
n|i:2;
