--TEST--
Methods of SessionHandler called at the wrong time do no harm
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
start_servers(1);
$handler = new SessionHandler();
foreach (['close' => [], 'read' => ['abc'], 'write' => ['abc', 'x'], 'destroy' => ['abc'],
    'gc' => [1], 'create_sid' => []] as $method => $arguments) {
    try {
        $handler->$method(...$arguments);
    } catch (Error $error) {
        echo $method, ': ', $error->getMessage(), "\n";
    }
}
session_set_save_handler($handler);
session_id('abc');
session_start();
$handler->close();
var_dump(@$handler->read('abc'), @$handler->write('abc', 'x'), @$handler->destroy('abc'));
$handler->open(ini_get('session.save_path'), 'x');
var_dump($handler->write('abc', 'n|i:1;'));
session_abort();
?>
--EXPECTF--
close: Session is not active
read: Session is not active
write: Session is not active
destroy: Session is not active
gc: Session is not active
create_sid: Session is not active
bool(false)
bool(false)
bool(false)

Warning: SessionHandler::write(): the session was not read, so it was not stored: the value that PHP has would replace the stored session in %s on line %d
bool(false)
