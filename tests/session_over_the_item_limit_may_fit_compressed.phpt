--TEST--
A session of more than the item limit is stored if compression makes it fit, for weeks too
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
?>
--INI--
session.save_handler=memcache
session.use_cookies=0
session.use_strict_mode=0
session.cache_limiter=
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
// What is small again is stored as it is.
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
