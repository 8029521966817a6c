--TEST--
When both are loaded, memcache.session_hash_strategy selects a strategy that pecl/memcache refuses
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
need_pecl_memcache();
?>
--FILE--
<?php
require __DIR__ . '/both_extensions.inc';
$servers = start_servers(5);
ini_set('memcache.session_redundancy', '1');
$visits = 'for ($i = 0; $i < 40; ++$i) {
    session_id("abc$i"); session_start(); $_SESSION["n"] = 1; session_write_close();
}';
// The servers that hold the sessions.
function placement(array $servers): string
{
    $places = '';
    for ($i = 0; $i < 40; ++$i) {
        foreach ($servers as $number => $server) {
            $places .= $server->get("abc$i") === null ? '' : $number;
        }
    }
    array_map(fn($server) => $server->ask("flush_all\r\n"), $servers);
    return $places;
}
$alone = [];
foreach (['consistent', 'standard', 'ketama', 'modula'] as $strategy) {
    php($visits, ['memcache.hash_strategy' => $strategy]);
    $alone[placement($servers)] = $strategy;
}
$both = ['session.save_handler' => 'memcache_session', 'memcache.session_redundancy' => '1'];
foreach ([['', 'consistent'], ['', 'standard'], ['ketama', 'consistent'], ['modula', 'standard'],
    ['standard', 'consistent'], ['consistent', 'standard']] as [$own, $common]) {
    $settings = $both + ['memcache.session_hash_strategy' => $own, 'memcache.hash_strategy' => $common];
    foreach (with_both_extensions($visits, $settings) as $order => $output) {
        echo "$order: $output'$own' over $common: ", $alone[placement($servers)] ?? 'none of them', "\n";
    }
}
?>
--EXPECT--
pecl/memcache first: '' over consistent: consistent
pecl/memcache second: '' over consistent: consistent
pecl/memcache first: '' over standard: standard
pecl/memcache second: '' over standard: standard
pecl/memcache first: 'ketama' over consistent: ketama
pecl/memcache second: 'ketama' over consistent: ketama
pecl/memcache first: 'modula' over standard: modula
pecl/memcache second: 'modula' over standard: modula
pecl/memcache first: 'standard' over consistent: standard
pecl/memcache second: 'standard' over consistent: standard
pecl/memcache first: 'consistent' over standard: consistent
pecl/memcache second: 'consistent' over standard: consistent
