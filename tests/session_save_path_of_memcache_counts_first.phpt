--TEST--
memcache.session_save_path takes precedence over session.save_path, unless it is empty
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
ini_set('session.save_path', save_path([$servers[0]]));
ini_set('memcache.session_save_path', save_path([$servers[1]]));
visit('abc', fn() => $_SESSION['n'] = 1);
var_dump($servers[0]->get('abc'), $servers[1]->get('abc'));
ini_set('memcache.session_save_path', '');
visit('abc', fn() => $_SESSION['n'] = 2);
var_dump($servers[0]->get('abc'), $servers[1]->get('abc'));
?>
--EXPECT--
NULL
string(6) "n|i:1;"
string(6) "n|i:2;"
string(6) "n|i:1;"
