--TEST--
memcache_session_reset_status() works on the command line, and elsewhere only if php.ini says so
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/web_server.inc';
$servers = start_servers(1);
visit('abc', fn() => $_SESSION['n'] = 1);
echo memcache_session_status()['sessions']['opened'], ' ';
sleep(1);
var_dump(memcache_session_reset_status());
$status = memcache_session_status();
echo $status['sessions']['opened'], ' ', $status['servers'][0]['phases'], "\n";
var_dump($status['since'] === $status['now'] || $status['since'] === $status['now'] - 1);
var_dump(ini_set('memcache.session_status_reset', '1'), ini_get('memcache.session_status_reset'));
foreach (['0', '1'] as $allowed) {
    $web = new WebServer('ini_set("html_errors", "0"); var_dump(memcache_session_reset_status());',
        ['memcache.session_status_reset' => $allowed, 'display_errors' => '1']);
    echo trim(preg_replace('/ in \S+ on line \d+/', '', $web->get('/'))), "\n";
}
try {
    memcache_session_reset_status(1);
} catch (ArgumentCountError $error) {
    echo $error->getMessage(), "\n";
}
?>
--EXPECT--
1 bool(true)
0 0
bool(true)
bool(false)
string(1) "0"
Warning: memcache_session_reset_status(): only the command line may do this, unless memcache.session_status_reset is 1 in php.ini
bool(false)
bool(true)
memcache_session_reset_status() expects exactly 0 arguments, 1 given
