--TEST--
What servers send costs no memory beyond memory_limit, from all of them together, and ends no process
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
require __DIR__ . '/fake_server.inc';
ini_set('memcache.session_redundancy', '3');

// The peak of the process, before and after, in MB.
$script = 'function peak() { preg_match("/VmHWM:\s*(\d+)/", file_get_contents("/proc/self/status"), $match);
        return $match[1] / 1024; }
    $before = peak();
    for ($i = 0; $i < 3; ++$i) {
        session_id("abc");
        $began = microtime(true);
        echo session_start() ? "opened" : "refused", microtime(true) - $began < 1 ? "\n" : " too late\n";
    }
    echo peak() - $before < 40 ? "within the limit\n" : "beyond the limit\n";';
$settings = ['memory_limit' => '32M', 'display_errors' => '0', 'memcache.session_redundancy' => '3'];

echo "three servers with 20 MB each\n";
$servers = [new Server(['-I', '32m']), new Server(['-I', '32m']), new Server(['-I', '32m'])];
ini_set('session.save_path', save_path($servers, 'timeout=5'));
$stored = 'text|s:20000000:"' . str_repeat('x', 20000000) . '";';
foreach ($servers as $server) {
    $server->set('abc', $stored, 1 << 16);
}
echo php($script . 'session_id("other"); var_dump(session_start());', $settings);
foreach ($servers as $server) {
    var_dump($server->get('abc') === $stored, $server->get('abc.lock'));
}
echo php('session_id("abc"); session_start();', ['display_errors' => '1'] + $settings), "\n";
echo php('session_id("abc"); var_dump(session_start(), strlen($_SESSION["text"]));',
    ['memory_limit' => '160M'] + $settings);

foreach (['a gigabyte', 'a gigabyte after a while', 'a lock of a gigabyte'] as $fault) {
    echo "three servers with $fault\n";
    ini_set('session.save_path', save_path([new FakeServer($fault), new FakeServer($fault),
        new FakeServer($fault)], 'timeout=5'));
    echo php($script, $settings);
    echo preg_replace('/^Warning: [^:]+: Failed to read.*\n/m', '', preg_replace('/:\d+: its/', ':PORT: its',
        php('session_id("abc"); session_start();', ['display_errors' => '1'] + $settings)));
}
?>
--EXPECTF--
three servers with 20 MB each
refused
refused
refused
within the limit
bool(true)
bool(true)
NULL
bool(true)
NULL
bool(true)
NULL

Warning: session_start(): 127.0.0.1:%d: its reply of 20000054 bytes does not fit into the %d bytes that memory_limit leaves this request for the replies of all servers. The session was not opened, and it was not changed. Raise memory_limit, or keep less in the session in Command line code on line 1

Warning: session_start(): Failed to read session data: memcache (path: %s) in Command line code on line 1

bool(true)
int(20000000)
three servers with a gigabyte
refused
refused
refused
within the limit

Warning: session_start(): 127.0.0.1:PORT: its reply of 1000000033 bytes does not fit into the %d bytes that memory_limit leaves this request for the replies of all servers. The session was not opened, and it was not changed. Raise memory_limit, or keep less in the session in Command line code on line 1

three servers with a gigabyte after a while
refused
refused
refused
within the limit

Warning: session_start(): 127.0.0.1:PORT: its reply of 1000000033 bytes does not fit into the %d bytes that memory_limit leaves this request for the replies of all servers. The session was not opened, and it was not changed. Raise memory_limit, or keep less in the session in Command line code on line 1

three servers with a lock of a gigabyte
refused
refused
refused
within the limit

Warning: session_start(): 127.0.0.1:PORT: its reply of 1000000038 bytes is longer than a lock can be, which is at most 16384 bytes. The session was not opened, and it was not changed. Another program has stored the lock of the session: delete it in Command line code on line 1
