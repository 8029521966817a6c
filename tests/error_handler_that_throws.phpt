--TEST--
An error handler may throw in our warning
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
visit('abc', fn() => $_SESSION['n'] = 1);
$holder = hold('abc');
ini_set('memcache.session_lock_wait', '0');
set_error_handler(function (int $code, string $text) {
    throw new ErrorException($text);
});
try {
    session_start();
} catch (ErrorException $exception) {
    echo substr($exception->getMessage(), 0, 49), "\n";
}
var_dump(session_status() === PHP_SESSION_NONE);
$holder->output();
restore_error_handler();
session_id('abc');
var_dump(session_start());
$server->kill();
set_error_handler(function (int $code, string $text) {
    throw new ErrorException($text);
});
$_SESSION['n'] = 2;
try {
    session_write_close();
} catch (ErrorException $exception) {
    echo substr($exception->getMessage(), 0, 45), "\n";
}
try {
    ini_set('memcache.lock_timeout', 'x');
} catch (ErrorException $exception) {
    echo $exception->getMessage(), "\n";
}
?>
--EXPECT--
session_start(): the session is locked by process
bool(true)
bool(true)
session_write_close(): the session was not st
ini_set(): memcache.lock_timeout must be a whole number from 1 to 2147483647; the given value is "x"
