--TEST--
session_create_id() gives an unused id and stores nothing
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
$_SESSION['n'] = 1;
$sid = session_id();
$created = session_create_id('shop-');
var_dump(str_starts_with($created, 'shop-'), session_id() === $sid);
$_SESSION['n']++;
var_dump(session_write_close());
echo $server->get($sid), "\n";
var_dump($server->get($created), $server->get(substr($created, 5)));

// It works outside of a session too, and the new id can be used.
session_id(session_create_id());
ini_set('session.use_strict_mode', '0');
var_dump(session_start());
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
n|i:2;
NULL
NULL
bool(true)
