--TEST--
The error log has one line when a server fails, and one when it is back
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2, 'timeout=1&retry_interval=1');
$log = tempnam(sys_get_temp_dir(), 'log');
ini_set('log_errors', '1');
ini_set('error_log', $log);
$dead = $servers[0]->port;
$servers[0]->kill();
for ($i = 0; $i < 5; ++$i) {
    visit('abc', fn() => $_SESSION['n'] = $i);
}
$servers[0]->start();
wait_until(function () use ($log) {
    visit('abc', fn() => $_SESSION['n'] = 5);
    return str_contains(file_get_contents($log), 'is back');
});
for ($i = 0; $i < 5; ++$i) {
    visit('abc', fn() => $_SESSION['n'] = $i);
}
echo preg_replace(['/^\[[^]]*\] /m', "/$dead/"], ['', 'PORT'], file_get_contents($log));
unlink($log);
?>
--EXPECTF--
memcache_session: server 127.0.0.1:PORT is down: connection refused; it is left alone until it is well again; sessions use the other servers
memcache_session: server 127.0.0.1:PORT is back; it was down for %f s
