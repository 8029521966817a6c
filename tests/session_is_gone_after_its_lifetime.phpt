--TEST--
A session expires after its lifetime, and its id begins an empty one
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
ini_set('session.gc_maxlifetime', '2');
visit('abc', fn() => $_SESSION['n'] = 1);
$end = microtime(true) + 20;
while (microtime(true) < $end && ($servers[0]->get('abc') ?? $servers[1]->get('abc')) !== null) {
    usleep(100000);
}
ini_set('session.gc_maxlifetime', '1440');
visit('abc', function () {
    var_dump($_SESSION);
    $_SESSION['n'] = 2;
});
visit('abc', fn() => $_SESSION['m'] = 3);
echo $servers[0]->get('abc'), ' ', $servers[1]->get('abc'), "\n";
?>
--EXPECT--
array(0) {
}
n|i:2;m|i:3; n|i:2;m|i:3;
