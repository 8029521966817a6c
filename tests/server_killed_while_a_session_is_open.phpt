--TEST--
A server that is killed between opening and storing costs nothing
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = preferred(start_servers(3), 'abc');
visit('abc', fn() => $_SESSION['n'] = 1);
session_start();
$servers[0]->kill();
$_SESSION['n']++;
var_dump(session_write_close());
echo contents('abc'), "\n";
visit('abc', fn() => $_SESSION['n']++);
echo $servers[1]->get('abc'), ' ', $servers[2]->get('abc'), "\n";
echo $servers[1]->get('abc.lock') ?? 'free', ' ', $servers[2]->get('abc.lock') ?? 'free', "\n";

// One copy remains of those that were read.
$servers[2]->kill();
echo contents('abc'), "\n";
?>
--EXPECT--
bool(true)
{"n":2}
n|i:3; n|i:3;
free free
{"n":3}
