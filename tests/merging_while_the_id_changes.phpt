--TEST--
With session_merge a login changes the id while others have the old one open: their late changes are told or kept there
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_merge=fail
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
foreach (['true', 'false'] as $delete_old) {
    echo "session_regenerate_id($delete_old)\n";
    visit('abc', fn() => $_SESSION['cart'] = 1);
    $changing = hold('abc', '$_SESSION["late"] = 1;');
    $reading = hold('abc');
    [$id, $user] = explode(' ', php('session_id("abc"); session_start();
        session_regenerate_id($argv[1] === "true"); $_SESSION["user"] = "Ann";
        session_write_close(); echo session_id(), " ", $_SESSION["user"];', [], [$delete_old]));
    echo 'reading: ', $reading->output(), "\n";
    echo 'changing: ', $changing->output(), "\n";
    echo 'old id: ', contents('abc'), "\n";
    echo 'new id: ', contents($id), ' ', $user, "\n";
    foreach ($servers as $server) {
        echo $server->get('abc.lock') ?? 'free', ' ', $server->get("$id.lock") ?? 'free', "\n";
    }
}
?>
--EXPECTF--
session_regenerate_id(true)
reading: 
changing: 
Warning: %s: another request destroyed the session while this one had it open or waited for it (a logout, or a login that changes the session id); the session stays destroyed, and the changes of this request were not stored in %s on line %d

Warning: PHP Request Shutdown: Failed to write session data %s

old id: []
new id: {"cart":1,"user":"Ann"} Ann
free free
free free
session_regenerate_id(false)
reading: 
changing: 
old id: {"cart":1,"late":1}
new id: {"cart":1,"user":"Ann"} Ann
free free
free free
