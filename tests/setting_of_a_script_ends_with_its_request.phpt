--TEST--
A setting that a script changes counts at once, until it is changed again or the request ends
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_redundancy=2
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/web_server.inc';
$servers = start_servers(3);
$copies = fn(string $sid) => count(array_filter($servers, fn($server) => $server->get($sid)));
$web = new WebServer('
    ob_start();
    $store = function (string $sid) {
        session_id($sid);
        session_start();
        $_SESSION["n"] = 1;
        session_write_close();
    };
    $store("first" . $_GET["n"]);
    foreach (str_split($_GET["copies"] ?? "") as $copies) {
        if ($copies !== "") {
            ini_set("memcache.session_redundancy", $copies);
            $store("changed$copies" . $_GET["n"]);
        }
    }
    ini_restore("memcache.session_redundancy");
    $store("restored" . $_GET["n"]);
    echo "done";');
foreach (['&copies=131', '', '&copies=3', ''] as $n => $query) {
    echo $web->get("/?n=$n$query"), ':';
    foreach (['first', 'changed1', 'changed3', 'restored'] as $name) {
        echo " $name ", $copies("$name$n");
    }
    echo "\n";
}
?>
--EXPECT--
done: first 2 changed1 1 changed3 3 restored 2
done: first 2 changed1 0 changed3 0 restored 2
done: first 2 changed1 0 changed3 3 restored 2
done: first 2 changed1 0 changed3 0 restored 2
