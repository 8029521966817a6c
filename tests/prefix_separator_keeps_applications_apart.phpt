--TEST--
Prefixes of which one begins with the other overlap, unless a separator is between prefix and id
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
function told(): string
{
    ob_start();
    phpinfo(INFO_MODULES);
    return preg_match('/^Key prefix => (.*)$/m', ob_get_clean(), $match) ? $match[1] : 'nothing';
}

foreach (['', ':'] as $separator) {
    ini_set('memcache.session_prefix_separator', $separator);
    ini_set('memcache.session_prefix_static_key', 'shop2');
    visit('abc', fn() => $_SESSION['of'] = 'shop2');
    ini_set('memcache.session_prefix_static_key', 'shop');
    session_id('2abc');
    session_start();
    echo json_encode($_SESSION), ' ', $server->get("shop2{$separator}abc"), "\n";
    session_abort();
    echo told(), "\n";
}
// No prefix, no separator.
ini_set('memcache.session_prefix_static_key', '');
visit('abc', fn() => $_SESSION['n'] = 1);
echo $server->get('abc'), ' ', told(), "\n";

ini_set('memcache.session_prefix_separator', '');
ini_set('memcache.session_prefix_static_key', 'shop.');
echo told(), "\n";
ini_set('memcache.session_ids', 'php');
echo told(), "\n";
?>
--EXPECT--
{"of":"shop2"} of|s:5:"shop2";
"shop" ends in a character that ids can have: the id 2abc here is the id abc of an application whose prefix is "shop2". Set memcache.session_prefix_separator, in all applications, to a text that none of their prefixes has
[] of|s:5:"shop2";
nothing
n|i:1; nothing
"shop." ends in a character that ids can have: the id 2abc here is the id abc of an application whose prefix is "shop.2". Set memcache.session_ids to php
nothing
