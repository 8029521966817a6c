--TEST--
A class around SessionHandler may read one session for another, and overwrites none
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
class Handler extends SessionHandler
{
    public function read(string $id): string|false
    {
        return parent::read('template');
    }
}
$server->set('template', 'n|i:1;');
$server->set('taken', 'n|i:7;');
session_set_save_handler(new Handler());

visit('new', fn() => null);
echo 'unchanged and new: ', $server->get('new'), "\n";
visit('new', fn() => null);
echo 'unchanged and the same: ', $server->get('new'), "\n";
visit('changed', fn() => $_SESSION['n']++);
echo 'changed and new: ', $server->get('changed'), "\n";
visit('taken', fn() => $_SESSION['n']++);
echo 'another one: ', $server->get('taken'), "\n";
foreach (['template', 'new', 'changed', 'taken'] as $sid) {
    echo $server->get("$sid.lock") ?? 'free', ' ';
}
?>
--EXPECTF--
unchanged and new: n|i:1;
unchanged and the same: n|i:1;
changed and new: n|i:2;

Warning: SessionHandler::write(): the session was read under another id, and this id belongs to another session: nothing was stored, and the stored session was not changed in %s on line %d

Warning: session_write_close(): Failed to write session data using user defined save handler. (session.save_path: %s, handler: Handler::write) in %s on line %d
another one: n|i:7;
free free free free 
