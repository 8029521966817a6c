--TEST--
Processes that count at the same time lose nothing when one server does not exist
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = [new Server(), new Server()];
ini_set('session.save_path', save_path($servers) . ',tcp://127.0.0.1:' . free_port());
for ($i = 0; $i < 10; ++$i) {
    $processes[] = new Process('for ($i = 0; $i < 10; ++$i) {
        session_id("abc"); session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1;
        session_write_close(); }',
        ['memcache.session_redundancy' => '10', 'memcache.session_lock_wait' => '60',
            'error_log' => '/dev/null']);
}
foreach ($processes as $process) {
    echo $process->output();
}
foreach ($servers as $server) {
    echo $server->get('abc'), "\n";
}
?>
--EXPECT--
n|i:100;
n|i:100;
