--TEST--
Children that were forked from one process draw lock tokens of their own
--EXTENSIONS--
memcache_session
pcntl
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.save_handler=memcache
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
function token(string $sid): string
{
    global $server;
    session_id($sid);
    session_start();
    $token = strtok($server->get("$sid.lock"), ' ');
    session_write_close();
    return $token;
}
$tokens = [token('abc')];
for ($i = 0; $i < 20; ++$i) {
    if (($children[] = pcntl_fork()) === 0) {
        $server->set("token$i", token("sid$i"));
        exec('kill -9 ' . getmypid());
    }
}
foreach ($children as $i => $child) {
    pcntl_waitpid($child, $status);
    $tokens[] = $server->get("token$i");
}
$tokens[] = token('abc');
echo count(array_filter($tokens)), ' tokens, ', count(array_unique($tokens)), " different\n";
?>
--EXPECT--
22 tokens, 22 different
