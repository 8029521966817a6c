--TEST--
A session that the fastest compression leaves above the item limit is stored if a better one fits
--EXTENSIONS--
memcache_session
zlib
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$words = explode(' ', 'order customer invoice product price street city delivery payment status');
mt_srand(7);
$text = '';
while (strlen(gzcompress($text, 1)) < 1.1 * 1024 * 1024) {
    for ($i = 0; $i < 5000; ++$i) {
        $text .= mt_rand(1, 9999999) . " {$words[mt_rand(0, 9)]} {$words[mt_rand(0, 9)]};";
    }
}
visit('abc', fn() => $_SESSION['text'] = $text);
visit('abc', fn() => var_dump($_SESSION['text'] === $text));
// The head of a zlib stream tells the level.
echo bin2hex(substr($server->get('abc'), 0, 2)), "\n";

$text = substr($text, 0, 100000);
visit('abc', fn() => $_SESSION['text'] = $text);
visit('abc', fn() => var_dump($_SESSION['text'] === $text));
echo bin2hex(substr($server->get('abc'), 0, 2)), "\n";
?>
--EXPECT--
bool(true)
789c
bool(true)
7801
