--TEST--
A session that expires or is flushed while a request holds it is stored anew, changed or not
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
ini_set('session.gc_maxlifetime', 1);

foreach (['changed' => true, 'unchanged' => false] as $what => $changes) {
    visit('abc', fn() => $_SESSION = ['user' => 'ann']);
    session_start();
    wait_until(fn() => $servers[0]->get('abc') === null && $servers[1]->get('abc') === null);
    if ($changes) {
        $_SESSION['page'] = 2;
    }
    var_dump(session_write_close());
    echo "$what: ", contents('abc'), "\n";
}
visit('abc', fn() => $_SESSION = ['user' => 'ann']);
session_start();
foreach ($servers as $server) {
    $server->ask("flush_all\r\n");
}
$_SESSION['page'] = 3;
session_write_close();
echo 'flushed: ', contents('abc'), "\n";
foreach ($servers as $server) {
    echo $server->with_lock('abc'), "\n";
}
?>
--EXPECT--
bool(true)
changed: {"user":"ann","page":2}
bool(true)
unchanged: {"user":"ann"}
flushed: {"user":"ann","page":3}
user|s:3:"ann";page|i:3; free
user|s:3:"ann";page|i:3; free
