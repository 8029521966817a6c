--TEST--
session_gc() has nothing to do, and returns 0
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
start_servers(1);
session_id('abc');
session_start();
var_dump(session_gc());
$_SESSION['n'] = 1;
session_write_close();
ini_set('session.gc_probability', '1');
ini_set('session.gc_divisor', '1');
session_start();
echo json_encode($_SESSION), "\n";
?>
--EXPECT--
int(0)
{"n":1}
