--TEST--
Every way to close a session releases its lock
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
function locks(): string
{
    global $servers;
    return implode(',', array_map(
        fn($server) => $server->get('abc.lock') === null ? 'free' : 'locked', $servers));
}
$closings = [
    'write' => function () { $_SESSION['n'] = 1; session_write_close(); },
    'unchanged' => function () { session_write_close(); },
    'abort' => function () { session_abort(); },
    'reset and write' => function () { session_reset(); session_write_close(); },
    'destroy' => function () { session_destroy(); },
];
foreach ($closings as $name => $close) {
    session_id('abc');
    session_start();
    echo $name, ': ', locks(), ' then ';
    $close();
    echo locks(), "\n";
}
session_start(['read_and_close' => true]);
echo 'read_and_close: ', locks(), "\n";
session_id('abc');
session_start();
$_SESSION['n'] = 2;
session_regenerate_id();
echo 'regenerate: ', locks(), "\n";
session_write_close();
?>
--EXPECT--
write: locked,locked then free,free
unchanged: locked,locked then free,free
abort: locked,locked then free,free
reset and write: locked,locked then free,free
destroy: locked,locked then free,free
read_and_close: free,free
regenerate: free,free
