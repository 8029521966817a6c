--TEST--
Each hash strategy finds its own sessions, and session_hash_strategy takes precedence
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(5, '');
ini_set('memcache.session_redundancy', '1');
$places = [];
foreach (['consistent', 'standard', 'ketama', 'ketama_unweighted', 'modula'] as $strategy) {
    foreach (['memcache.hash_strategy', 'memcache.session_hash_strategy'] as $setting) {
        ini_set($setting, $strategy);
        foreach (['crc32', 'fnv'] as $function) {
            ini_set('memcache.hash_function', $function);
            $place = '';
            for ($i = 0; $i < 20; ++$i) {
                visit("s$i", fn() => $_SESSION['n'] = 1);
                foreach ($servers as $k => $server) {
                    if ($server->get("s$i") !== null) {
                        $place .= $k;
                        $server->ask("flush_all\r\n");
                    }
                }
            }
            $places["$strategy $function"][] = $place;
        }
        ini_restore('memcache.session_hash_strategy');
    }
}
foreach ($places as $name => [$a, $b]) {
    echo $name, ': ', strlen($a), ' ', $a === $b ? 'same' : 'different', "\n";
}
echo count(array_unique(array_column($places, 0))), " ways\n";
?>
--EXPECT--
consistent crc32: 20 same
consistent fnv: 20 same
standard crc32: 20 same
standard fnv: 20 same
ketama crc32: 20 same
ketama fnv: 20 same
ketama_unweighted crc32: 20 same
ketama_unweighted fnv: 20 same
modula crc32: 20 same
modula fnv: 20 same
7 ways
