--TEST--
When the save_path names a proxy as if it were a memcached, the warning names proxy=1
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/fake_server.inc';
set_error_handler(function (int $code, string $text) {
    if (!str_contains($text, 'Failed to read')) {
        echo preg_replace('/:\d{4,5}/', ':PORT', strstr($text, '(')), "\n";
    }
    return true;
});
foreach (['one command at a time', 'an unknown command', 'closing', 'an answer too many', 'silence',
    'error'] as $fault) {
    ini_set('session.save_path', save_path([new FakeServer($fault)], 'timeout=0.3'));
    session_id('abc');
    session_start();
}
echo "with proxy=1\n";
ini_set('session.save_path', save_path([new FakeServer('one command at a time')], 'proxy=1'));
var_dump(session_start());
session_write_close();
ini_set('session.save_path', save_path([new FakeServer('garbage')], 'proxy=1'));
session_start();
?>
--EXPECT--
(): no memcached server could be used for the session (127.0.0.1:PORT: only the first of several commands was answered within 0.3 s); the session was not opened, and the stored session was not changed. Check the servers, and check that the save_path names them. If 127.0.0.1:PORT is a proxy, it may need proxy=1 among its parameters in the save_path
(): no memcached server could be used for the session (127.0.0.1:PORT: the server replied ERROR to a command that sessions need); the session was not opened, and the stored session was not changed. Check the servers, and check that the save_path names them. If 127.0.0.1:PORT is a proxy, it may need proxy=1 among its parameters in the save_path
(): no memcached server could be used for the session (127.0.0.1:PORT: the server closed the connection before it replied); the session was not opened, and the stored session was not changed. Check the servers, and check that the save_path names them. If 127.0.0.1:PORT is a proxy, it may need proxy=1 among its parameters in the save_path. If 127.0.0.1:PORT expects TLS (memcached -Z), write tls:// in place of tcp://. If it expects the binary protocol (memcached -B binary), start it without
(): no memcached server could be used for the session (127.0.0.1:PORT: it said "STORED": the reply is not one that memcached gives to this command); the session was not opened, and the stored session was not changed. Check the servers, and check that the save_path names them. If 127.0.0.1:PORT is a proxy, it may need proxy=1 among its parameters in the save_path
(): no memcached server could be used for the session (127.0.0.1:PORT: no answer within 0.3 s); the session was not opened, and the stored session was not changed. Check the servers, and check that the save_path names them
(): no memcached server could be used for the session (127.0.0.1:PORT: it said "SERVER_ERROR out of memory": the server reported an error of its own); the session was not opened, and the stored session was not changed. Check the servers, and check that the save_path names them
with proxy=1
bool(true)
(): no memcached server could be used for the session (127.0.0.1:PORT: it said "???? hello, this is not memcached": the reply is not one that memcached gives to this command); the session was not opened, and the stored session was not changed. Check the servers, and check that the save_path names them
