--TEST--
A script of session_readonly_paths neither waits for a lock nor takes one
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_readonly_paths="*/none.php */readonly_paths_*.php"
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
// The code of php -r has no path.
php('session_id("abc"); session_start(); $_SESSION["n"] = 1;');
$holder = hold('abc', '$_SESSION["n"]++;');
$lock = $server->get('abc.lock');

session_id('abc');
$began = microtime(true);
var_dump(session_start());
echo json_encode($_SESSION), "\n";
var_dump(session_write_close());
var_dump(microtime(true) - $began < 0.5, $server->get('abc.lock') === $lock);
$holder->go_on();
echo $holder->output();

$stored = $server->stat('cmd_set');
$touched = $server->stat('cmd_touch');
session_start();
echo json_encode($_SESSION), ' ', $server->get('abc.lock') ?? 'not locked', "\n";
session_write_close();
session_start();
session_abort();
session_start();
session_reset();
session_write_close();
echo $server->stat('cmd_set') - $stored, ' stored, ', $server->stat('cmd_touch') - $touched,
    " touched\n";
session_start();
session_destroy();
echo $server->get('abc') === '' ? 'destroyed' : 'still there', "\n";
?>
--EXPECT--
bool(true)
{"n":1}
bool(true)
bool(true)
bool(true)
{"n":2} not locked
0 stored, 2 touched
destroyed
