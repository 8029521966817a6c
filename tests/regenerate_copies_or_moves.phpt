--TEST--
session_regenerate_id() keeps the old session, or with true destroys it
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
foreach (['0', '1'] as $strict) {
    ini_set('session.use_strict_mode', $strict);
    foreach ([false, true] as $delete) {
        session_id('');
        session_start();
        $_SESSION['n'] = 1;
        $old = session_id();
        session_write_close();
        session_start();
        var_dump(session_regenerate_id($delete));
        $new = session_id();
        $_SESSION['n']++;
        session_write_close();
        echo $old === $new ? 'same id' : 'new id', ', old: ', contents($old), ', new: ',
            contents($new), "\n";
        foreach ($servers as $server) {
            echo $server->get("$old.lock") ?? 'free', ' ', $server->get("$new.lock") ?? 'free', "\n";
        }
    }
}
?>
--EXPECT--
bool(true)
new id, old: {"n":1}, new: {"n":2}
free free
free free
bool(true)
new id, old: [], new: {"n":2}
free free
free free
bool(true)
new id, old: {"n":1}, new: {"n":2}
free free
free free
bool(true)
new id, old: [], new: {"n":2}
free free
free free
