--TEST--
When one of three servers is killed, every session is read and written without a warning
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(3);
for ($i = 0; $i < 60; ++$i) {
    visit("s$i", fn() => $_SESSION['n'] = $i);
}
$servers[1]->kill();
for ($i = 0; $i < 60; ++$i) {
    visit("s$i", function () use ($i) {
        if ($_SESSION !== ['n' => $i]) {
            echo "s$i: ", json_encode($_SESSION), "\n";
        }
        $_SESSION['n'] += 1000;
    });
}
$copies = 0;
for ($i = 0; $i < 60; ++$i) {
    foreach ([$servers[0], $servers[2]] as $server) {
        $copies += $server->get("s$i") === 'n|i:' . $i + 1000 . ';' ? 1 : 0;
    }
}
echo $copies, " copies\n";
?>
--EXPECT--
120 copies
