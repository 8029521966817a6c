--TEST--
With session_merge the class of a script merges too; text that only this class can read is not merged
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_merge=fail
--FILE--
<?php
require __DIR__ . '/server.inc';
start_servers(2);
const PLAIN = 'class Handler extends SessionHandler {}';
const UNREADABLE = 'class Handler extends SessionHandler {
    public function read(string $id): string|false { return base64_decode(parent::read($id)); }
    public function write(string $id, string $data): bool {
        $stored = parent::write($id, base64_encode($data));
        echo "write: ", var_export($stored, true), "\n";
        return $stored;
    }
}';
// Opens the session through the class, says so, and sets a variable of its own when told to.
const VISIT = ' session_set_save_handler(new Handler()); session_id("abc"); session_start();
    echo "open\n"; fgets(STDIN); $_SESSION[$argv[1]] = 1; session_write_close();';

foreach ([PLAIN, UNREADABLE] as $class) {
    php($class . VISIT, [], ['first']);
    $requests = [];
    foreach (['a', 'b'] as $name) {
        $requests[] = $request = new Process($class . VISIT, [], [$name]);
        echo $request->line(), "\n";
    }
    foreach ($requests as $request) {
        echo $request->output();
    }
    echo php($class . 'session_set_save_handler(new Handler()); session_id("abc");
        session_start(["read_and_close" => true]); echo json_encode($_SESSION);'), "\n";
    php('session_id("abc"); session_start(); session_destroy();');
}
?>
--EXPECTF--
open
open
{"first":1,"a":1,"b":1}
open
open
write: true

Warning: SessionHandler::write(): another request has changed the session %s in %s on line %d
write: false

Warning: session_write_close(): Failed to write session data using user defined save handler. %s in %s on line %d
{"first":1,"a":1}
