--TEST--
Where session_merge does not know the serialize_handler, or locks are off, sessions are as without it
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_merge=fail
session.serialize_handler=php_binary
log_errors=1
error_log=
--FILE--
<?php
require __DIR__ . '/server.inc';
$log = tempnam(sys_get_temp_dir(), 'log');
ini_set('error_log', $log);
[$server] = start_servers(1);
foreach (['1', '0'] as $lock) {
    ini_set('memcache.session_lock', $lock);
    for ($i = 0; $i < 2; ++$i) {
        session_id('abc');
        session_start();
        $_SESSION['n'] = $i;
        echo "session_lock = $lock: ", $server->get('abc.lock') === null ? 'free' : 'locked', "\n";
        session_write_close();
    }
}
echo preg_replace('/^\[.*?\] /m', '', file_get_contents($log));
unlink($log);
?>
--EXPECT--
session_lock = 1: locked
session_lock = 1: locked
session_lock = 0: free
session_lock = 0: free
memcache_session: memcache.session_merge does not work with session.serialize_handler = php_binary; requests of one session wait for each other
