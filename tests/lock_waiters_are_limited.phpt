--TEST--
With session_lock_waiters one request more than that fails at once
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
ini_set('memcache.session_lock_waiters', '2');
visit('abc', fn() => $_SESSION['n'] = 1);
$holder = new Process('session_id("abc"); session_start(); echo "held\n"; fgets(STDIN);
    $_SESSION["n"]++;');
$holder->line();
function places(): int
{
    global $server;
    return ($server->get('abc.lock.1') !== null) + ($server->get('abc.lock.2') !== null);
}

$waiters = [];
for ($i = 1; $i <= 2; ++$i) {
    $waiters[] = new Process('session_id("abc"); session_start(); $_SESSION["n"]++;');
    for ($try = 0; places() < $i && $try < 1000; ++$try) {
        usleep(10000);
    }
}
echo places(), " wait\n";
session_id('abc');
$began = microtime(true);
var_dump(session_start());
var_dump(microtime(true) - $began < 0.5);
echo places(), " wait\n";
// Another session has places of its own.
session_id('other');
var_dump(session_start());
session_abort();

$holder->go_on();
echo $holder->output(), $waiters[0]->output(), $waiters[1]->output();
echo places(), " wait\n";
echo $server->get('abc'), ' ', $server->get('abc.lock') ?? 'free', "\n";

// Who waited in vain has given the place back, too.
$holder = new Process('session_id("abc"); session_start(); echo "held\n"; fgets(STDIN);');
$holder->line();
ini_set('memcache.session_lock_wait', '0.2');
session_id('abc');
var_dump(@session_start());
echo places(), " wait\n";
// And who never waits takes none.
ini_set('memcache.session_lock_wait', '0');
session_id('abc');
$stored = $server->stat('cmd_set');
var_dump(@session_start());
var_dump($server->stat('cmd_set') - $stored);  // the try to lock
?>
--EXPECTF--
2 wait

Warning: session_start(): the session is locked by process %d on %s for %d s, at 127.0.0.1:%d, and 2 requests wait for it already%sall that memcache.session_lock_waiters allows%sunchanged in %s on line %d

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
