--TEST--
A mistake in a save_path is shown with its offset, and no session begins
--EXTENSIONS--
memcache_session
--FILE--
<?php
require __DIR__ . '/server.inc';
set_error_handler(function (int $code, string $text) {
    if (!str_contains($text, 'Failed to initialize')) {
        echo '  ', $text, "\n";
    }
    return true;
});
foreach (['', ' , ', 'http://127.0.0.1', 'tcp://', 'tcp://127.0.0.1:99999', 'tcp://127.0.0.1:x',
    'tcp://127.0.0.1?weight=-1', 'tcp://127.0.0.1?timeout=abc', 'tcp://127.0.0.1?wieght=1',
    'tcp://127.0.0.1:11211,tcp://[::1', 'unix://', '/var/lib/php/sessions/',
    'tcp://user:geheim@127.0.0.1', 'tcp://127.0.0.1?password=geheim'] as $path) {
    ini_set('session.save_path', $path);
    echo json_encode($path, JSON_UNESCAPED_SLASHES), ' ', var_export(session_start(), true), "\n";
}
?>
--EXPECT--
""   session_start(): save_path at offset 0, "": the list has no server; write tcp://host:port, with a comma between two servers
false
" , "   session_start(): save_path at offset 0, " , ": the list has no server; write tcp://host:port, with a comma between two servers
false
"http://127.0.0.1"   session_start(): save_path at offset 0, "http://": this scheme is unknown; allowed are tcp://, tls:// and unix://, and for servers that are asked for, dns+tcp://, srv+tcp:// and elasticache://, and the same with tls
false
"tcp://"   session_start(): save_path at offset 0, "tcp://": the host is missing; write tcp://host:port
false
"tcp://127.0.0.1:99999"   session_start(): save_path at offset 16, "99999": the port is a number from 1 to 65535
false
"tcp://127.0.0.1:x"   session_start(): save_path at offset 16, "x": the port is a number from 1 to 65535
false
"tcp://127.0.0.1?weight=-1"   session_start(): save_path at offset 16, "weight=-1": the weight is a whole number from 1 to 1000
false
"tcp://127.0.0.1?timeout=abc"   session_start(): save_path at offset 16, "timeout=abc": the timeout is in seconds, from 0.001 to 3600
false
"tcp://127.0.0.1?wieght=1"   session_start(): save_path at offset 16, "wieght": this parameter is unknown; allowed are persistent, weight, timeout, retry_interval, proxy, udp_port, user and password_file
false
"tcp://127.0.0.1:11211,tcp://[::1"   session_start(): save_path at offset 28, "[::1": this is not an IPv6 address in brackets, as in [::1]:11211
false
"unix://"   session_start(): save_path at offset 0, "unix://": the path of the socket is missing; write unix:///path, with three slashes
false
"/var/lib/php/sessions/"   session_start(): save_path at offset 0, "/var/lib/php/sessions/": the path of the socket is missing; write unix:///path, with three slashes
false
"tcp://user:geheim@127.0.0.1"   session_start(): save_path at offset 0, ***@"127.0.0.1": user names and passwords are not allowed in a server's address
false
"tcp://127.0.0.1?password=geheim"   session_start(): save_path at offset 16, "password": a secret does not belong here, because PHP shows session.save_path; write it into a file, and name the file by password_file
false
