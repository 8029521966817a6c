--TEST--
Processes that were forked together share their knowledge about servers
--EXTENSIONS--
memcache_session
pcntl
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.save_handler=memcache
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2, 'timeout=1');
$servers[0]->kill();
if (($child = pcntl_fork()) === 0) {
    visit('abc', fn() => $_SESSION['n'] = 1);
    exit;
}
pcntl_waitpid($child, $status);
ob_start();
phpinfo(INFO_MODULES);
preg_match_all('/^(127.0.0.1:\d+) => (.*)/m', ob_get_clean(), $states, PREG_SET_ORDER);
foreach ($states as [, $server, $state]) {
    echo $server === "127.0.0.1:{$servers[0]->port}" ? 'dead ' : 'other ', $state, "\n";
}
?>
--EXPECTF--
dead down for %f s: connection refused; no new connections until it is well again
other up
