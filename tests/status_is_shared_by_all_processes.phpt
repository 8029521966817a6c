--TEST--
All processes of one master count together, also one that is killed; memcache.session_status = 0 leaves a request out
--EXTENSIONS--
memcache_session
pcntl
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
memcache_session_reset_status();
$children = [];
for ($i = 0; $i < 8; ++$i) {
    $child = pcntl_fork();
    if ($child === 0) {
        for ($n = 0; $n < 25; ++$n) {
            visit("visitor$i", fn() => $_SESSION['n'] = $n);
        }
        exec('kill -9 ' . getmypid());
    }
    $children[] = $child;
}
foreach ($children as $child) {
    pcntl_waitpid($child, $status);
}
$status = memcache_session_status();
echo json_encode(array_diff_key($status['sessions'], ['refused' => 0])), "\n";
$phases = array_column($status['servers'], 'phases');
echo $phases[0] === $phases[1] && $phases[0] >= 400 ? 'phases agree' : json_encode($phases), "\n";

ini_set('memcache.session_status', '0');
visit('abc', fn() => $_SESSION['n'] = 1);
@visit(str_repeat('x', 300), fn() => null);
$after = memcache_session_status();
var_dump($after['enabled'], $after['sessions'] === $status['sessions'],
    array_column($after['servers'], 'phases') === $phases);
?>
--EXPECT--
{"opened":200,"created":8,"missing":0,"destroyed":0,"stored":200,"touched":0,"merged":0,"overwritten":0,"fewer_copies":0}
phases agree
bool(false)
bool(true)
bool(true)
