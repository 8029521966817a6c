--TEST--
A regenerated session has all its copies, and so has the session that it replaces
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(3);
// The values of all copies of a session; a destroyed one is "".
$copies = fn(string $sid) => json_encode(array_values(array_filter(
    array_map(fn($server) => $server->get($sid), $servers), 'is_string')));
session_start();
$_SESSION['n'] = 1;
$ids = [session_id()];
foreach ([false, true, false] as $delete) {
    var_dump(session_regenerate_id($delete));
    $_SESSION['n']++;
    $ids[] = session_id();
}
session_write_close();
echo implode("\n", array_map($copies, $ids)), "\n";

// A server that has lost its copy and its lock makes no difference.
session_start();
foreach ($servers as $server) {
    if ($server->get(session_id()) !== null) {
        $server->ask("flush_all\r\n");
        break;
    }
}
var_dump(session_regenerate_id());
session_write_close();
echo $copies(session_id()), "\n";
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
["n|i:1;","n|i:1;"]
["",""]
["n|i:3;","n|i:3;"]
["n|i:4;","n|i:4;"]
bool(true)
["n|i:4;","n|i:4;"]
