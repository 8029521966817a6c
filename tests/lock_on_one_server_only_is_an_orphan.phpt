--TEST--
A lock that is stored on only one of its servers is replaced after about a second
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
$servers = preferred($servers, 'abc');
ini_set('memcache.session_lock_wait', '2.5');
visit('abc', fn() => $_SESSION['n'] = 7);
function start_under_locks(array $locks): void
{
    global $servers;
    foreach ($locks as $i => $set) {
        $servers[$i]->set('abc.lock', "71300939898257408 $set web7~0 4711 " . time() . ' /', 768, 60);
    }
    session_id('abc');
    $began = microtime(true);
    $started = @session_start();
    $seconds = microtime(true) - $began;
    echo $started ? "opened, n = {$_SESSION['n']}, " : 'failed ',
        $seconds < 0.9 ? 'too early' : ($seconds < 2 ? 'after about a second' : 'in the end'), ';';
    session_write_close();
    foreach ($servers as $server) {
        echo ' ', $server->get('abc.lock') === null ? 'free' : 'locked';
        $server->delete('abc.lock');
    }
    echo "\n";
}
echo 'on the second: ';
start_under_locks([1 => '0,1']);
echo 'on the first: ';
start_under_locks([0 => '0,1']);
// The holder may know no other server.
echo 'on the second, the only one it names: ';
start_under_locks([1 => '1']);
echo 'on both: ';
start_under_locks(['0,1', '0,1']);
?>
--EXPECT--
on the second: opened, n = 7, after about a second; free free
on the first: opened, n = 7, after about a second; free free
on the second, the only one it names: failed in the end; free locked
on both: failed in the end; locked locked
