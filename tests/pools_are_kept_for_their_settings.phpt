--TEST--
A process uses more save_paths than it keeps pools, and does not confuse them
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
for ($round = 0; $round < 3; ++$round) {
    for ($i = 0; $i < 40; ++$i) {
        ini_set('session.save_path', save_path([$servers[$i % 2]], 'timeout=' . $i + 1));
        visit("abc$i", fn() => $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1);
    }
}
$right = 0;
for ($i = 0; $i < 40; ++$i) {
    $right += $servers[$i % 2]->get("abc$i") === 'n|i:3;' && $servers[1 - $i % 2]->get("abc$i") === null;
}
echo $right, "\n";
?>
--EXPECT--
40
