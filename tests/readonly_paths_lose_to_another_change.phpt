--TEST--
A change by a script of session_readonly_paths is refused after a change by another request
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
$add = 'session_id("abc"); session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1;';
php($add);

echo "another request wrote";
session_id('abc');
session_start();
php($add);
$_SESSION['n'] = 'lost';
session_write_close();
echo $server->with_lock('abc'), "\n";

echo "\nanother request holds it, and writes";
ini_set('memcache.session_lock_wait', '10');
session_start();
$holder = new Process(strtr($add, ['session_start();' => 'session_start(); echo "held\n"; usleep(300000);']));
$holder->line();
$_SESSION['n'] = 'lost';
session_write_close();
echo $server->with_lock('abc'), "\n";
echo $holder->output();

echo "\nanother request holds it for longer than this one waits";
ini_set('memcache.session_lock_wait', '0.2');
session_start();
$holder = hold('abc');
$_SESSION['n'] = 'lost';
session_write_close();
var_dump(strpos($server->get('abc.lock'), " {$holder->pid} ") !== false);
$holder->go_on();
$holder->output();
echo $server->with_lock('abc'), "\n";

echo "\nanother request destroyed it";
session_start();
php('session_id("abc"); session_start(); session_destroy();');
$_SESSION['n'] = 'lost';
session_write_close();
var_dump($server->get('abc'), $server->get('abc.lock'));

echo "\npecl/memcache wrote another value in its place, without version";
$server->set('abc', 'n|i:8;');
session_start();
$server->set('abc', 'n|i:9;');
$_SESSION['n'] = 'lost';
session_write_close();
echo $server->with_lock('abc'), "\n";
?>
--EXPECTF--
another request wrote
Warning: session_write_close(): another request has stored the session since this one read it without lock (read_and_close, or memcache.session_readonly_paths); the changes of the other request are kept, and those of this request were not stored. Requests that change the session should lock it in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). Please verify that the current setting of session.save_path is correct (%s) in %s on line %d
n|i:2; free

another request holds it, and writes
Warning: session_write_close(): another request has stored the session since this one read it without lock (%s in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). %s in %s on line %d
n|i:3; free

another request holds it for longer than this one waits
Warning: session_write_close(): the session is locked by process %d on %s for %d s, at 127.0.0.1:%d; this request waited 0.%d s (memcache.session_lock_wait allows 0.2 s: raise it, or close the session earlier in that request, see docs/locking.md)%s in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). %s in %s on line %d
bool(true)
n|i:3; free

another request destroyed it
Warning: session_write_close(): another request has stored the session since this one read it without lock (%s in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). %s in %s on line %d
string(0) ""
NULL

pecl/memcache wrote another value in its place, without version
Warning: session_write_close(): another request has stored the session since this one read it without lock (%s in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). %s in %s on line %d
n|i:9; free
