--TEST--
When session_lock_waiters requests wait, the next one fails at once
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
ini_set('memcache.session_lock_wait', '20');
ini_set('memcache.session_lock_waiters', '2');
visit('abc', fn() => $_SESSION['n'] = 1);
$holder = hold('abc', '$_SESSION["n"]++;');
function places(): int
{
    global $server;
    return ($server->get('abc.lock.1') !== null) + ($server->get('abc.lock.2') !== null);
}

$waiters = [];
for ($i = 1; $i <= 2; ++$i) {
    $waiters[] = new Process('session_id("abc"); session_start(); $_SESSION["n"]++;');
    wait_until(fn() => places() === $i);
}
echo places(), " wait\n";
session_id('abc');
$began = microtime(true);
var_dump(session_start());
var_dump(microtime(true) - $began < 0.5);
echo places(), " wait\n";
// Another session has its own places.
session_id('other');
var_dump(session_start());
session_abort();

$holder->go_on();
echo $holder->output(), $waiters[0]->output(), $waiters[1]->output();
echo places(), " wait\n";
echo $server->with_lock('abc'), "\n";

// A request that waited in vain has released its place too.
$holder = hold('abc');
ini_set('memcache.session_lock_wait', '0.2');
session_id('abc');
var_dump(@session_start());
echo places(), " wait\n";
// A request that never waits takes no place.
ini_set('memcache.session_lock_wait', '0');
session_id('abc');
$stored = $server->stat('cmd_set');
var_dump(@session_start());
var_dump($server->stat('cmd_set') - $stored);  // the attempt to lock
?>
--EXPECTF--
2 wait

Warning: session_start(): the session is locked by process %d on %s for %d s, at 127.0.0.1:%d, and 2 requests wait for it already (memcache.session_lock_waiters allows no more: raise it, or close the session earlier in that request, see docs/locking.md). It was not opened, and it was not changed in %s on line %d

Warning: session_start(): Failed to read session data: memcache (path: tcp://127.0.0.1:%d?timeout=1) in %s on line %d
bool(false)
bool(true)
2 wait
bool(true)
0 wait
n|i:4; free
bool(false)
0 wait
bool(false)
int(1)
