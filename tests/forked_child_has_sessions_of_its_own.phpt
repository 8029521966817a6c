--TEST--
Parent and forked children use sessions at the same time, on connections of their own
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
ob_end_clean();
for ($i = 0; $i < 4; ++$i) {
    if (($children[] = pcntl_fork()) === 0) {
        for ($k = 0; $k < 50; ++$k) {
            foreach (['abc', "own$i"] as $sid) {
                visit($sid, fn() => $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1);
            }
        }
        exit;
    }
}
for ($k = 0; $k < 50; ++$k) {
    visit('abc', fn() => $_SESSION['n']++);
}
foreach ($children as $child) {
    pcntl_waitpid($child, $status);
}
foreach ($servers as $server) {
    echo $server->get('abc'), ' ', $server->get('own0'), ' ', $server->get('own3'), "\n";
}
?>
--EXPECT--
n|i:251; n|i:50; n|i:50;
n|i:251; n|i:50; n|i:50;
