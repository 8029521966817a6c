--TEST--
When each server has a copy, each of them alone serves the session
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
visit('abc', fn() => $_SESSION['n'] = 1);
// The name of the session concerns only the cookie.
session_name('OTHER');
foreach ([[$servers[0]], [$servers[1]], [$servers[1], $servers[0]], $servers] as $part) {
    ini_set('session.save_path', str_replace(',', ', ', save_path($part)));
    visit('abc', fn() => print($_SESSION['n'] . "\n"));
}
?>
--EXPECT--
1
1
1
1
