--TEST--
A class around SessionHandler that never closes, throws or exits leaves no lock behind
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
$faults = [
    'forgets to close' => 'function close(): bool { return true; }',
    'forgets to write and close' => 'function close(): bool { return true; }
        function write(string $id, string $data): bool { return true; }',
    'throws in write' => 'function write(string $id, string $data): bool {
        throw new Exception("in write"); }',
    'throws in close' => 'function close(): bool { throw new Exception("in close"); }',
    'throws behind read' => 'function read(string $id): string|false {
        parent::read($id); throw new Exception("behind read"); }',
    'exits in read' => 'function read(string $id): string|false { parent::read($id); exit; }',
    'exits in write' => 'function write(string $id, string $data): bool { exit; }',
    'exits in close' => 'function close(): bool { exit; }',
    'fails fatally in write' => 'function write(string $id, string $data): bool {
        missing_function(); }',
    'opens twice' => 'function open(string $path, string $name): bool {
        parent::open($path, $name); return parent::open($path, $name); }',
    'reads another session too' => 'function read(string $id): string|false {
        parent::read("other"); return parent::read($id); }',
];
foreach ($faults as $name => $method) {
    php("class Handler extends SessionHandler { $method }" . '
        session_set_save_handler(new Handler()); session_id("abc");
        session_start(); $_SESSION["n"] = 1;');
    echo $name;
    foreach ($servers as $server) {
        echo ' ', $server->get('abc.lock') ?? 'free', ' ', $server->get('other.lock') ?? 'free';
    }
    echo "\n";
}
?>
--EXPECT--
forgets to close free free free free
forgets to write and close free free free free
throws in write free free free free
throws in close free free free free
throws behind read free free free free
exits in read free free free free
exits in write free free free free
exits in close free free free free
fails fatally in write free free free free
opens twice free free free free
reads another session too free free free free
