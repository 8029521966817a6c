--TEST--
260 KB of zlib that inflate to 255 MB cost no memory beyond memory_limit, and end no process
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
if (!is_readable('/proc/self/status')) {
    die('skip the memory of a process is read in /proc');
}
?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$deflater = deflate_init(ZLIB_ENCODING_DEFLATE, ['level' => 9]);
$stored = deflate_add($deflater, 'text|s:267386880:"', ZLIB_NO_FLUSH);
for ($i = 0; $i < 255; ++$i) {
    $stored .= deflate_add($deflater, str_repeat('x', 1 << 20), ZLIB_NO_FLUSH);
}
$stored .= deflate_add($deflater, '";', ZLIB_FINISH);
var_dump(strlen($stored) < 270000);
$server->set('abc', $stored, 2);

// The peak of the process, before and after, in MB.
$script = 'function peak() { preg_match("/VmHWM:\s*(\d+)/", file_get_contents("/proc/self/status"), $match);
        return $match[1] / 1024; }
    $before = peak();
    for ($i = 0; $i < 3; ++$i) { session_id("abc"); var_dump(session_start()); }
    var_dump(peak() - $before < 80);
    session_id("other"); var_dump(session_start());';
echo php($script, ['memory_limit' => '32M', 'display_errors' => '0']);
var_dump($server->get('abc') === $stored, $server->get('abc.lock'));
echo php('session_id("abc"); session_start();', ['memory_limit' => '32M']);
?>
--EXPECTF--
bool(true)
bool(false)
bool(false)
bool(false)
bool(true)
bool(true)
bool(true)
NULL

Warning: session_start(): the stored session has 2%d bytes and inflates to more than the 3%d that memory_limit leaves this request. It was not opened, and it was not changed. Raise memory_limit, or keep less in the session in Command line code on line 1

Warning: session_start(): Failed to read session data: memcache (path: %s) in Command line code on line 1
