--TEST--
A session is read, changed and read again
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
session_id('abc');
var_dump(session_start(), $_SESSION);
$_SESSION['name'] = 'Ada';
var_dump(session_write_close());
echo $server->get('abc'), "\n";

var_dump(session_start());
echo json_encode($_SESSION), "\n";
$_SESSION['list'] = [1, 2.5, null, "binary \0\r\n bytes"];
session_write_close();

session_start();
echo json_encode($_SESSION), "\n";
unset($_SESSION['list']);
session_write_close();
echo $server->get('abc'), "\n";
?>
--EXPECT--
bool(true)
array(0) {
}
bool(true)
name|s:3:"Ada";
bool(true)
{"name":"Ada"}
{"name":"Ada","list":[1,2.5,null,"binary \u0000\r\n bytes"]}
name|s:3:"Ada";
