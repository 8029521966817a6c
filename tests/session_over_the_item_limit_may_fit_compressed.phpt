--TEST--
A session above the item limit is stored if compression makes it fit, also for weeks
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
ini_set('session.gc_maxlifetime', 14 * 86400);
$text = str_repeat('All work and no play. ', 100000);
visit('abc', fn() => $_SESSION['text'] = $text);
visit('abc', fn() => var_dump($_SESSION['text'] === $text));
foreach ($servers as $server) {
    $stored = $server->get('abc', $flags);
    var_dump(strlen($stored) < 1000000, $flags & 2, abs($server->lifetime('abc') - 14 * 86400) < 30);
}
// A session that is small again is stored uncompressed.
visit('abc', fn() => $_SESSION['text'] = 'short');
echo $server->get('abc', $flags), ' ', $flags & 2, "\n";
?>
--EXPECT--
bool(true)
bool(true)
int(2)
bool(true)
bool(true)
int(2)
bool(true)
text|s:5:"short"; 0
