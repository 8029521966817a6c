--TEST--
An error handler may close, abort or begin a session in our warning
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$acts = [
    'abort' => fn() => session_abort(),
    'write_close' => fn() => @session_write_close(),
    'destroy' => fn() => @session_destroy(),
    'reset' => fn() => @session_reset(),
    'regenerate' => fn() => @session_regenerate_id(),
    'restart' => function () {
        session_abort();
        @session_start();
    },
];
foreach ($acts as $name => $act) {
    $calls = 0;
    set_error_handler(function () use ($act, &$calls) {
        if (++$calls === 1) {
            $act();
        }
        return true;
    });
    // The warning comes while the session is read.
    $server->set('abc', 'no zlib', 1 << 16 | 2);
    session_id('abc');
    session_start();
    session_abort();
    // The warning comes while the session is stored.
    $calls = 0;
    $server->delete('abc');
    session_id('abc');
    session_start();
    $_SESSION['n'] = 1;
    $server->set('abc', 'n|i:9;', 5 << 16);
    session_write_close();
    session_abort();
    restore_error_handler();
    $server->delete('abc');
    $server->delete('abc.lock');
    echo $name, " done\n";
}
?>
--EXPECT--
abort done
write_close done
destroy done
reset done
regenerate done
restart done
