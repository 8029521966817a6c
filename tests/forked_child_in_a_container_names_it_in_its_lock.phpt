--TEST--
A child that was forked into another pid namespace does not name that of its parent
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
function holder(string $sid): array
{
    global $server;
    session_id($sid);
    session_start();
    $words = explode(' ', $server->get("$sid.lock"));
    session_write_close();
    return [$words[2], (int) $words[3]];
}
[$host, $pid] = holder('abc');
// The next child is in a namespace of its own, if this user may make one.
$apart = @pcntl_unshare(CLONE_NEWPID);
if (($child = pcntl_fork()) === 0) {
    $server->set('child', json_encode([...holder('abc'), getmypid()]));
    exit;
}
pcntl_waitpid($child, $status);
[$child_host, $named, $id] = json_decode($server->get('child'));
var_dump($pid === getmypid(), $named === $id, ($child_host !== $host) === $apart);
var_dump(strtok($child_host, '~') === strtok($host, '~'));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
