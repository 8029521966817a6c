--TEST--
A living holder is not taken for dead in a container that has the /proc of its host, or none
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);

// Runs a shell in a container, if this user may make one, or else here, but then nothing of
// $inside_only.
function in_container(string $kind, string $commands, string $inside_only = ''): string
{
    $try = "unshare $kind --fork --kill-child";
    exec("$try true 2> /dev/null", $output, $code);
    $commands = str_replace('INSIDE_ONLY', $code === 0 ? $inside_only : '', $commands);
    $php = implode(' ', array_map('escapeshellarg',
        php_command(['memcache.session_lock_wait' => 1])));
    $commands = str_replace('php ', "$php -r ", $commands);
    return (string) shell_exec(($code === 0 ? "$try " : '') . 'sh -c ' . escapeshellarg($commands));
}

// A process that has ended and was not collected: the host's /proc shows it as a zombie.
$zombie = proc_open(['cat'], [['pipe', 'r'], ['pipe', 'w']], $pipes);
$id = proc_get_status($zombie)['pid'];
fclose($pipes[0]);
wait_until(fn() => !is_readable("/proc/$id/stat") ||
    preg_match('/\) Z /', file_get_contents("/proc/$id/stat")));

// In the container a living process has the same id, and the session.
$waiter = <<<'END'
    session_id("abc");
    if (@session_start()) { echo "opened\n"; } else { echo "waited in vain\n"; }
    END;
$holder = 'session_id("abc"); session_start(); touch($_SERVER["HELD"]); sleep(3);';
$held = tempnam(sys_get_temp_dir(), 'held');
unlink($held);
putenv("HELD=$held");
echo "/proc of the host:\n", in_container('--pid', '
    echo ' . ($id - 1) . ' 2> /dev/null > /proc/sys/kernel/ns_last_pid
    php \'' . $holder . '\' &
    while [ ! -e "$HELD" ]; do sleep 0.05; done
    php \'' . $waiter . '\'
    kill -9 $!; wait $! 2> /dev/null
    php \'' . $waiter . '\'');
unlink($held);
proc_close($zombie);

$server->delete('abc.lock');
// In a chroot unshare cannot change how mounts propagate, which is not needed if none does.
$mounts = (string) @file_get_contents('/proc/self/mountinfo');
$propagation = str_contains($mounts, ' shared:') ? 'private' : 'unchanged';
echo "no /proc:\n", in_container("--pid --mount --propagation $propagation", '
    php \'' . $holder . '\' &
    while [ ! -e "$HELD" ]; do sleep 0.05; done
    INSIDE_ONLY
    php \'' . $waiter . '\'
    kill -9 $!', 'umount -l /proc 2> /dev/null');
unlink($held);
?>
--EXPECT--
/proc of the host:
waited in vain
opened
no /proc:
waited in vain
