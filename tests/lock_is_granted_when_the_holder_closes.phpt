--TEST--
Who waits for a lock gets it soon after the holder closes, and reads what that wrote
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
$servers = start_servers(2);
$holder = new Process('session_id("abc"); session_start(); echo "held\n"; fgets(STDIN);
    $_SESSION["n"] = 1;');
$holder->line();

$waiter = new Process('session_id("abc"); session_start(); echo $_SESSION["n"], "\n"; echo microtime(true);');
usleep(300000);
$holder->go_on();
$holder->output();
$freed = microtime(true);
echo $waiter->line(), "\n";
$granted = (float) $waiter->output();
var_dump($granted - $freed < 1);
foreach ($servers as $server) {
    echo $server->get('abc'), ' ', $server->get('abc.lock') ?? 'free', "\n";
}
?>
--EXPECT--
1
bool(true)
n|i:1; free
n|i:1; free
