--TEST--
An exception in __serialize() keeps what is stored, and frees the lock
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
class Broken
{
    public function __serialize(): array
    {
        throw new Exception('cannot be stored');
    }
}
visit('abc', fn() => $_SESSION['n'] = 1);
session_start();
$_SESSION['n'] = 2;
$_SESSION['broken'] = new Broken();
try {
    session_write_close();
} catch (Exception $exception) {
    echo $exception->getMessage(), "\n";
}
unset($_SESSION['broken']);
echo $server->with_lock('abc'), "\n";

// The same happens at the end of a request.
echo php('class Broken { function __serialize(): array { throw new Exception("at the end"); } }
    session_id("abc"); session_start(); $_SESSION["n"] = 3; $_SESSION["broken"] = new Broken();');
echo "\n", $server->with_lock('abc'), "\n";
echo php('class Broken { function __serialize(): array { exit; } }
    session_id("abc"); session_start(); $_SESSION["n"] = 4; $_SESSION["broken"] = new Broken();');
echo $server->with_lock('abc'), "\n";
?>
--EXPECTF--
cannot be stored
n|i:1; free

Fatal error: Uncaught Exception: at the end in Command line code:1
Stack trace:
%A
  thrown in Command line code on line 1

n|i:1; free
n|i:1; free
