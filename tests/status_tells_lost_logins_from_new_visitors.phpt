--TEST--
A cookie whose session is missing is counted apart from a new visitor, with and without strict mode
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/web_server.inc';
$servers = start_servers(2);
foreach (['0', '1'] as $strict) {
    $web = new WebServer('if ($_SERVER["REQUEST_URI"] === "/status") {
            $sessions = memcache_session_status()["sessions"];
            exit("opened {$sessions["opened"]}, created {$sessions["created"]}, missing {$sessions["missing"]}");
        }
        session_start(); $_SESSION["n"] = 1; echo "ok";', [
        'session.save_handler' => 'memcache', 'session.save_path' => ini_get('session.save_path'),
        'session.use_strict_mode' => $strict, 'session.use_cookies' => '1']);
    $web->get('/');
    $cookie = $web->cookie;
    $web->get('/', $cookie);
    echo 'new visitor: ', $web->get('/status'), "\n";
    foreach ($servers as $server) {
        $server->ask("flush_all\r\n");
    }
    $web->get('/', $cookie);
    echo 'lost login: ', $web->get('/status'), "\n";
}
?>
--EXPECT--
new visitor: opened 2, created 1, missing 0
lost login: opened 3, created 1, missing 1
new visitor: opened 2, created 1, missing 0
lost login: opened 3, created 2, missing 1
