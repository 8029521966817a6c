--TEST--
A source that has never given a list: session_start() fails within its timeout and says why; a wrong source is refused
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/fake_cluster.inc';
ini_set('log_errors', '0');
set_error_handler(function (int $level, string $message) {
    if (!str_contains($message, 'Failed to')) {
        echo preg_replace('/:\d+/', ':PORT', $message), "\n";
    }
    return true;
});

function try_it(string $path, float $least, float $most): void
{
    ini_set('session.save_path', $path);
    $began = microtime(true);
    $started = session_start();
    $time = microtime(true) - $began;
    session_abort();
    echo json_encode($started), ' ', $time >= $least && $time <= $most ? 'in time' : $time, "\n";
}

$cluster = new FakeCluster();  // it sends no byte
try_it($cluster->path('timeout=0.4'), 0.35, 1.5);
try_it($cluster->path('timeout=0.4'), 0, 0.3);
$port = free_port();
try_it("elasticache://127.0.0.1:$port?timeout=5", 0, 3);
$memcached = new Server();
try_it("elasticache://127.0.0.1:$memcached->port?timeout=5", 0, 3);
try_it("dns+tcp://localhost:$memcached->port?timeout=5", 0, 3);
foreach (['dns+tcp://127.0.0.1:1', 'srv+tcp://example', 'srv+tcp://_memcached._tcp.example:1',
    'dns://a', 'tcp://a?refresh=10', 'dns+tcp://a?refresh=0.5', 'dns+tcp://a,dns+tcp://A:11211',
    'dns+tcp://a?weight=x', 'dns+tcp://a?proxy=1,tcp://b', 'dns+tcp://a?color=red'] as $path) {
    try_it($path, 0, 3);
}
ini_set('memcache.hash_strategy', 'standard');
try_it("dns+tcp://localhost:$memcached->port", 0, 3);
?>
--EXPECT--
session_start(): elasticache://127.0.0.1:PORT has not given a list of servers yet: no answer within 0.4 s. It is asked again each second
false in time
session_start(): elasticache://127.0.0.1:PORT has not given a list of servers yet: no answer within 0.4 s. It is asked again each second
false in time
session_start(): elasticache://127.0.0.1:PORT has not given a list of servers yet: connection refused. It is asked again each second
false in time
session_start(): elasticache://127.0.0.1:PORT has not given a list of servers yet: it is no configuration endpoint of ElastiCache, because it knows no list of nodes: write tcp:// or tls:// for a server itself. It is asked again each second
false in time
true in time
session_start(): save_path at offset 10, "127.0.0.1:PORT": this is an address, and dns+ asks for those of a name; write tcp:// or tls://
false in time
session_start(): save_path at offset 10, "example": write the name of SRV records, which say the ports themselves, as in srv+tcp://_memcached._tcp.example.com
false in time
session_start(): save_path at offset 10, "_memcached._tcp.example:PORT": write the name of SRV records, which say the ports themselves, as in srv+tcp://_memcached._tcp.example.com
false in time
session_start(): save_path at offset 0, "dns://": this scheme is unknown; allowed are tcp://, tls:// and unix://, and for servers that are asked for, dns+tcp://, srv+tcp:// and elasticache://, and the same with tls
false in time
session_start(): save_path at offset 8, "refresh=10": refresh is for names whose servers are asked for, as in dns+tcp://; this one is a server itself
false in time
session_start(): save_path at offset 12, "refresh=0.5": refresh is in seconds, from 1 to 300
false in time
session_start(): save_path at offset 12, "dns+tcp://A:PORT": this name is given twice
false in time
session_start(): save_path at offset 12, "weight=x": the weight is a whole number from 1 to 1000
false in time
session_start(): save_path at offset 20, "tcp://b": proxy=1 is given for all servers or for none
false in time
session_start(): save_path at offset 12, "color": this parameter is unknown; allowed are refresh, persistent, weight, timeout, retry_interval, proxy, udp_port, user and password_file
false in time
session_start(): dns+tcp://localhost:PORT may give other servers at any time, and only memcache.hash_strategy = consistent lets web servers learn of that at different times
false in time
