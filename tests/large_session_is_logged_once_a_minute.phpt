--TEST--
A session over memcache.session_warn_size gives one line in the log, with path and size, and no more for a minute
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(1);
$log = tempnam(sys_get_temp_dir(), 'log');
ini_set('log_errors', '1');
ini_set('error_log', $log);
visit('abc', fn() => $_SESSION['n'] = str_repeat('x', 2000));
echo 'without limit: ', file_get_contents($log), "\n";
ini_set('memcache.session_warn_size', '1000');
visit('abc', fn() => $_SESSION['n'] = str_repeat('x', 900));
echo 'below: ', file_get_contents($log), "\n";
for ($i = 0; $i < 3; ++$i) {
    visit('abc', fn() => $_SESSION['n'] = str_repeat('x', 1000 + $i));
}
echo preg_replace('/^\[[^]]*\] /m', '', file_get_contents($log));
unlink($log);
?>
--EXPECTF--
without limit: 
below: 
memcache_session: a session of 1012 bytes was stored by a request to %slarge_session_is_logged_once_a_minute.php: that is more than memcache.session_warn_size, which is 1000
