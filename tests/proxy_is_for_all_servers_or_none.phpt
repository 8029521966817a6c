--TEST--
proxy=1 must be set for all servers or for none
--EXTENSIONS--
memcache_session
--FILE--
<?php
require __DIR__ . '/server.inc';
set_error_handler(function (int $code, string $text) {
    if (!str_contains($text, 'Failed to initialize')) {
        echo $text, "\n";
    }
    return true;
});
foreach (['tcp://10.0.0.1?proxy=1,tcp://10.0.0.2', 'tcp://10.0.0.1 tcp://10.0.0.2?proxy=yes',
    'tcp://10.0.0.1?proxy=2', 'tcp://10.0.0.1?proxy='] as $path) {
    ini_set('session.save_path', $path);
    var_dump(session_start());
}
?>
--EXPECT--
session_start(): save_path at offset 23, "tcp://10.0.0.2": proxy=1 is given for all servers or for none
bool(false)
session_start(): save_path at offset 15, "tcp://10.0.0.2?proxy=yes": proxy=1 is given for all servers or for none
bool(false)
session_start(): save_path at offset 15, "proxy=2": proxy is 0 or 1
bool(false)
session_start(): save_path at offset 15, "proxy=": proxy is 0 or 1
bool(false)
