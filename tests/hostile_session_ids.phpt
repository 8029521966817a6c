--TEST--
Ids that are no keys are refused, and reach no server
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
require 'skipif.inc';
?>
--INI--
session.save_handler=memcache
session.use_cookies=0
session.use_strict_mode=0
session.cache_limiter=
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
visit('victim', fn() => $_SESSION['secret'] = 1);
$server->set('victim.lock', 'not a session');
$commands = fn() => $server->stat('cmd_get') + $server->stat('cmd_set') + $server->stat('cmd_flush');
$before = $commands();
$ids = ["blank victim", "line\r\nflush_all", "line\nflush_all", "nul\0victim", "tab\tx", "del\x7f",
    str_repeat('a', 300), str_repeat('a', 246), 'victim.lock', '.lock', 'x.lock'];
set_error_handler(function (int $code, string $text) {
    echo '  ', preg_replace('/(memcache \(path: ).*/', '$1...', $text), "\n";
    return true;
});
foreach (['0', '1'] as $strict) {
    ini_set('session.use_strict_mode', $strict);
    foreach ($ids as $id) {
        // The handler is called by itself: PHP itself refuses some of them.
        $handler = new class extends SessionHandler {
            public static string $id;
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
        echo $strict, ' ', json_encode(substr($id, 0, 20)), "\n";
        session_start();
        session_abort();
    }
    session_set_save_handler(new SessionHandler(), false);
}
restore_error_handler();
echo $commands() - $before <= count($ids) * 4 ? 'nothing but "innocent" was asked for' : 'asked', "\n";
echo $server->get('victim'), ' ', $server->get('victim.lock'), "\n";
?>
--EXPECTF--
%Anothing but "innocent" was asked for
secret|i:1; not a session
