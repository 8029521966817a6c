--TEST--
Strict mode asks the server for the session once
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
visit('abc', fn() => $_SESSION['n'] = 1);
foreach (['0', '1'] as $strict) {
    ini_set('session.use_strict_mode', $strict);
    $before = $server->stat('cmd_get') + $server->stat('cmd_meta');
    visit('abc', fn() => $_SESSION['n']++);
    $reads[$strict] = $server->stat('cmd_get') + $server->stat('cmd_meta') - $before;
}
echo json_encode($reads), "\n";
?>
--EXPECT--
[2,2]
