--TEST--
A session that stays empty is stored and known from then on
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
ini_set('session.use_strict_mode', '1');
session_start();
$sid = session_id();
session_write_close();
var_dump($server->get($sid));
session_start();
var_dump(session_id() === $sid);
?>
--EXPECT--
string(0) ""
bool(true)
