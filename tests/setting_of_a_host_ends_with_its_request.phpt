--TEST--
A setting of a host, by a section of php.ini, counts for the requests to this host alone
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_redundancy=2
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/fast_cgi.inc';
$servers = start_servers(3);
$web = new FastCgi(
    'session_id($_GET["sid"]); session_start(); $_SESSION["n"] = 1; echo "done";', "
[HOST=shop.example.com]
memcache.session_redundancy=1
[HOST=forum.example.com]
memcache.session_redundancy=3
");
foreach (['www', 'shop', 'forum', 'www', 'forum', 'shop', 'shop', 'www'] as $n => $name) {
    echo $web->get("sid=abc$n", "$name.example.com"), ": $name ",
        count(array_filter($servers, fn($server) => $server->get("abc$n"))), "\n";
}
?>
--EXPECT--
done: www 2
done: shop 1
done: forum 3
done: www 2
done: forum 3
done: shop 1
done: shop 1
done: www 2
