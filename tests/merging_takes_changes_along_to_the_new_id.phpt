--TEST--
With session_merge a request that changes the id takes along what others have stored under the old one, and only this request
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

// Opens the session in another process, lets `$meanwhile` run here, then runs `$then` there and
// prints its output. Output of PHP would be a header, after which no id can be changed.
function side_by_side(callable $meanwhile, string $then, string $handler = '',
    array $settings = []): void
{
    visit('abc', fn() => $_SESSION = ['cart' => [1 => 'old'], 'page' => 'home']);
    $login = new Process($handler . 'session_id("abc"); session_start();
        fwrite(STDOUT, "open\n"); fgets(STDIN); ' . $then, $settings);
    if ($login->line() !== 'open') {
        throw new Exception('no process could open the session');
    }
    $meanwhile();
    echo trim($login->output()), "\n";
}

function logout(): void
{
    session_id('abc');
    session_start();
    session_destroy();
}

$shop = fn() => visit('abc', function () {
    $_SESSION['cart'][7] = 'new';
    unset($_SESSION['page']);
});
const SHOW = 'session_write_close(); session_start(["read_and_close" => true]);
    echo json_encode($_SESSION);';
const LOGIN = 'session_regenerate_id(true); $_SESSION["user"] = "Ann"; ' . SHOW;

echo "regenerate(true): ";
side_by_side($shop, LOGIN);
echo 'old id: ', contents('abc'), "\n";
echo "regenerate(false): ";
side_by_side($shop, str_replace('true', 'false', LOGIN));
echo 'old id: ', contents('abc'), "\n";
logout();
echo "twice: ";
side_by_side($shop, 'session_regenerate_id(true); ' . LOGIN);
echo "merging switched off meanwhile: ";
side_by_side($shop, 'ini_set("memcache.session_merge", "off"); ' . LOGIN);
echo "php_serialize: ";
ini_set('session.serialize_handler', 'php_serialize');
side_by_side($shop, LOGIN, '', ['session.serialize_handler' => 'php_serialize']);
ini_set('session.serialize_handler', 'php');
logout();

echo "a class: ";
side_by_side($shop, LOGIN, 'class Handler extends SessionHandler {}
    session_set_save_handler(new Handler()); ');
echo "a class that does not close: ";
side_by_side($shop, LOGIN, 'class Handler extends SessionHandler {
        public function close(): bool { return true; }
    }
    session_set_save_handler(new Handler()); ');

// PHP's log of the other process is its standard error, which is read with its output.
echo "\nconflict:\n";
$spoil = fn() => visit('abc', fn() => $_SESSION = ['cart' => [1 => 'other'], 'page' => 'shop']);
side_by_side($spoil, 'ini_set("display_errors", "0"); ini_set("log_errors", "1");
    $_SESSION["cart"][1] = "mine"; ' . LOGIN . ' echo "\n"; var_dump(error_get_last());');
echo "conflict, last: ";
side_by_side($spoil, '$_SESSION["cart"][1] = "mine"; ' . LOGIN, '',
    ['memcache.session_merge' => 'last']);
echo "destroyed meanwhile: ";
side_by_side('logout', LOGIN);
echo "the lock is held:";
side_by_side(function () use ($servers) {
    foreach ($servers as $server) {
        $server->set('abc.lock', '1 0,1 other~1 9 /x');
    }
}, 'var_dump(session_regenerate_id(true));', '', ['memcache.session_lock_wait' => '0.1']);
foreach ($servers as $server) {
    $server->delete('abc.lock');
}
echo 'old id: ', contents('abc'), "\n";

echo "\nAn id that the script chooses is another session: ";
side_by_side($shop, '$id = session_create_id(); session_write_close(); session_id($id);
    ini_set("session.use_strict_mode", "0"); session_start(); $_SESSION["user"] = "Ann"; ' . SHOW);
echo "Changes are not taken along by the next request: ";
side_by_side($shop, 'session_regenerate_id(true); session_abort();
    session_start(); session_regenerate_id(true); $_SESSION["user"] = "Ann"; ' . SHOW);
echo "Nor by a session that was reset: ";
side_by_side($shop, 'session_regenerate_id(true); session_reset(); $_SESSION["user"] = "Ann"; ' .
    SHOW);
?>
--EXPECTF--
regenerate(true): {"cart":{"1":"old","7":"new"},"user":"Ann"}
old id: []
regenerate(false): {"cart":{"1":"old","7":"new"},"user":"Ann"}
old id: {"cart":{"1":"old","7":"new"}}
twice: {"cart":{"1":"old","7":"new"},"user":"Ann"}
merging switched off meanwhile: {"cart":{"1":"old","7":"new"},"user":"Ann"}
php_serialize: {"cart":{"1":"old","7":"new"},"user":"Ann"}
a class: {"cart":{"1":"old","7":"new"},"user":"Ann"}
a class that does not close: {"cart":{"1":"old","7":"new"},"user":"Ann"}

conflict:
%Smemcache_session: a request to %s has changed the id of its session, and another request had changed $_SESSION['cart'][1] too under the old id, and the changes differ; those of the first were stored under the new id, and those of the other are lost. %s
{"cart":{"1":"mine"},"page":"shop","user":"Ann"}
NULL
conflict, last: {"cart":{"1":"mine"},"page":"shop","user":"Ann"}
destroyed meanwhile: {"user":"Ann"}
the lock is held:Warning: session_regenerate_id(): the session is locked by %s. The id of the session was not changed, the session was not destroyed, and the changes of this request were not stored in %s on line %d

Warning: session_regenerate_id(): Session object destruction failed. ID: memcache (path: %s) in %s on line %d
bool(false)
old id: {"cart":{"1":"old"},"page":"home"}

An id that the script chooses is another session: {"user":"Ann"}
Changes are not taken along by the next request: {"user":"Ann"}
Nor by a session that was reset: {"user":"Ann"}
