--TEST--
memcache_session_status(true) speaks no meta protocol where memcache.session_meta is off
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
start_servers(1);
foreach (['off', 'auto'] as $meta) {
    echo $meta, ': ', php('memcache_session_status(true);
        [$server] = memcache_session_status(true)["servers"];
        echo json_encode([$server["protocol"], $server["asked"]["error"]]);',
        ['memcache.session_meta' => $meta]), "\n";
}
?>
--EXPECT--
off: [null,null]
auto: ["meta",null]
