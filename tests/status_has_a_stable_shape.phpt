--TEST--
The keys of memcache_session_status() are those of docs/status.md, in one order, also with nothing to show
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(1);
function keys(array $array): string
{
    $shown = [];
    foreach ($array as $key => $value) {
        $shown[] = is_array($value) && !array_is_list($value) ? "$key(" . keys($value) . ')' : $key;
    }
    return implode(' ', $shown);
}
$status = memcache_session_status(true);
echo keys($status), "\n", keys($status['servers'][0]), "\n", keys($status['series'][59]), "\n";
$buckets = $status['time']['opening']['buckets'];
echo count($buckets), ' ', json_encode([$buckets[0]['le'], $buckets[20]['le'], $buckets[21]['le']]), "\n";
$buckets = $status['bytes']['stored']['buckets'];
echo count($buckets), ' ', json_encode([$buckets[0]['le'], $buckets[20]['le'], $buckets[21]['le']]), "\n";
echo $status['version'] === phpversion('memcache_session') ? 'the version' : $status['version'], "\n";
var_dump($status['enabled'], $status['shared'], abs($status['now'] - time()) < 5,
    $status['since'] <= $status['now'], $status['problem']);
echo memcache_session_status()['servers'][0]['asked'] === null ? "not asked\n" : "asked\n";

ini_set('session.save_path', 'tcp://');
$status = memcache_session_status();
echo count($status['servers']), ' ', $status['problem'], "\n";
ini_set('session.save_handler', 'files');
echo count(memcache_session_status()['servers']), " servers of another handler\n";
?>
--EXPECT--
version enabled shared since now problem servers sources sessions(opened created missing destroyed stored touched merged overwritten fewer_copies refused(unavailable unknown_state locked too_large damaged conflict destroyed expired not_stored read_only invalid)) locks(acquired waited wait_seconds(count sum buckets) gave_up waiters_refused replaced(dead_holder orphan)) time(opening(count sum buckets) closing(count sum buckets)) bytes(read stored(count sum buckets)) series
name transport state reason down_since protocol counted phases failures(refused timeout closed protocol memory tls login local) marks recoveries probes last_failure phase_seconds(count sum buckets) history asked(error version uptime items evictions bytes bytes_max connections hits misses)
time opened created missing destroyed stored touched merged overwritten fewer_copies refused lock_waits lock_wait_seconds lock_gave_up opening_seconds closing_seconds opening_p50 opening_p99 closing_p50 closing_p99 bytes_read bytes_stored
22 [3.2e-5,33.554432,null]
22 [32,33554432,null]
the version
bool(true)
bool(true)
bool(true)
bool(true)
NULL
not asked
0 save_path at offset 0, "tcp://": the host is missing; write tcp://host:port
0 servers of another handler
