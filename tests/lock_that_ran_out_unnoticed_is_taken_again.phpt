--TEST--
A request that outlives its lease while nobody takes the session loses nothing
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
ini_set('memcache.lock_timeout', '2');
visit('abc', fn() => $_SESSION['n'] = 1);
session_id('abc');
session_start();
$_SESSION['n']++;
for ($i = 0; $server->get('abc.lock') !== null && $i < 50; ++$i) {
    usleep(100000);
}
var_dump($server->get('abc.lock'));
var_dump(session_write_close());
echo $server->with_lock('abc'), "\n";
?>
--EXPECT--
NULL
bool(true)
n|i:2; free
