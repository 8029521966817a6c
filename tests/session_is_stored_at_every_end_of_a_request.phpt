--TEST--
Exit, an uncaught exception, a fatal error and a time limit store the session and free its lock
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
$ends = [
    'return' => 'return;',
    'exit' => 'exit;',
    'exception' => 'throw new Exception("uncaught");',
    'fatal error' => 'missing_function();',
    'memory limit' => 'ini_set("memory_limit", "8M"); str_repeat("x", 16 << 20);',
    'time limit' => 'set_time_limit(1); while (true);',
    'exit in a shutdown function' => 'register_shutdown_function(function () { exit; });',
    'exit in a destructor' => '$x = new class { function __destruct() { exit; } };',
];
foreach ($ends as $name => $end) {
    php('session_id("abc"); session_start(); $_SESSION["end"] = $argv[1]; ' . $end, [], [$name]);
    foreach ($servers as $server) {
        echo $server->with_lock('abc'), "\n";
    }
}
?>
--EXPECT--
end|s:6:"return"; free
end|s:6:"return"; free
end|s:4:"exit"; free
end|s:4:"exit"; free
end|s:9:"exception"; free
end|s:9:"exception"; free
end|s:11:"fatal error"; free
end|s:11:"fatal error"; free
end|s:12:"memory limit"; free
end|s:12:"memory limit"; free
end|s:10:"time limit"; free
end|s:10:"time limit"; free
end|s:27:"exit in a shutdown function"; free
end|s:27:"exit in a shutdown function"; free
end|s:20:"exit in a destructor"; free
end|s:20:"exit in a destructor"; free
