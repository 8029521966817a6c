--TEST--
A class around SessionHandler gets correct return values, and the data as it was stored
--EXTENSIONS--
memcache_session
--INI--
session.gc_probability=0
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
class Handler extends SessionHandler
{
    public function read(string $id): string|false
    {
        return base64_decode(parent::read($id));
    }

    public function write(string $id, string $data): bool
    {
        $written = parent::write($id, base64_encode($data));
        echo 'write: ', var_export($written, true), "\n";
        return $written;
    }

    public function destroy(string $id): bool
    {
        $destroyed = parent::destroy($id);
        echo 'destroy: ', var_export($destroyed, true), "\n";
        return $destroyed;
    }

    public function gc(int $lifetime): int|false
    {
        $count = parent::gc($lifetime);
        echo 'gc: ', var_export($count, true), "\n";
        return $count;
    }
}
session_set_save_handler(new Handler());
visit('abc', fn() => $_SESSION['n'] = 1);
echo $server->get('abc'), "\n";
visit('abc', fn() => $_SESSION['n']++);
session_start();
session_gc();
echo json_encode($_SESSION), "\n";
session_destroy();
?>
--EXPECT--
write: true
bnxpOjE7
write: true
gc: 0
{"n":2}
destroy: true
