--TEST--
A destroyed session leaves tombstones, and its id is unknown from then on
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
visit('abc', fn() => $_SESSION['n'] = 1);
session_start();
var_dump(session_destroy());
foreach ($servers as $server) {
    var_dump($server->get('abc', $flags), ($flags & 0x8000) !== 0, $flags >> 16);
}
// After an outage one server may still have an old copy.
$servers[0]->set('abc', 'n|i:1;', 1 << 16);
echo contents('abc'), "\n";
ini_set('session.use_strict_mode', '1');
session_id('abc');
session_start();
var_dump(session_id() === 'abc', $_SESSION);
?>
--EXPECT--
bool(true)
string(0) ""
bool(true)
int(2)
string(0) ""
bool(true)
int(2)
[]
bool(false)
array(0) {
}
