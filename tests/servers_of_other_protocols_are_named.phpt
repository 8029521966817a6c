--TEST--
A server that speaks another protocol, or wants a password, is quoted: the message and the log name cause and remedy
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.save_handler=memcache
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/fake_server.inc';
$log = tempnam(sys_get_temp_dir(), 'log');
$passwords = tempnam(sys_get_temp_dir(), 'auth');
file_put_contents($passwords, "user:password\n");
chmod($passwords, 0644);
ini_set('log_errors', '1');
ini_set('error_log', $log);
set_error_handler(function (int $code, string $text) {
    if (!str_contains($text, 'Failed to read')) {
        echo preg_replace(['/:\d{4,5}/', '/.*for the session /',
            '/; the session was not opened, and .* names them/'], [':PORT', '', ''], $text), "\n";
    }
    return true;
});
// Real servers, and the words of real ones.
$servers = [
    new Server(['-Y', $passwords], has_stats: false),
    new Server(['-B', 'binary'], has_stats: false),
    new FakeServer('says ' . bin2hex("HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\n\r\n")),
    new FakeServer('says ' . bin2hex("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")),
    new FakeServer('says ' . bin2hex("-ERR unknown command 'add', with args beginning with: " .
        "'h6t0r8p5s8dk6gs7u5o3ir2l4a.lock' '768' '15' '46' \r\n")),
    new FakeServer('says 15030100020246'),
    new FakeServer('says ' . bin2hex(str_repeat("\e[2J\u{9b}", 40) . "\r\n")),
];
foreach ($servers as $server) {
    ini_set('session.save_path', save_path([$server]));
    session_id('h6t0r8p5s8dk6gs7u5o3ir2l4a');
    session_start();
}

echo "whoever meets the mark only\n";
ini_set('session.save_path', save_path([$servers[0]]));
ob_start();
phpinfo(INFO_MODULES);
preg_match('/127\.0\.0\.1:\d+ => (down for) .*? s(: .*);/', ob_get_clean(), $match);
echo $match[1], $match[2], "\n";

echo "read without lock, and by proxy=1\n";
ini_set('session.save_path', save_path([$servers[0]], 'retry_interval=0'));
session_start(['read_and_close' => true]);
ini_set('session.save_path', save_path([$servers[0]], 'proxy=1'));
session_start();

echo "the log\n";
echo preg_replace(['/^\[[^]]*\] /m', '/:\d{4,5}/', '/^PHP.*\n/m'], ['', ':PORT', ''],
    file_get_contents($log));
unlink($log);
unlink($passwords);
?>
--EXPECT--
(127.0.0.1:PORT: it said "CLIENT_ERROR unauthenticated": the server wants a user and a password first (memcached -Y): give user= and password_file= among the parameters in the save_path)
(127.0.0.1:PORT: the server closed the connection before it replied). If 127.0.0.1:PORT is a proxy, it may need proxy=1 among its parameters in the save_path. If 127.0.0.1:PORT expects TLS (memcached -Z), write tls:// in place of tcp://. If it expects the binary protocol (memcached -B binary), start it without
(127.0.0.1:PORT: it said "HTTP/1.1 400 Bad Request": a web server (HTTP) listens there, not memcached: correct the address in the save_path)
(127.0.0.1:PORT: it said "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3": an SSH server listens there, not memcached: correct the address in the save_path)
(127.0.0.1:PORT: it said "-ERR unknown command 'add', with args beginning with: '...": a Redis server listens there, not memcached: name a memcached in the save_path, or choose a save handler for Redis)
(127.0.0.1:PORT: it said "??????F": the server expects TLS, and plain text is sent: write tls:// in place of tcp:// in the save_path)
(127.0.0.1:PORT: it said "?[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[...": the reply is not one that memcached gives to this command). If 127.0.0.1:PORT is a proxy, it may need proxy=1 among its parameters in the save_path
whoever meets the mark only
down for: the server wants a user and a password first (memcached -Y): give user= and password_file= among the parameters in the save_path
read without lock, and by proxy=1
(127.0.0.1:PORT: it said "CLIENT_ERROR unauthenticated": the server wants a user and a password first (memcached -Y): give user= and password_file= among the parameters in the save_path)
(127.0.0.1:PORT: it said "CLIENT_ERROR unauthenticated": the server wants a user and a password first (memcached -Y): give user= and password_file= among the parameters in the save_path)
the log
memcache_session: server 127.0.0.1:PORT is down: it said "CLIENT_ERROR unauthenticated": the server wants a user and a password first (memcached -Y): give user= and password_file= among the parameters in the save_path; no session can be opened until it is back
memcache_session: server 127.0.0.1:PORT is down: the server closed the connection before it replied; no session can be opened until it is back
memcache_session: server 127.0.0.1:PORT is down: it said "HTTP/1.1 400 Bad Request": a web server (HTTP) listens there, not memcached: correct the address in the save_path; no session can be opened until it is back
memcache_session: server 127.0.0.1:PORT is down: it said "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3": an SSH server listens there, not memcached: correct the address in the save_path; no session can be opened until it is back
memcache_session: server 127.0.0.1:PORT is down: it said "-ERR unknown command 'add', with args beginning with: '...": a Redis server listens there, not memcached: name a memcached in the save_path, or choose a save handler for Redis; no session can be opened until it is back
memcache_session: server 127.0.0.1:PORT is down: it said "??????F": the server expects TLS, and plain text is sent: write tls:// in place of tcp:// in the save_path; no session can be opened until it is back
memcache_session: server 127.0.0.1:PORT is down: it said "?[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[2J??[...": the reply is not one that memcached gives to this command; no session can be opened until it is back
