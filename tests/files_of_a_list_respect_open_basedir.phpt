--TEST--
A script cannot have a file outside of open_basedir read for it, and php.ini can
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.save_handler=memcache
memcache.session_save_path="tcp://127.0.0.1:1?user=u&password_file=/nonexistent/password"
--FILE--
<?php
ob_start();
ini_set('open_basedir', __DIR__);

function try_to_start(string $list): void
{
    $warnings = [];
    set_error_handler(function (int $level, string $text) use (&$warnings) {
        $warnings[] = $text;
        return true;
    });
    $started = session_start();
    restore_error_handler();
    echo $list, ': ', $started ? 'started' : 'no session', "\n";
    echo str_contains($warnings[0], 'open_basedir') ? $warnings[0] : 'the server was asked', "\n";
}

try_to_start('php.ini');
foreach (['/etc/hostname', __DIR__ . '/server.inc'] as $file) {
    ini_set('memcache.session_save_path', "tcp://127.0.0.1:1?user=u&password_file=$file");
    try_to_start(basename($file));
}

// PHP would warn by itself of a path that is too long to be compared.
ini_set('memcache.session_save_path',
        'tcp://127.0.0.1:1?user=u&password_file=/' . str_repeat('p', 5000));
set_error_handler(function (int $level, string $text) {
    echo str_contains($text, 'storage module') ? '' : "$text\n";  // that one comes from PHP
    return true;
});
session_start();
restore_error_handler();

class GivenList extends SessionHandler
{
    public function open(string $path, string $name): bool
    {
        return parent::open('tcp://127.0.0.1:1?user=u&password_file=/etc/hostname', $name);
    }
}
ini_set('memcache.session_save_path', '');
session_set_save_handler(new GivenList());
try_to_start('SessionHandler::open()');
?>
--EXPECT--
php.ini: no session
the server was asked
hostname: no session
session_start(): the list of servers names a file outside of open_basedir
server.inc: no session
the server was asked
session_start(): save_path at offset 25, "password_file": the path of the file has more than 1023 bytes
SessionHandler::open(): no session
SessionHandler::open(): the list of servers names a file outside of open_basedir
