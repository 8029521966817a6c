--TEST--
A save_path may be a list of TCP, IPv6 and Unix addresses, with the default port
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$server = new Server();
$folder = sys_get_temp_dir() . '/mcs' . getmypid();
mkdir($folder);
$unix = proc_open(['sh', '-c', '"$@" < /dev/null & echo $!; read line; kill -9 $! 2> /dev/null', 'sh',
    'memcached', '-s', "$folder/socket", '-u', trim(shell_exec('id -un'))], [['pipe', 'r'], ['pipe', 'w']],
    $pipes);
while (!file_exists("$folder/socket")) {
    usleep(10000);
}
ini_set('memcache.default_port', $server->port);
ini_set('memcache.session_redundancy', '1');
foreach (["tcp://127.0.0.1:{$server->port}", "TCP://127.0.0.1", "127.0.0.1:{$server->port}",
    "127.0.0.1:{$server->port}:5", "tcp://localhost?weight=2&udp_port=11211", "unix://$folder/socket",
    "unix://$folder/socket:0", "unix:$folder/socket?persistent=1",
    "$folder/socket", "$folder/socket:0:3",
    " tcp://127.0.0.1:{$server->port}/?timeout=0.5&retry_interval=-1 , unix://$folder/socket "] as $i => $path) {
    ini_set('session.save_path', $path);
    visit("abc$i", fn() => $_SESSION['n'] = $i);
    visit("abc$i", fn() => print($_SESSION['n'] . "\n"));
}
echo $server->get('abc4'), ' ', $server->get('abc5') ?? 'not here', "\n";
unlink("$folder/socket");
rmdir($folder);
?>
--EXPECT--
0
1
2
3
4
5
6
7
8
9
10
n|i:4; not here
