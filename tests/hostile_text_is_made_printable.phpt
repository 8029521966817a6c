--TEST--
Control characters of locks, servers, paths and settings reach neither a warning nor phpinfo()
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_lock_wait=0
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/fake_server.inc';
// U+009B begins an escape sequence of terminals, also as a byte of its own.
const HOSTILE = "\x1b[2J\x07\x7f\u{9b}2J\x9b2J\xff\xc0\x8a gr\u{fc}n";
function is_printable(string $text): bool
{
    return preg_match('/^[^\x00-\x1f\x7f\x{80}-\x{9f}]*$/u', $text) === 1;
}
set_error_handler(function (int $code, string $text) {
    if (!str_contains($text, 'Failed to')) {  // PHP's own
        $text = preg_replace(['/127\.0\.0\.1:\d+/', '/\. It was .*|\); the session was .*/'], ['SERVER', ''], $text);
        echo is_printable($text) ? '' : 'NOT PRINTABLE ', $text, "\n";
    }
    return true;
});

// The value of a lock.
[$server] = start_servers(1);
$hostile = strtr(HOSTILE, ' ', '_');
$server->set('abc.lock', "71300939898257408 0 web7$hostile 4711 0 /$hostile", 768);
session_id('abc');
session_start();

// The text of a server.
ini_set('session.save_path', save_path([new FakeServer('a hostile text')]));
ini_set('memcache.session_lock', '0');
visit('abc', fn() => $_SESSION['n'] = 1);
ini_set('memcache.session_lock', '1');

// A save_path.
ini_set('session.save_path', 'tcp://' . strtr(HOSTILE, ' ', '_') . '?timeout=x');
session_start();
ini_set('session.save_path', "tcp://\u{9b}2J\x9b2J\xff?timeout=x");
session_start();

// A value that is refused, cut within a character.
ini_set('memcache.session_redundancy', HOSTILE);
ini_set('memcache.session_redundancy', str_repeat('x', 99) . "\u{fc}");

// phpinfo().
ini_set('memcache.session_save_path', "unix:///tmp/\u{9b}2J\xff.sock");
ini_set('memcache.session_readonly_paths', HOSTILE);
ini_set('memcache.session_prefix_static_key', "\u{9b}2J\xff");
ini_set('memcache.session_prefix_separator', "\x9b");
ob_start();
phpinfo(INFO_MODULES);
$info = ob_get_clean();
$info = substr($info, strpos($info, "\nmemcache_session\n"));
foreach (['Key prefix', '.*sock =>', 'memcache.session_save_path', 'memcache.session_readonly_paths', 'memcache.session_prefix_static_key',
    'memcache.session_prefix_separator'] as $row) {
    preg_match("/^$row.*/m", $info, $match);
    echo is_printable($match[0] ?? "\0") ? '' : 'NOT PRINTABLE ', $match[0] ?? "no $row", "\n";
}

// The path of a request, as others read it.
$script = sys_get_temp_dir() . '/' . bin2hex(random_bytes(6)) . "\u{9b}2J\x9b\xff gr\u{fc}n.php";
ini_set('memcache.session_save_path', '');
start_servers(1);
ini_set('memcache.session_prefix_static_key', '');
file_put_contents($script, '<?php session_id("abc"); session_start();
    $socket = stream_socket_client($argv[1]); fwrite($socket, "get abc.lock\r\n"); fgets($socket);
    echo fgets($socket);');
preg_match('/tcp:[^?]*/', ini_get('session.save_path'), $match);
$pipes = [];
$process = proc_open([...php_command(), $script, $match[0]], [1 => ['pipe', 'w']], $pipes);
$lock = rtrim(stream_get_contents($pipes[1]));
proc_close($process);
unlink($script);
echo is_printable($lock) ? '' : 'NOT PRINTABLE ', preg_replace('/.*\/[0-9a-f]{12}/', '', $lock), "\n";
?>
--EXPECTF--
session_start(): the session is locked by process 4711 on web7?[2J???2J?2J???_grün (/?[2J???2J?2J???_grün), at SERVER; this request waited 0%S s (memcache.session_lock_wait allows 0 s: raise it, or close the session earlier in that request, see docs/locking.md)
session_write_close(): the session was not stored, and its previous state is kept: SERVER refused 6 bytes: ?2J?2J? grün ??
session_start(): save_path at offset 6, "\x1b": control characters are not allowed
session_start(): save_path at offset 6, "\xc2\x9b2J\x9b2J\xff": this is neither a host name (letters, digits, '.', '-', '_') nor an address
ini_set(): memcache.session_redundancy must be a whole number from 1 to 2147483647; the given value is "?[2J???2J?2J??? grün"
ini_set(): memcache.session_redundancy must be a whole number from 1 to 2147483647; the given value is "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
Key prefix => "?2J??" ends in a character that ids can have: the id 2abc here is the id abc of an application whose prefix is "?2J??2". Set memcache.session_ids to php
/tmp/?2J?.sock => up
memcache.session_save_path => unix:///tmp/?2J?.sock => no value
memcache.session_readonly_paths => ?[2J???2J?2J??? grün => no value
memcache.session_prefix_static_key => ?2J? => no value
memcache.session_prefix_separator => ? => no value
_2J___grün.php
