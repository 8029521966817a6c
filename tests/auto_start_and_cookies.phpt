--TEST--
PHP starts a session by itself for a visitor with a cookie
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/web_server.inc';
$servers = start_servers(2);
$web = new WebServer('$_SESSION["clicks"] = ($_SESSION["clicks"] ?? 0) + 1; echo $_SESSION["clicks"];', [
    'session.auto_start' => '1', 'session.use_cookies' => '1', 'session.use_strict_mode' => '1']);
echo $web->get('/'), ' ';
$cookie = $web->cookie;
echo $web->get('/', $cookie), ' ', $web->get('/', $cookie), ' ';
$servers[0]->kill();
echo $web->get('/', $cookie), ' ', $web->get('/', $cookie), "\n";
echo $web->get('/', 'PHPSESSID=madeup'), ' ', $web->cookie === 'PHPSESSID=madeup' ? 'taken' : 'replaced', "\n";
$servers[1]->kill();
echo preg_match('/no memcached server could be used/', $web->get('/', $cookie)), ' ',
    $web->cookie ?? 'the cookie stays', "\n";
?>
--EXPECT--
1 2 3 4 5
1 replaced
1 the cookie stays
