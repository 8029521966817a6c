--TEST--
An exception in __unserialize() does not destroy the session
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
    public static bool $works = true;

    public function __serialize(): array
    {
        return ['x' => 1];
    }

    public function __unserialize(array $data): void
    {
        if (!self::$works) {
            throw new Exception('cannot be restored');
        }
    }
}
visit('abc', fn() => $_SESSION['broken'] = new Broken());
$stored = $server->get('abc');
Broken::$works = false;
try {
    session_start();
} catch (Exception $exception) {
    echo $exception->getMessage(), "\n";
}
session_abort();
var_dump($server->get('abc') === $stored, $server->get('abc.lock'));
?>
--EXPECT--
cannot be restored
bool(true)
NULL
