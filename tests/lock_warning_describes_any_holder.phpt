--TEST--
The warning after a vain wait names the holder, its script and its duration, as far as the lock has them
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_lock_wait=0
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$now = time();
$locks = [
    '71300939898257408 0,1 web7~0123456789abcdef 4711 ' . ($now - 3600) . ' /report.php',
    '71300939898257408 0 web7 4711 ' . ($now + 1000) . ' /of-a-clock-ahead',
    '71300939898257408 0 web7~0 4711',
    '71300939898257408 0 web7 4711 0 /%s%n%d',
    // The incr of pecl/memcache makes blanks of the rest.
    str_pad('71300939898257409', 60),
    // pecl/memcache holds the lock, and other requests of it wait.
    '1',
    '17',
    // These name nobody.
    '',
    '-1',
    'garbage',
    '99999999999999999999999999 0 web7 1 1 /',
    '71300939898257408 x,y,,99999999999 web7~ x',
];
foreach ($locks as $lock) {
    $server->set('abc.lock', $lock, 768);
    session_id('abc');
    set_error_handler(function (int $level, string $message) {
        if (preg_match('/locked by (.*), at 127/', $message, $match)) {
            echo preg_replace('/360\d s/', 'an hour', $match[1]), "\n";
        }
    });
    echo session_start() ? "opened\n" : '';
    restore_error_handler();
    echo $server->get('abc.lock') === $lock ? '' : "not left alone\n";
}
?>
--EXPECT--
process 4711 on web7 (/report.php) for an hour
process 4711 on web7 (/of-a-clock-ahead)
process 4711 on web7
process 4711 on web7 (/%s%n%d)
another request (of pecl/memcache, or of unknown origin)
another request (of pecl/memcache, or of unknown origin)
another request (of pecl/memcache, or of unknown origin)
another request (of pecl/memcache, or of unknown origin)
another request (of pecl/memcache, or of unknown origin)
another request (of pecl/memcache, or of unknown origin)
another request (of pecl/memcache, or of unknown origin)
another request (of pecl/memcache, or of unknown origin)
