--TEST--
Who outstays the lease while nobody takes the session loses nothing
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.save_handler=memcache
session.use_cookies=0
session.use_strict_mode=0
session.cache_limiter=
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
echo $server->get('abc'), ' ', $server->get('abc.lock') ?? 'free', "\n";
?>
--EXPECT--
NULL
bool(true)
n|i:2; free
