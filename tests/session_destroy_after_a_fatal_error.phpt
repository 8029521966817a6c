--TEST--
A shutdown function can destroy the session after a fatal error
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
visit('abc', fn() => $_SESSION['n'] = 1);
echo php('session_id("abc"); session_start();
    register_shutdown_function(function () { var_dump(session_destroy()); });
    missing_function();', ['display_errors' => '0']);
var_dump($server->get('abc', $flags), ($flags & 0x8000) !== 0, $server->get('abc.lock'));
?>
--EXPECT--
bool(true)
string(0) ""
bool(true)
NULL
