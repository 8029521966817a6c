--TEST--
Twenty processes that each add ten to one counter make two hundred
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
for ($i = 0; $i < 20; ++$i) {
    $processes[] = new Process('for ($i = 0; $i < 10; ++$i) {
        session_id("abc"); session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1;
        session_write_close(); }', ['memcache.session_lock_wait' => '60']);
}
foreach ($processes as $process) {
    echo $process->output();
}
foreach ($servers as $server) {
    echo $server->get('abc'), "\n";
}
?>
--EXPECT--
n|i:200;
n|i:200;
