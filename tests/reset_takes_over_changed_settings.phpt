--TEST--
session_reset() after ini_set() uses the new settings
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
ini_set('memcache.session_redundancy', '1');
session_id('abc');
session_start();
$_SESSION['n'] = 1;
session_write_close();
session_start();
ini_set('memcache.session_redundancy', '2');
session_reset();
$_SESSION['n']++;
session_write_close();
foreach ($servers as $server) {
    echo $server->get('abc'), ' ';
    var_dump($server->get('abc.lock'));
}
?>
--EXPECT--
n|i:2; NULL
n|i:2; NULL
