--TEST--
Sessions follow the nodes of a cluster as they are added, replaced and removed; the log tells each change
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/fake_cluster.inc';
$log = tempnam(sys_get_temp_dir(), 'log');
ini_set('error_log', $log);
ini_set('log_errors', '1');

$cluster = new FakeCluster();
$nodes = ['b.cache' => new Server(), 'a.cache' => new Server()];
$cluster->set_nodes(1, $nodes);
ini_set('session.save_path', $cluster->path());
$ids = array_map(fn(int $i) => "sid$i", range(1, 40));

// Counts up each session, and returns the values.
function count_up(array $ids): string
{
    $values = [];
    foreach ($ids as $id) {
        visit($id, function () use (&$values) {
            $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
            $values[] = $_SESSION['n'];
        });
    }
    return implode(',', array_unique($values));
}

// Waits until the pool has so many servers.
function wait_for(int $version): void
{
    wait_until(fn() => memcache_session_status()['sources'][0]['version'] === $version);
}

echo count_up($ids), "\n";
$status = memcache_session_status();
echo implode(' ', array_map(fn($server) => preg_replace('/:.*/', '', $server['name']), $status['servers'])),
    ' ', $status['sources'][0]['servers'], ' ', $status['sources'][0]['version'], ' ',
    json_encode($status['sources'][0]['failure']), "\n";

$nodes['c.cache'] = new Server();
$cluster->set_nodes(2, array_reverse($nodes));
wait_for(2);
echo 'added: ', count_up($ids), "\n";

$nodes['a.cache'] = new Server();  // the same name and another port, empty
$cluster->set_nodes(3, $nodes);
wait_for(3);
echo 'replaced: ', count_up($ids), "\n";

unset($nodes['b.cache']);
$cluster->set_nodes(4, $nodes);
wait_for(4);
echo 'removed: ', count_up($ids), "\n";

$cluster->set_reply("CONFIG cluster 0 3\r\n5\n\n\r\nEND\r\n");
wait_until(fn() => memcache_session_status()['sources'][0]['failure'] !== null);
echo 'an empty list: ', count_up($ids), "\n";
$status = memcache_session_status();
echo count($status['servers']), ' servers, ', $status['sources'][0]['failure'], "\n";

ob_start();
phpinfo(INFO_MODULES);
preg_match('/^elasticache:.*$/m', ob_get_clean(), $row);
echo preg_replace('/:\d+ /', ':PORT ', preg_replace('/\d+ s\b/', 'N s', $row[0])), "\n";
session_write_close();
echo preg_replace(['/:\d+/', '/^\[[^]]*\] /m'], [':PORT', ''], file_get_contents($log));
unlink($log);
?>
--EXPECT--
1
a.cache b.cache 2 1 null
added: 2
replaced: 3
removed: 4
an empty list: 5
2 servers, its list has no server
elasticache://127.0.0.1:PORT => 2 servers (version 4), asked N s ago, unchanged for N s; it has given no list for N s: its list has no server
memcache_session: elasticache://127.0.0.1:PORT gives another list than before, of 3 servers: a.cache:PORT, b.cache:PORT, c.cache:PORT
memcache_session: elasticache://127.0.0.1:PORT gives another list than before, of 3 servers: a.cache:PORT, b.cache:PORT, c.cache:PORT
memcache_session: elasticache://127.0.0.1:PORT gives another list than before, of 2 servers: a.cache:PORT, c.cache:PORT
memcache_session: elasticache://127.0.0.1:PORT gives no list: its list has no server; sessions stay on the 2 servers: a.cache:PORT, c.cache:PORT
