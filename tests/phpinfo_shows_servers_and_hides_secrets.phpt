--TEST--
phpinfo() shows versions, servers, settings and what empty ones mean, but no password
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.save_handler=memcache
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
$servers[0]->kill();
visit('abc', fn() => $_SESSION['n'] = 1);
ob_start();
phpinfo(INFO_MODULES);
$info = ob_get_clean();
$info = substr($info, strpos($info, "\nmemcache_session\n"));
echo preg_match('/^TLS => (OpenSSL \d|none)/m', $info), preg_match('/^Version => \d+\.\d+\.\d+$/m', $info), preg_match('/^zlib => /m', $info),
    preg_match('/^memcache.session_redundancy => 2 => 2$/m', $info), "\n";
preg_match_all('/^127.0.0.1:.*/m', $info, $states);
echo implode("\n", $states[0]), "\n";
preg_match_all('/^memcache.session_(?:lock_wait|hash_strategy) => .*/m', $info, $empty);
echo implode("\n", $empty[0]), "\n";

preg_match_all('/^(?:Sessions|Calls|Waits|Mean) .*/m', $info, $figures);
echo preg_replace('/0\.\d{6} s/', 'TIME', implode("\n", $figures[0])), "\n";

$paths = [
    'tcp://user:geheim@10.0.0.1:11211?weight=1&timeout=2',
    'tcp://10.0.0.1:11211,tcp://user:ge heim,@10.0.0.2:1',
    'user:geheim@10.0.0.1',
    'tcp://10.0.0.1?password=geheim&weight=2, tcp://10.0.0.2?secret=geheim',
    'tcp://10.0.0.1:11211?persistent=1&udp_port=0&retry_interval=15',
    'tls://10.0.0.1?cafile=/etc/ca.pem&user=geheim&password_file=/geheim&stream[passphrase_file]=/geheim',
];
foreach ($paths as $path) {
    ini_set('memcache.session_save_path', $path);
    ob_start();
    phpinfo(INFO_MODULES);
    $info = ob_get_clean();
    preg_match('/^memcache.session_save_path => (.*) => /m', $info, $match);
    echo $match[1], str_contains($info, 'heim') ? ' LEAKED' : '', "\n";
}
?>
--EXPECTF--
1111
127.0.0.1:%d => down for %f s: connection refused; no new connections until it is well again
127.0.0.1:%d => up
memcache.session_hash_strategy => that of memcache.hash_strategy => that of memcache.hash_strategy
memcache.session_lock_wait => twice memcache.lock_timeout => twice memcache.lock_timeout
Sessions opened => 1
Sessions of new visitors => 1
Sessions missing for the request's id => 0
Sessions stored => 1
Sessions touched => 0
Sessions merged => 0
Sessions destroyed => 0
Calls refused => 0
Waits for a lock => 0
Mean wait for a lock => no value
Mean time of opening => TIME
Mean time of closing => TIME
tcp://***@10.0.0.1:11211?weight=1&timeout=2
tcp://10.0.0.1:11211,tcp://***@10.0.0.2:1
***@10.0.0.1
tcp://10.0.0.1?password=***&weight=2, tcp://10.0.0.2?secret=***
tcp://10.0.0.1:11211?persistent=1&udp_port=0&retry_interval=15
tls://10.0.0.1?cafile=/etc/ca.pem&user=***&password_file=***&stream[passphrase_file]=***
