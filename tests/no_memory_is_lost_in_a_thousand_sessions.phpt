--TEST--
A process that serves many requests does not grow
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2, 'persistent=1&timeout=1');
$serve = function (int $count) {
    for ($i = 0; $i < $count; ++$i) {
        visit('abc', fn() => $_SESSION['n'] = $i);
        session_id('');
        session_start();
        session_regenerate_id(true);
        session_reset();
        session_destroy();
        session_id('abc');
        session_start(['read_and_close' => true]);
    }
};
$resident = fn() => (int) explode(' ', file_get_contents('/proc/self/statm'))[1];
$serve(200);
$before = $resident();
$memory = memory_get_usage();
$serve(1000);
var_dump($resident() - $before < 50, memory_get_usage() - $memory < 1000);
var_dump($servers[0]->stat('curr_connections') < 10);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
