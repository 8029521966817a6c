--TEST--
Ids of unusual but printable bytes are sessions of their own
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
foreach (['a.lock.b', 'a/b', '../x', 'ä', "\xff\xfe", 'a:b', '%0d%0a', 'lock', str_repeat('z', 245)]
    as $i => $id) {
    visit($id, fn() => $_SESSION['n'] = $i);
    echo $server->get($id), "\n";
}
?>
--EXPECT--
n|i:0;
n|i:1;
n|i:2;
n|i:3;
n|i:4;
n|i:5;
n|i:6;
n|i:7;
n|i:8;
