--TEST--
With session_ids = php an id of other characters is refused before a byte is sent
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$commands = fn() => $server->stat('cmd_get') + $server->stat('cmd_set');
foreach (['any', 'php'] as $ids) {
    ini_set('memcache.session_ids', $ids);
    visit('aZ0,-', fn() => $_SESSION['n'] = 1);
    visit(session_create_id(), fn() => $_SESSION['n'] = 1);
    $before = $commands();
    foreach (['a.b', 'a_b', "a\u{e4}b"] as $id) {
        session_id($id);
        echo $ids, ' ', json_encode(@session_start()), "\n";
        session_abort();
    }
    echo $commands() > $before ? 'sent' : 'nothing sent', "\n";
}
session_id('a.b');
session_start();
// Strict mode replaces such an id.
ini_set('session.use_strict_mode', '1');
session_id('a.b');
var_dump(session_start(), session_id() !== 'a.b');
?>
--EXPECTF--
any true
any true
any true
sent
php false
php false
php false
nothing sent

Warning: session_start(): the session id has a character that PHP's own ids do not have: memcache.session_ids = php allows A-Z, a-z, 0-9, comma and hyphen; nothing was sent in %s on line %d

Warning: session_start(): Failed to read session data: memcache (path: tcp://127.0.0.1:%d?timeout=1) in %s on line %d
bool(true)
bool(true)
