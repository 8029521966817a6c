--TEST--
With session_lock = 0 no request takes a lock or waits for one
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$holder = hold('abc', '$_SESSION["n"] = 1;');

ini_set('memcache.session_lock', '0');
session_id('abc');
$began = microtime(true);
var_dump(session_start());
$_SESSION['n'] = 5;
var_dump(session_write_close());
var_dump(microtime(true) - $began < 0.5);
echo $server->get('abc'), "\n";
session_id('other');
session_start();
var_dump($server->get('other.lock'));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
n|i:5;
NULL
