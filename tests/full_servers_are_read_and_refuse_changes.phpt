--TEST--
Servers that are full and never evict are read: only a change is refused, with their words and the sizes
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.save_handler=memcache
--FILE--
<?php
require __DIR__ . '/server.inc';
$log = tempnam(sys_get_temp_dir(), 'log');
ini_set('log_errors', '1');
ini_set('error_log', $log);
$servers = [new Server(['-M', '-m', '2']), new Server(['-M', '-m', '2'])];
ini_set('session.save_path', save_path($servers));
set_error_handler(function (int $code, string $text) {
    if (!str_contains($text, 'Failed to')) {
        echo '  ', preg_replace('/:\d{4,5}/', ':PORT', $text), "\n";
    }
    return true;
});

function show(array $servers, string $sid): void
{
    echo '  ', json_encode(array_map(fn($server) => $server->with_lock($sid), $servers)), "\n";
}

visit('abc', fn() => $_SESSION['n'] = 1);
foreach ($servers as $server) {
    $server->fill();
}
echo "unchanged\n";
visit('abc', fn() => print('  ' . json_encode($_SESSION) . "\n"));
show($servers, 'abc');
echo "changed\n";
visit('abc', fn() => $_SESSION['n'] = 2);
show($servers, 'abc');
echo "new\n";
visit('new', fn() => $_SESSION['n'] = 1);
show($servers, 'new');
echo "only read\n";
echo '  ', contents('abc'), "\n";
echo "destroyed\n";
session_id('abc');
session_start();
session_destroy();
show($servers, 'abc');
echo "locked before the memory was full\n";
$servers[0]->ask("flush_all\r\n");
$servers[1]->ask("flush_all\r\n");
visit('abc', fn() => $_SESSION['n'] = 3);
session_id('abc');
session_start();
foreach ($servers as $server) {
    $server->fill();
}
$_SESSION['n'] = 4;
session_write_close();
show($servers, 'abc');
echo "while another request holds that lock\n";
$servers[0]->ask("flush_all\r\n");
$servers[1]->ask("flush_all\r\n");
visit('abc', fn() => $_SESSION['n'] = 5);
$holder = hold('abc');
foreach ($servers as $server) {
    $server->fill();
}
ini_set('memcache.session_lock_wait', '0');
visit('abc', fn() => print("BOTH HOLD IT\n"));
$holder->output();
show($servers, 'abc');
echo "marks\n";
ob_start();
phpinfo(INFO_MODULES);
preg_match_all('/^127\.0\.0\.1:\d+ => (.*)/m', ob_get_clean(), $match);
echo '  ', json_encode($match[1]), "\n";
echo preg_replace('/^.*PHP (Warning|Request Shutdown).*\n/m', '', file_get_contents($log));
unlink($log);
?>
--EXPECTF--
unchanged
  {"n":1}
  ["n|i:1; free","n|i:1; free"]
changed
  session_write_close(): the session was not stored, and its previous state is kept: 127.0.0.1:PORT refused 6 bytes in place of 6: out of memory storing object. Give the server more memory (memcached -m), or let it evict (without -M)
  ["n|i:1; free","n|i:1; free"]
new
  session_write_close(): the session was not stored, and its previous state is kept: 127.0.0.1:PORT refused 6 bytes: out of memory storing object. Give the server more memory (memcached -m), or let it evict (without -M)
  [" free"," free"]
only read
  {"n":1}
destroyed
  session_destroy(): the session was not destroyed, and it still exists: no server of its set stored the mark that ends it (127.0.0.1:PORT: it said "SERVER_ERROR out of memory storing object": the server is out of memory: give it more (memcached -m), or let it evict (without -M)); open it again, and destroy it when the servers take it
  session_destroy(): Session object destruction failed
  ["n|i:1; free","n|i:1; free"]
locked before the memory was full
  session_write_close(): the session was not stored, and its previous state is kept: 127.0.0.1:PORT refused 6 bytes in place of 6: out of memory storing object. Give the server more memory (memcached -m), or let it evict (without -M)
  ["n|i:3; free","n|i:3; free"]
while another request holds that lock
  session_start(): the session is locked by process %d on %s at 127.0.0.1:PORT; this request waited 0%S s (memcache.session_lock_wait allows 0 s: raise it, or close the session earlier in that request, see docs/locking.md). It was not opened, and it was not changed
  ["n|i:5; free","n|i:5; free"]
marks
  ["up","up"]
