--TEST--
With session_lock_wait = 0 a session that is locked fails at once
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
start_servers(1);
$holder = new Process('session_id("abc"); session_start(); echo "held\n"; fgets(STDIN);
    $_SESSION["n"] = 1;');
$holder->line();

ini_set('memcache.session_lock_wait', '0');
session_id('abc');
$began = microtime(true);
var_dump(session_start());
var_dump(microtime(true) - $began < 1);
?>
--EXPECTF--
Warning: session_start(): the session is locked by process %d on %s for %d s, at 127.0.0.1:%d; %s in %s on line %d

Warning: session_start(): Failed to read session data: memcache (path: %s) in %s on line %d
bool(false)
bool(true)
