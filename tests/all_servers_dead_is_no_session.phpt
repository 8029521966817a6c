--TEST--
With all servers dead no session begins, with each strict mode and setting
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
visit('abc', fn() => $_SESSION['n'] = 1);
foreach ($servers as $server) {
    $server->kill();
}
set_error_handler(function (int $code, string $text) {
    echo preg_replace('/\(.*/', '(...', $text), "\n";
    return true;
});
foreach (['0', '1'] as $strict) {
    foreach (['0', '1'] as $failover) {
        ini_set('session.use_strict_mode', $strict);
        ini_set('memcache.allow_failover', $failover);
        session_id('abc');
        var_dump(session_start(), session_status() === PHP_SESSION_NONE);
    }
}
// A new id and read_and_close make no difference.
session_id('');
var_dump(session_start());
session_id('abc');
var_dump(session_start(['read_and_close' => true]));
?>
--EXPECT--
session_start(...
session_start(...
bool(false)
bool(true)
session_start(...
session_start(...
bool(false)
bool(true)
session_start(...
session_start(...
bool(false)
bool(true)
session_start(...
session_start(...
bool(false)
bool(true)
session_start(...
session_start(...
bool(false)
session_start(...
session_start(...
bool(false)
