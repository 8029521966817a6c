--TEST--
Ids that cannot be keys are refused, and no server receives them
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
visit('victim', fn() => $_SESSION['secret'] = 1);
$server->set('victim.lock', 'not a session');
$commands = fn() => $server->stat('cmd_get') + $server->stat('cmd_set') + $server->stat('cmd_flush');
$before = $commands();
$ids = ["blank victim", "line\r\nflush_all", "line\nflush_all", "nul\0victim", "tab\tx", "del\x7f",
    str_repeat('a', 300), str_repeat('a', 246), 'victim.lock', '.lock', 'x.lock',
    'victim.lock.3', 'x.lock.clear', 'x.lock.~3'];
$warnings = [];
set_error_handler(function (int $code, string $text) use (&$warnings) {
    $warnings[] = strtr($text, [ini_get('session.save_path') => '...']);
    return true;
});
foreach ($ids as $id) {
    foreach (['0', '1'] as $strict) {
        ini_set('session.use_strict_mode', $strict);
        // A handler class passes the id on, because PHP itself refuses some of them.
        $handler = new class extends SessionHandler {
            public static string $id;
            public function validateId(string $id): bool  // asked for since PHP 8.6
            {
                return true;
            }
            public function read(string $id): string|false
            {
                return parent::read(self::$id);
            }
            public function write(string $id, string $data): bool
            {
                return parent::write(self::$id, $data);
            }
        };
        $handler::$id = $id;
        session_set_save_handler($handler, false);
        session_id('innocent');
        $warnings = [];
        $started = session_start();
        session_abort();
        $told[$strict] = [$started, $warnings];
    }
    echo addcslashes(substr($id, 0, 20), "\0..\37\177"), $told['0'] === $told['1'] ? ': ' : ' DIFFERS: ',
        json_encode($told['0'][0]), "\n  ",
        implode("\n  ", $told['0'][1]), "\n";
}
restore_error_handler();
echo $commands() - $before, " commands\n";
echo $server->get('victim'), ' ', $server->get('victim.lock'), "\n";
?>
--EXPECT--
blank victim: false
  SessionHandler::read(): the session id has a blank or control character, which memcached's keys cannot have; nothing was sent
  session_start(): Failed to read session data: user (path: ...)
line\r\nflush_all: false
  SessionHandler::read(): the session id has a blank or control character, which memcached's keys cannot have; nothing was sent
  session_start(): Failed to read session data: user (path: ...)
line\nflush_all: false
  SessionHandler::read(): the session id has a blank or control character, which memcached's keys cannot have; nothing was sent
  session_start(): Failed to read session data: user (path: ...)
nul\000victim: false
  SessionHandler::read(): the session id has a blank or control character, which memcached's keys cannot have; nothing was sent
  session_start(): Failed to read session data: user (path: ...)
tab\tx: false
  SessionHandler::read(): the session id has a blank or control character, which memcached's keys cannot have; nothing was sent
  session_start(): Failed to read session data: user (path: ...)
del\177: false
  SessionHandler::read(): the session id has a blank or control character, which memcached's keys cannot have; nothing was sent
  session_start(): Failed to read session data: user (path: ...)
aaaaaaaaaaaaaaaaaaaa: false
  SessionHandler::read(): the session id is too long: with its prefix and ".lock" it has 305 bytes, but memcached's keys have at most 250; nothing was sent
  session_start(): Failed to read session data: user (path: ...)
aaaaaaaaaaaaaaaaaaaa: false
  SessionHandler::read(): the session id is too long: with its prefix and ".lock" it has 251 bytes, but memcached's keys have at most 250; nothing was sent
  session_start(): Failed to read session data: user (path: ...)
victim.lock: false
  SessionHandler::read(): the session id ends like the key of another session's lock (".lock") or of an item beside that lock (".lock.1", ".lock.clear"); nothing was sent
  session_start(): Failed to read session data: user (path: ...)
.lock: false
  SessionHandler::read(): the session id ends like the key of another session's lock (".lock") or of an item beside that lock (".lock.1", ".lock.clear"); nothing was sent
  session_start(): Failed to read session data: user (path: ...)
x.lock: false
  SessionHandler::read(): the session id ends like the key of another session's lock (".lock") or of an item beside that lock (".lock.1", ".lock.clear"); nothing was sent
  session_start(): Failed to read session data: user (path: ...)
victim.lock.3: false
  SessionHandler::read(): the session id ends like the key of another session's lock (".lock") or of an item beside that lock (".lock.1", ".lock.clear"); nothing was sent
  session_start(): Failed to read session data: user (path: ...)
x.lock.clear: false
  SessionHandler::read(): the session id ends like the key of another session's lock (".lock") or of an item beside that lock (".lock.1", ".lock.clear"); nothing was sent
  session_start(): Failed to read session data: user (path: ...)
x.lock.~3: false
  SessionHandler::read(): the session id ends like the key of another session's lock (".lock") or of an item beside that lock (".lock.1", ".lock.clear"); nothing was sent
  session_start(): Failed to read session data: user (path: ...)
0 commands
secret|i:1; not a session
