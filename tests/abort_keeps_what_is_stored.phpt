--TEST--
session_abort() discards changes, session_reset() reads again
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
visit('abc', fn() => $_SESSION['n'] = 1);

session_start();
$_SESSION['n'] = 2;
session_abort();
echo $server->get('abc'), "\n";

session_start();
$_SESSION['n'] = 3;
var_dump(session_reset());
echo json_encode($_SESSION), "\n";
$_SESSION['n']++;
session_write_close();
echo $server->get('abc'), "\n";
?>
--EXPECT--
n|i:1;
bool(true)
{"n":1}
n|i:2;
