--TEST--
With $ask_servers each memcached tells of itself, or there is a reason, within the timeout
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/fake_server.inc';
$servers = start_servers(3, 'timeout=0.5');
visit('abc', fn() => $_SESSION['n'] = 1);
$garbage = new FakeServer('garbage');
ini_set('session.save_path', ini_get('session.save_path') . ",tcp://127.0.0.1:{$garbage->port}?timeout=0.5");
$servers[1]->stop();
$servers[2]->kill();
$began = microtime(true);
$asked = array_column(memcache_session_status(true)['servers'], 'asked');
$took = microtime(true) - $began;
$servers[1]->go_on();
echo $took < 1.5 ? "in time\n" : "took $took s\n";
[$well] = $asked;
var_dump($well['error'], $well['version'] === explode(' ', trim($servers[0]->ask("version\r\n")))[1],
    $well['uptime'] >= 0 && $well['uptime'] < 600, $well['items'] === 1 || $well['items'] === 0,
    $well['bytes_max'], $well['evictions'], $well['connections'] >= 1, $well['hits'] + $well['misses'] > 0);
foreach (array_slice($asked, 1) as $answer) {
    echo $answer['error'], count(array_filter($answer, fn($value) => $value !== null)) === 1 ? '' : '!', "\n";
}
$asked = array_column(memcache_session_status(true)['servers'], 'asked');
echo $asked[2]['error'], "\n";
?>
--EXPECTF--
in time
NULL
bool(true)
bool(true)
bool(true)
int(67108864)
int(0)
bool(true)
bool(true)
no answer within 0.5 s
connection refused
%s
not asked, because it is down: connection refused
