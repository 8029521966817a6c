--TEST--
A forked child neither stores nor unlocks the session of its parent
--EXTENSIONS--
memcache_session
pcntl
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2, 'persistent=1&timeout=1');
visit('abc', fn() => $_SESSION['n'] = 1);
session_start();
$lock = $servers[0]->get('abc.lock');
$_SESSION['n'] = 2;

// The first child ends with the session open, the second writes, the third changes nothing.
foreach (['ends', 'writes', 'reads'] as $what) {
    if (($child = pcntl_fork()) === 0) {
        if ($what === 'reads') {
            $_SESSION['n'] = 1;
        }
        if ($what !== 'ends') {
            session_write_close();
        }
        ob_end_flush();
        exit;
    }
    pcntl_waitpid($child, $status);
    echo $what, ': ', $servers[0]->get('abc'), ' ',
        $servers[0]->get('abc.lock') === $lock ? 'locked' : 'unlocked', "\n";
    ob_end_flush();
    ob_start();
}
var_dump(session_write_close());
foreach ($servers as $server) {
    echo $server->with_lock('abc'), "\n";
}
?>
--EXPECTF--
Warning: PHP Request Shutdown: this process was forked from the process that opened the session: only that process may store it, and the changes of this process were not stored in Unknown on line 0

Warning: PHP Request Shutdown: Failed to write session data (memcache). Please verify that the current setting of session.save_path is correct (%s) in Unknown on line 0
ends: n|i:1; locked

Warning: session_write_close(): this process was forked from the process that opened the session: only that process may store it, and the changes of this process were not stored in %s on line %d

Warning: session_write_close(): Failed to write session data (memcache). Please verify that the current setting of session.save_path is correct (%s) in %s on line %d
writes: n|i:1; locked
reads: n|i:1; locked
bool(true)
n|i:2; free
n|i:2; free
