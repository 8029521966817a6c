--TEST--
PHP destroys a session that it cannot decode, as with any handler
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
foreach ($servers as $server) {
    $server->set('abc', 'n|O:garbage', 1 << 16);
}
session_id('abc');
session_start();
session_abort();
foreach ($servers as $server) {
    var_dump($server->get('abc', $flags), ($flags & 0x8000) !== 0, $server->get('abc.lock'));
}
?>
--EXPECTF--
Warning: session_start(): Failed to decode session object. Session has been destroyed in %s on line %d
string(0) ""
bool(true)
NULL
string(0) ""
bool(true)
NULL
