--TEST--
One waiter too many reads at once where session_lock_failure = readonly
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
ini_set('memcache.session_lock_wait', '20');
ini_set('memcache.session_lock_waiters', '1');
ini_set('memcache.session_lock_failure', 'readonly');
visit('abc', fn() => $_SESSION['n'] = 7);
$holder = new Process('session_id("abc"); session_start(); echo "held\n"; fgets(STDIN);');
$holder->line();
$waiter = new Process('session_id("abc"); session_start(); $_SESSION["n"]++;');
for ($try = 0; $server->get('abc.lock.1') === null && $try < 1000; ++$try) {
    usleep(10000);
}
session_id('abc');
$began = microtime(true);
var_dump(session_start());
var_dump(microtime(true) - $began < 0.5);
echo json_encode($_SESSION), "\n";
$_SESSION['n'] = 'lost';
session_write_close();
$holder->go_on();
echo $holder->output(), $waiter->output(), $server->get('abc'), "\n";
?>
--EXPECTF--
bool(true)
bool(true)
{"n":7}

Warning: session_write_close(): the session is read-only in this request%slocked by process %d on %s, and 1 request waits for it already%sall that memcache.session_lock_waiters allows%sThe changes of this request were not stored in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). Please verify that the current setting of session.save_path is correct (%s) in %s on line %d
n|i:8;
