--TEST--
memcache_session_status() counts sessions, locks, sizes and servers, and names no session
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
memcache_session_reset_status();
visit('secretid', fn() => $_SESSION['n'] = 'secretvalue');
visit('secretid', fn() => null);
visit('secretid', fn() => $_SESSION['n'] = str_repeat('x', 1000));
visit('secretid', fn() => session_destroy());
$status = memcache_session_status();
echo json_encode(array_diff_key($status['sessions'], ['refused' => 0])), "\n";
echo array_sum($status['sessions']['refused']), " refused\n";
echo $status['locks']['acquired'], ' locks, ', $status['locks']['waited'], " waits\n";
echo $status['time']['opening']['count'], ' opened, ', $status['time']['closing']['count'], " closed\n";
foreach (['opening', 'closing'] as $which) {
    $histogram = $status['time'][$which];
    var_dump($histogram['sum'] > 0 && $histogram['sum'] < 10);
    var_dump(array_sum(array_column($histogram['buckets'], 'count')) === $histogram['count']);
}
echo $status['bytes']['read'], ' bytes read, ', $status['bytes']['stored']['sum'], " stored\n";
foreach ($status['bytes']['stored']['buckets'] as ['le' => $le, 'count' => $count]) {
    echo $count ? "$count of at most $le\n" : '';
}
foreach ($status['servers'] as $i => $server) {
    echo $server['name'] === "127.0.0.1:{$servers[$i]->port}" ? '' : 'another name ',
        implode(' ', [$server['transport'], $server['state'], $server['protocol']]), ' ',
        $server['phases'] > 6 && $server['counted'] ? 'counted' : json_encode($server), ' ',
        array_sum($server['failures']), " failures\n";
}
$measured = array_sum(array_map(fn($server) => $server['phase_seconds']['count'], $status['servers']));
echo $measured >= 8 ? "phases are measured\n" : "$measured phases\n";
$minutes = $status['series'];
echo count($minutes), ' minutes, ', array_sum(array_column($minutes, 'opened')), ' opened, ',
    array_sum(array_column($minutes, 'stored')), " stored\n";
echo preg_match('/secret/', json_encode(memcache_session_status(true))) ? 'LEAKED' : 'no leak', "\n";
?>
--EXPECT--
{"opened":4,"created":1,"missing":0,"destroyed":1,"stored":2,"touched":1,"merged":0,"overwritten":0,"fewer_copies":0}
0 refused
4 locks, 0 waits
4 opened, 4 closed
bool(true)
bool(true)
bool(true)
bool(true)
1054 bytes read, 1033 stored
1 of at most 32
1 of at most 1024
tcp up meta counted 0 failures
tcp up meta counted 0 failures
phases are measured
60 minutes, 4 opened, 2 stored
no leak
