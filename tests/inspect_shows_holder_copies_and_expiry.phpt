--TEST--
memcache_session_inspect() shows who holds a session, its copies, versions, sizes and expiry, and no value
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.gc_maxlifetime=1000
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(3, 'timeout=1&retry_interval=1');
function show(array $session): void
{
    foreach ($session['servers'] as &$server) {
        $server['name'] = str_starts_with($server['name'], '127.0.0.1:') ? 'name' : 'wrong name';
        $server['expires'] = is_int($server['expires']) ? $server['expires'] - time() > 900 : null;
    }
    $session['expires'] = is_int($session['expires']) ? $session['expires'] - time() > 900 : null;
    if ($session['lock']) {
        $session['lock']['pid'] = $session['lock']['pid'] === $GLOBALS['holder']->pid;
        $session['lock']['host'] = $session['lock']['host'] === gethostname();
        $session['lock']['path'] = $session['lock']['path'] !== '';
        $session['lock']['since'] = abs($session['lock']['since'] - time()) < 30;
        $session['lock']['age'] = $session['lock']['age'] < 30;
    }
    $list = $session['servers'];
    unset($session['servers']);
    echo json_encode($session), "\n  ", implode("\n  ", array_map('json_encode', $list)), "\n";
}
show(memcache_session_inspect('abc'));
visit('abc', fn() => $_SESSION['n'] = 'secret');
visit('abc', fn() => $_SESSION['n'] = 'secrets');
show(memcache_session_inspect('abc'));
$holder = new Process('session_id("abc"); session_start(); echo "held\n"; sleep(60);');
$holder->line();
$session = memcache_session_inspect('abc');
echo json_encode($session['lock']['holder']), ' ', str_contains(json_encode($session), 'secret') ? 'LEAKED' : '', "\n";
$session['servers'] = [];
show($session);
exec("kill -9 {$holder->pid}");
$holder->output();
echo memcache_session_inspect('abc')['lock']['holder'], "\n";
visit('abc', fn() => $_SESSION['n'] = 1);

$in_set = array_filter(memcache_session_inspect('abc')['servers'], fn($server) => $server['in_set']);
$first = current(array_filter($servers, fn($server) => "127.0.0.1:{$server->port}" === $in_set[0]['name']));
$first->kill();
foreach ([1, 2] as $look) {
    $session = memcache_session_inspect('abc');
    echo $session['state'], ' ', $session['copies'], ': ', implode(', ', array_map(fn($server) =>
        trim("{$server['state']} {$server['reason']}"), $session['servers'])), "\n";
}
foreach (['', 'an id', str_repeat('x', 300)] as $id) {
    var_dump(memcache_session_inspect($id));
}
?>
--EXPECTF--
{"state":"missing","version":null,"size":null,"compressed":null,"expires":null,"copies":0,"lock":null}
  {"name":"name","in_set":true,"state":"missing","reason":null,"version":null,"size":null,"compressed":null,"expires":null,"locked":false}
  {"name":"name","in_set":true,"state":"missing","reason":null,"version":null,"size":null,"compressed":null,"expires":null,"locked":false}
  {"name":"name","in_set":false,"state":"missing","reason":null,"version":null,"size":null,"compressed":null,"expires":null,"locked":false}
{"state":"stored","version":2,"size":16,"compressed":false,"expires":true,"copies":2,"lock":null}
  {"name":"name","in_set":true,"state":"stored","reason":null,"version":2,"size":16,"compressed":false,"expires":true,"locked":false}
  {"name":"name","in_set":true,"state":"stored","reason":null,"version":2,"size":16,"compressed":false,"expires":true,"locked":false}
  {"name":"name","in_set":false,"state":"missing","reason":null,"version":null,"size":null,"compressed":null,"expires":null,"locked":false}
"alive"%w
{"state":"stored","version":2,"size":16,"compressed":false,"expires":true,"copies":2,"lock":{"pid":true,"host":true,"path":true,"since":true,"age":true,"holder":"alive"}}
%w
gone
stored 1: failed connection refused, stored, missing
stored 1: stored, missing, down connection refused

Warning: memcache_session_inspect(): the session id is empty; nothing was sent in %s on line %d
bool(false)

Warning: memcache_session_inspect(): the session id has a blank or control character, which memcached's keys cannot have; nothing was sent in %s on line %d
bool(false)

Warning: memcache_session_inspect(): the session id is too long: with its prefix and ".lock" it has 305 bytes, but memcached's keys have at most 250; nothing was sent in %s on line %d
bool(false)
