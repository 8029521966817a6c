--TEST--
With one of two servers full and never evicting, nothing is refused or lost, nobody else gets the lock, and no server is marked
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.save_handler=memcache
--FILE--
<?php
require __DIR__ . '/server.inc';
$log = tempnam(sys_get_temp_dir(), 'log');
ini_set('log_errors', '1');
ini_set('error_log', $log);
foreach ([0, 1] as $full) {
    $servers = [new Server(['-M', '-m', '2']), new Server(['-M', '-m', '2'])];
    ini_set('session.save_path', save_path($servers));
    visit('abc', fn() => $_SESSION['n'] = 1);
    $servers[$full]->fill();
    echo "server $full is full\n";
    for ($i = 0; $i < 5; ++$i) {
        visit('abc', fn() => $_SESSION['n']++);
    }
    visit('abc', fn() => null);
    visit('new', fn() => $_SESSION['n'] = 7);
    echo contents('abc'), contents('new'), "\n";
    foreach ($servers as $server) {
        echo $server->with_lock('abc'), "\n";
    }
    // The memory is back. A lock that only one server has is not taken for an orphan.
    $holder = hold('abc', '$_SESSION["n"] = 10;');
    $servers[$full]->ask("flush_all\r\n");
    echo php('session_id("abc"); echo @session_start() ? "both hold it" : "locked", "\n";',
        ['memcache.session_lock_wait' => '3', 'display_errors' => '0']);
    echo $holder->output(), contents('abc'), "\n";
    visit('abc', fn() => $_SESSION['n']++);
    foreach ($servers as $server) {
        echo $server->with_lock('abc'), "\n";
    }
}
ob_start();
phpinfo(INFO_MODULES);
preg_match_all('/^127\.0\.0\.1:\d+ => (.*)/m', ob_get_clean(), $match);
echo json_encode($match[1]), file_get_contents($log), "\n";
unlink($log);
?>
--EXPECT--
server 0 is full
{"n":6}{"n":7}
n|i:1; free
n|i:6; free
locked
{"n":10}
n|i:11; free
n|i:11; free
server 1 is full
{"n":6}{"n":7}
n|i:6; free
n|i:1; free
locked
{"n":10}
n|i:11; free
n|i:11; free
["up","up"]
