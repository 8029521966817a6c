--TEST--
A session too large for the memory limit stays as it is, and its lock is freed
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memory_limit=256M
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
// The session is small when compressed, and large in memory.
ini_set('memcache.compress_threshold', '1000');
visit('abc', fn() => $_SESSION['text'] = str_repeat('x', 24 << 20));
$stored = $servers[0]->get('abc');
echo preg_match('/Allowed memory size .* exhausted/', php(
    'session_id("abc"); session_start(); echo "not reached";', ['memory_limit' => '16M'])), "\n";
foreach ($servers as $server) {
    var_dump($server->get('abc') === $stored, $server->get('abc.lock'));
}
// PHP can read this session, but has too little memory to decode it.
echo preg_match('/Allowed memory size .* exhausted/', php(
    'session_id("abc"); session_start(); echo "not reached";', ['memory_limit' => '32M'])), "\n";
foreach ($servers as $server) {
    var_dump($server->get('abc') === $stored, $server->get('abc.lock'));
}
?>
--EXPECT--
1
bool(true)
NULL
bool(true)
NULL
1
bool(true)
NULL
bool(true)
NULL
