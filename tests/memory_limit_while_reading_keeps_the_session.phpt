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
function show_unchanged(): void
{
    global $servers, $stored;
    foreach ($servers as $server) {
        var_dump($server->get('abc') === $stored, $server->get('abc.lock'));
    }
}

// It is not inflated further than PHP could take it.
echo php('session_id("abc"); var_dump(session_start());', ['memory_limit' => '16M']);
show_unchanged();
// PHP can read this session, but has too little memory to decode it.
echo preg_match('/Allowed memory size .* exhausted/', php(
    'session_id("abc"); session_start(); echo "not reached";', ['memory_limit' => '32M'])), "\n";
show_unchanged();
echo php('session_id("abc"); var_dump(session_start());', ['memory_limit' => '-1']);
show_unchanged();
?>
--EXPECTF--

Warning: session_start(): the stored session has %d bytes and inflates to more than the %d that memory_limit leaves this request. It was not opened, and it was not changed. Raise memory_limit, or keep less in the session in Command line code on line 1

Warning: session_start(): Failed to read session data: memcache (path: %s) in Command line code on line 1
bool(false)
bool(true)
NULL
bool(true)
NULL
1
bool(true)
NULL
bool(true)
NULL
bool(true)
bool(true)
NULL
bool(true)
NULL
