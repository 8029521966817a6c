--TEST--
Strict mode keeps an id that is stored and replaces one that is not
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
ini_set('session.use_strict_mode', '1');
session_id('madeup');
var_dump(session_start(), session_id() === 'madeup', $_SESSION);
$_SESSION['n'] = 1;
$sid = session_id();
session_write_close();
var_dump($servers[0]->get('madeup'), $servers[0]->get("$sid"));

session_id($sid);
var_dump(session_start(), session_id() === $sid);
echo json_encode($_SESSION), "\n";
session_write_close();
foreach ($servers as $server) {
    var_dump($server->get('madeup.lock'), $server->get("$sid.lock"));
}
?>
--EXPECT--
bool(true)
bool(false)
array(0) {
}
NULL
string(6) "n|i:1;"
bool(true)
bool(true)
{"n":1}
NULL
NULL
NULL
NULL
