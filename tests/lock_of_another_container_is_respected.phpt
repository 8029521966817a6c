--TEST--
A request waits for a lock of an unknown process id that belongs to another pid namespace
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
visit('abc', fn() => $_SESSION['n'] = 7);
function host(): string
{
    global $server;
    return explode(' ', $server->get('abc.lock'))[2];
}
session_id('abc');
session_start();
$here = host();
session_write_close();

// A lock names its container. A real container is used if this user may make one.
$elsewhere = strtr($here, '0123456789abcdef', '123456789abcdef0');
$elsewhere = strtok($here, '~') . '~' . substr(strrchr($elsewhere, '~'), 1);
$container = proc_open(['unshare', '--pid', '--fork', '--kill-child', ...php_command(), '-r', '
    session_id("abc"); session_start(); echo "held\n"; fgets(STDIN);'],
    [['pipe', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']], $pipes);
if (fgets($pipes[1]) === "held\n") {
    $elsewhere = host();
}
fclose($pipes[0]);
proc_close($container);
var_dump($here !== $elsewhere, strtok($here, '~') === strtok($elsewhere, '~'));

// The process of this id has ended.
$gone = (int) php('echo getmypid();');
function start_under_lock(string $host): void
{
    global $server, $gone;
    $lock = "71300939898257408 0 $host $gone " . time() . ' /';
    $server->set('abc.lock', $lock, 768, 60);
    ini_set('memcache.session_lock_wait', '0.5');
    session_id('abc');
    $began = microtime(true);
    echo @session_start() ? 'opened' : 'failed',
        microtime(true) - $began > 0.4 ? ' after a wait' : ' at once',
        $server->get('abc.lock') === $lock ? ', lock left alone' : '', "\n";
    session_abort();
}
echo 'another container: ';
start_under_lock($elsewhere);
echo 'another machine: ';
start_under_lock("other$here");
echo 'no container named: ';
start_under_lock(strtok($here, '~'));
echo 'here: ';
start_under_lock($here);
echo $server->with_lock('abc'), "\n";
?>
--EXPECT--
bool(true)
bool(true)
another container: failed after a wait, lock left alone
another machine: failed after a wait, lock left alone
no container named: failed after a wait, lock left alone
here: opened at once
n|i:7; free
