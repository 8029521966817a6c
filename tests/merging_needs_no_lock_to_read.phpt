--TEST--
With session_merge an unchanged session costs no lock, waits for none, and is repaired
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_merge=fail
session.lazy_write=1
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
visit('abc', fn() => $_SESSION['n'] = 1);

function commands(callable $do): string
{
    global $servers;
    $names = ['cmd_get', 'cmd_set', 'cmd_touch'];
    $before = array_map(fn($name) => $servers[0]->stat($name) + $servers[1]->stat($name), $names);
    $do();
    $after = array_map(fn($name) => $servers[0]->stat($name) + $servers[1]->stat($name), $names);
    return json_encode(array_combine($names, array_map(fn($a, $b) => $b - $a, $before, $after)));
}

echo "unchanged: ", commands(fn() => visit('abc', fn() => null)), "\n";
echo "aborted: ", commands(function () {
    session_id('abc');
    session_start();
    $_SESSION['n'] = 2;
    session_abort();
}), "\n";
echo "changed: ", commands(fn() => visit('abc', fn() => $_SESSION['n'] = 2)), "\n";

echo "while another request that merges has it open: ";
$holder = new Process('session_id("abc"); session_start(); echo "open\n"; fgets(STDIN);');
$holder->line();
$begin = microtime(true);
visit('abc', fn() => $_SESSION['m'] = 1);
echo microtime(true) - $begin < 1 ? 'at once' : 'waited', "\n", $holder->output();

echo "session_reset() after another change: ";
session_id('abc');
session_start();
php('session_id("abc"); session_start(); $_SESSION["n"] = 3;');
session_reset();
$_SESSION['n']++;
session_write_close();
echo contents('abc'), "\n";

$servers[1]->ask("flush_all\r\n");
$servers[0]->get('abc') === null && $servers[0]->ask("flush_all\r\n");
echo "one server has lost it: ";
visit('abc', fn() => null);
echo $servers[0]->with_lock('abc'), ' | ', $servers[1]->with_lock('abc'), "\n";
?>
--EXPECTF--
unchanged: {"cmd_get":%d,"cmd_set":0,"cmd_touch":%d}
aborted: {"cmd_get":%d,"cmd_set":0,"cmd_touch":0}
changed: {"cmd_get":%d,"cmd_set":%d,"cmd_touch":0}
while another request that merges has it open: at once
session_reset() after another change: {"n":4,"m":1}
one server has lost it: n|i:4;m|i:1; free | n|i:4;m|i:1; free
