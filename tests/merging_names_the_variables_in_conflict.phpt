--TEST--
With session_merge = last, a change in conflict wins, but a reference is refused as with fail
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
$other = 'session_id("abc"); session_start(); ';

foreach (['fail', 'last'] as $mode) {
    ini_set('memcache.session_merge', $mode);
    echo "\n$mode: two changes of one variable beside two others";
    visit('abc', fn() => $_SESSION = ['cart' => ['n' => 1, 'm' => 1], 'secret' => 's3cret']);
    visit('abc', function () use ($other) {
        php($other . '$_SESSION["cart"]["n"] = 2; $_SESSION["theirs"] = 1;');
        $_SESSION['cart']['n'] = 3;
        $_SESSION['ours'] = 1;
    });
    echo "\n", contents('abc'), ' ', $servers[0]->with_lock('abc') === $servers[1]->with_lock('abc')
        ? 'twice' : 'differs', "\n";

    echo "a reference";
    visit('abc', function () {
        $_SESSION = ['a' => 1];
        $_SESSION['b'] = &$_SESSION['a'];
    });
    visit('abc', function () use ($other) {
        php($other . '$_SESSION["theirs"] = 1;');
        $_SESSION['ours'] = 1;
    });
    echo "\n", contents('abc'), "\n";
}

echo "\nthe script asks for the lock";
ini_set('memcache.session_merge', 'fail');
ini_set('memcache.session_merge', 'off');
session_id('abc');
session_start();
var_dump($servers[0]->get('abc.lock') !== null);
session_write_close();
?>
--EXPECTF--
fail: two changes of one variable beside two others
Warning: session_write_close(): another request has changed $_SESSION['cart']['n'] too since this one read the session, and the changes differ; the changes of the other request are kept, and those of this request were not stored. Scripts that change such data together should lock the session (ini_set('memcache.session_merge', 'off') before session_start()), or memcache.session_merge = last keeps the later change in %s on line %d

Warning: session_write_close(): Failed to write session data %s in %s on line %d

{"cart":{"n":2,"m":1},"secret":"s3cret","theirs":1} twice
a reference
Warning: session_write_close(): another request has changed the session since this one read it, and PHP's references (&) in it prevent a merge; the changes of the other request are kept, and those of this request were not stored. Scripts that change such data together should lock the session (ini_set('memcache.session_merge', 'off') before session_start()) in %s on line %d

Warning: session_write_close(): Failed to write session data %s in %s on line %d

{"a":1,"b":1,"theirs":1}

last: two changes of one variable beside two others
{"cart":{"n":3,"m":1},"secret":"s3cret","theirs":1,"ours":1} twice
a reference
Warning: session_write_close(): another request has changed the session since this one read it, and PHP's references (&) in it prevent a merge; the changes of the other request are kept, and those of this request were not stored. Scripts that change such data together should lock the session (ini_set('memcache.session_merge', 'off') before session_start()) in %s on line %d

Warning: session_write_close(): Failed to write session data %s in %s on line %d

{"a":1,"b":1,"theirs":1}

the script asks for the lockbool(true)
