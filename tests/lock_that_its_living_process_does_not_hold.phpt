--TEST--
A late lock of a request that ended long ago is replaced at once while its process lives
--EXTENSIONS--
memcache_session
pcntl
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.save_handler=memcache
memcache.session_lock_wait=0.5
--FILE--
<?php
require __DIR__ . '/server.inc';

function start(string $sid): string
{
    session_id($sid);
    $began = microtime(true);
    $opened = @session_start();
    $waited = microtime(true) - $began > 0.4;
    if ($opened) {
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        session_write_close();
    }
    return ($opened ? 'opened' : 'failed') . ($waited ? ' after a wait' : ' at once') . "\n";
}

foreach (['', '&proxy=1'] as $proxy) {
    [$server] = start_servers(1, 'timeout=1&retry_interval=0' . $proxy);
    visit('abc', fn() => $_SESSION['n'] = 7);

    // The hung server runs the commands of a request that has failed long since.
    $server->stop();
    session_id('abc');
    echo 'hung: ', @session_start() ? 'opened' : 'failed', "\n";
    $server->go_on();
    wait_until(fn() => $server->get('abc.lock') !== null);
    echo 'our own late lock: ', start('abc');

    // Another worker has ended its request, and then holds another session.
    $pair = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    if (($child = pcntl_fork()) === 0) {
        fclose($pair[0]);
        session_id('abc');
        session_start();
        fwrite($pair[1], $server->get('abc.lock') . "\n");
        session_write_close();
        session_id('xyz');
        session_start();
        fwrite($pair[1], "holds\n");
        fgets($pair[1]);
        exec('kill -9 ' . getmypid());
    }
    $late = rtrim(fgets($pair[0]));
    fgets($pair[0]);
    $server->set('abc.lock', $late, 768, 60);
    echo 'late lock of another worker: ', start('abc');
    echo 'the lock that it holds: ', start('xyz');
    fwrite($pair[0], "\n");
    pcntl_waitpid($child, $status);
    echo 'the same after its death: ', start('xyz');

    // Its sessions are not known here.
    $stranger = new Process('session_id("abc"); session_start(); session_write_close();
        echo "closed\n"; fgets(STDIN);');
    $stranger->line();
    $stranger_lock = preg_replace('/ \d+ (\d+ \S+)$/', " {$stranger->pid} $1", $late);
    $server->set('abc.lock', $stranger_lock, 768, 60);
    echo 'a lock of another program: ', start('abc');
    echo $server->with_lock('abc') === "n|i:9; $stranger_lock" ? 'unchanged' :
        $server->with_lock('abc'), "\n";
    $stranger->output();
}
?>
--EXPECT--
hung: failed
our own late lock: opened at once
late lock of another worker: opened at once
the lock that it holds: failed after a wait
the same after its death: opened at once
a lock of another program: failed after a wait
unchanged
hung: failed
our own late lock: opened at once
late lock of another worker: opened at once
the lock that it holds: failed after a wait
the same after its death: opened at once
a lock of another program: failed after a wait
unchanged
