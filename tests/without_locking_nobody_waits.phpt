--TEST--
With session_lock = 0 no lock is taken, and none is waited for
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
?>
--INI--
session.save_handler=memcache
session.use_cookies=0
session.use_strict_mode=0
session.cache_limiter=
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$holder = new Process('session_id("abc"); session_start(); echo "held\n"; fgets(STDIN);
    $_SESSION["n"] = 1;');
$holder->line();

ini_set('memcache.session_lock', '0');
session_id('abc');
$began = microtime(true);
var_dump(session_start());
$_SESSION['n'] = 5;
var_dump(session_write_close());
var_dump(microtime(true) - $began < 0.5);
echo $server->get('abc'), "\n";
session_id('other');
session_start();
var_dump($server->get('other.lock'));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
n|i:5;
NULL
