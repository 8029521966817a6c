--TEST--
With session_merge a late change does not bring a destroyed session back, nor into one that was made anew
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_merge=last
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
$visit = 'session_id("abc"); session_start(); ';
$meanwhile = [
    'a logout' => 'session_destroy();',
    'a logout, and the next visit' => 'session_destroy();
        session_id("abc"); session_start(); $_SESSION["next"] = 1;',
    'a login that changes the id' => 'session_regenerate_id(true); $_SESSION["user"] = "Bob";',
    'two logouts, and a visit after each' => 'session_destroy();
        session_id("abc"); session_start(); $_SESSION["next"] = 1; session_write_close();
        session_id("abc"); session_start(); session_destroy();
        session_id("abc"); session_start(); $_SESSION["next"] = 2;',
    'a loss by both servers' => null,
];
foreach ($meanwhile as $what => $code) {
    echo "\n$what";
    visit('abc', fn() => $_SESSION['user'] = 'Ann');
    visit('abc', function () use ($code, $visit, $servers) {
        $code === null ? array_map(fn($server) => $server->ask("flush_all\r\n"), $servers)
            : php($visit . $code);
        $_SESSION['late'] = 1;
    });
    echo "\n", contents('abc'), "\n";
    php($visit . 'session_destroy();');
}
?>
--EXPECTF--
a logout
Warning: session_write_close(): another request destroyed the session while this one had it open or waited for it (a logout, or a login that changes the session id); the session stays destroyed, and the changes of this request were not stored in %s on line %d

Warning: session_write_close(): Failed to write session data %s in %s on line %d

[]

a logout, and the next visit
Warning: session_write_close(): another request destroyed the session %s in %s on line %d

Warning: session_write_close(): Failed to write session data %s in %s on line %d

{"next":1}

a login that changes the id
Warning: session_write_close(): another request destroyed the session %s in %s on line %d

Warning: session_write_close(): Failed to write session data %s in %s on line %d

[]

two logouts, and a visit after each
Warning: session_write_close(): another request destroyed the session %s in %s on line %d

Warning: session_write_close(): Failed to write session data %s in %s on line %d

{"next":2}

a loss by both servers
{"user":"Ann","late":1}
