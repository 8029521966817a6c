--TEST--
Settings of a folder, by .user.ini and by a section of php.ini, count for its requests alone
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_redundancy=2
memcache.session_prefix_static_key=all.
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/fast_cgi.inc';
$servers = start_servers(3);
$script = 'session_id($_GET["sid"]); session_start(); $_SESSION["n"] = 1; echo "done";';
$web = new FastCgi($script, "
user_ini.cache_ttl=0
[PATH=%s/shop]
memcache.session_prefix_static_key=shop.
");
mkdir("{$web->folder}/shop");
$web->write('shop/index.php', "<?php\n$script");
$web->write('shop/.user.ini', 'memcache.session_redundancy=1');
foreach (['', 'shop', '', 'shop', 'shop', ''] as $n => $folder) {
    echo $web->get("sid=abc$n", folder: $folder), ':';
    foreach (['all.', 'shop.'] as $prefix) {
        echo " $prefix ", count(array_filter($servers, fn($server) => $server->get("{$prefix}abc$n")));
    }
    echo "\n";
}
unlink("{$web->folder}/shop/index.php");
unlink("{$web->folder}/shop/.user.ini");
rmdir("{$web->folder}/shop");
?>
--EXPECT--
done: all. 2 shop. 0
done: all. 0 shop. 1
done: all. 2 shop. 0
done: all. 0 shop. 1
done: all. 0 shop. 1
done: all. 2 shop. 0
