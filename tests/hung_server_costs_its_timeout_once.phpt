--TEST--
A server that hangs costs one timeout, and is then left alone
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = preferred(start_servers(3, 'timeout=0.3&persistent=1'), 'abc');
visit('abc', fn() => $_SESSION['n'] = 1);
$servers[0]->stop();
foreach (['waits', 'goes on', 'goes on', 'goes on'] as $what) {
    $began = microtime(true);
    visit('abc', fn() => $_SESSION['n']++);
    $time = microtime(true) - $began;
    echo $what, ' ', $time > 0.29 && $time < 1 ? 'waits' : ($time < 0.25 ? 'goes on' : $time), "\n";
}
$servers[0]->go_on();
echo $servers[1]->get('abc'), ' ', $servers[2]->get('abc'), "\n";
?>
--EXPECT--
waits waits
goes on goes on
goes on goes on
goes on goes on
n|i:5; n|i:5;
