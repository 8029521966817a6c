--TEST--
A copy that was evicted is written again, also when the session is unchanged
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
visit('abc', fn() => $_SESSION['n'] = 1);
foreach ($servers as $server) {
    $server->delete('abc');
    visit('abc', fn() => null);
    echo $servers[0]->get('abc'), ' ', $servers[1]->get('abc'), "\n";
}
?>
--EXPECT--
n|i:1; n|i:1;
n|i:1; n|i:1;
