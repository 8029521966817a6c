--TEST--
memcache_session_kill() leaves tombstones, and a request that has the session open cannot bring it back
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/web_server.inc';
$servers = start_servers(3);
visit('abc', fn() => $_SESSION['n'] = 1);
visit('other', fn() => $_SESSION['n'] = 2);
session_id('mine');
session_start();
$_SESSION['n'] = 3;
var_dump(memcache_session_kill('abc'));
session_write_close();  // a session of the script itself stays open
echo implode(' ', array_column(memcache_session_inspect('abc')['servers'], 'state')), "\n";
foreach (['abc', 'other', 'mine'] as $id) {
    visit($id, function () { global $read; $read = $_SESSION; });
    echo json_encode($read), "\n";
}
var_dump(memcache_session_kill('unknown'));

visit('held', fn() => $_SESSION['n'] = 1);
$holder = new Process('session_id("held"); session_start(); $_SESSION["n"] = 5; echo "held\n";
    fgets(STDIN); session_write_close();');
$holder->line();
var_dump(memcache_session_kill('held'));
echo str_contains($holder->output(), 'another request destroyed the session') ? "refused\n" : "stored\n";
echo memcache_session_inspect('held')['state'], "\n";

var_dump(memcache_session_kill(''));
foreach (['0', '1'] as $allowed) {
    $web = new WebServer('ini_set("html_errors", "0"); var_dump(memcache_session_kill("other"));
        echo gettype(memcache_session_inspect("other"));', ['memcache.session_inspect' => $allowed,
        'display_errors' => '1', 'session.save_path' => ini_get('session.save_path')]);
    echo trim(preg_replace('/ in \S+ on line \d+/', '', $web->get('/'))), "\n";
}
foreach ($servers as $server) {
    $server->kill();
}
var_dump(memcache_session_kill('abc'));
?>
--EXPECTF--
bool(true)
destroyed destroyed missing
[]
{"n":2}
{"n":3}
bool(true)
bool(true)
refused
destroyed

Warning: memcache_session_kill(): the session id is empty; nothing was sent in %s on line %d
bool(false)
Warning: memcache_session_kill(): only the command line may do this, unless memcache.session_inspect is 1 in php.ini
bool(false)

Warning: memcache_session_inspect(): only the command line may do this, unless memcache.session_inspect is 1 in php.ini
boolean
bool(true)
array

Warning: memcache_session_kill(): %s in %s on line %d
bool(false)
