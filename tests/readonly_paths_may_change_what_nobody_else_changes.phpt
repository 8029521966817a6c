--TEST--
A script of session_readonly_paths takes the lock to store a change, if nobody else has changed the session
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_readonly_paths="*/none.php */readonly_paths_*.php"
memcache.session_lock_wait=10
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
function show(string $sid): void
{
    global $servers;
    foreach ($servers as $server) {
        $value = $server->get($sid, $flags);
        echo '  ', $value ?? 'missing', ' version ', $flags >> 16, ' ',
            $server->get("$sid.lock") ?? 'free', "\n";
    }
}

echo "a new session\n";
session_id('abc');
session_start();
$_SESSION['n'] = 1;
var_dump(session_write_close());
show('abc');

echo "a change\n";
session_start();
$_SESSION['n']++;
var_dump(session_write_close());
show('abc');

echo "a change while another request holds the session, and leaves it as it is\n";
session_start();
$holder = new Process('session_id("abc"); session_start(); echo "held\n"; usleep(500000);
    session_write_close(); echo microtime(true);');
$holder->line();
$_SESSION['n']++;
var_dump(session_write_close());
$stored = microtime(true);
// The script has waited for the holder.
var_dump($stored > (float) $holder->output());
show('abc');

echo "a new id\n";
session_start();
session_regenerate_id(true);
$_SESSION['n']++;
var_dump(session_write_close());
show(session_id());
?>
--EXPECT--
a new session
bool(true)
  n|i:1; version 1 free
  n|i:1; version 1 free
a change
bool(true)
  n|i:2; version 2 free
  n|i:2; version 2 free
a change while another request holds the session, and leaves it as it is
bool(true)
bool(true)
  n|i:3; version 3 free
  n|i:3; version 3 free
a new id
bool(true)
  n|i:4; version 1 free
  n|i:4; version 1 free
