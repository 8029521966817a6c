--TEST--
memcached -C is refused at once: the message names -C and proxy=1, no lock is left, and proxy=1 works
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = [new Server(['-C']), new Server(['-C'])];
ini_set('session.save_path', save_path($servers));
set_error_handler(function ($level, $message) {
    foreach (['no cas numbers', '-C', 'proxy=1'] as $word) {
        echo str_contains($message, $word) ? "names $word\n" : '';
    }
});
session_id('abc');
$began = microtime(true);
var_dump(session_start());
var_dump(microtime(true) - $began < 0.5);
foreach ($servers as $server) {
    echo json_encode($server->with_lock('abc')), "\n";
}
ini_set('session.save_path', save_path($servers, 'proxy=1'));
visit('abc', fn() => $_SESSION['n'] = 1);
echo contents('abc'), "\n";
?>
--EXPECT--
names no cas numbers
names -C
names proxy=1
bool(false)
bool(true)
" free"
" free"
{"n":1}
