--TEST--
A session that a handler class never closed does not lock its own request out
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
ini_set('memcache.session_lock_wait', '3');
class Handler extends SessionHandler
{
    public function close(): bool
    {
        return true;
    }

    public function destroy(string $id): bool
    {
        return true;
    }
}
session_set_save_handler(new Handler());
$began = microtime(true);
session_id('abc');
var_dump(session_start());
$_SESSION['n'] = 1;
var_dump(session_destroy());
session_id('abc');
var_dump(session_start());
session_abort();
session_id('abc');
var_dump(session_start(), session_status() === PHP_SESSION_ACTIVE);
var_dump(microtime(true) - $began < 1);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
