--TEST--
When a server replies wrongly, the other copy serves the session without a warning
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/fake_server.inc';
[$server] = start_servers(1);
foreach (['garbage', 'half a value', 'half a line', 'silence', 'huge length', 'length beyond all memory', 'negative length', 'another key', 'no END', 'no line end behind the value', 'an answer too many', 'an endless line', 'closing', 'error'] as $fault) {
    $server->set('abc', 'n|i:42;', 1 << 16);
    ini_set('session.save_path',
        save_path([new FakeServer($fault), $server], 'timeout=0.3&retry_interval=0'));
    $began = microtime(true);
    visit('abc', fn() => $_SESSION['n']++);
    echo $fault, ': ', $server->with_lock('abc'),
        microtime(true) - $began < 2 ? '' : ' too late', "\n";
}
?>
--EXPECT--
garbage: n|i:43; free
half a value: n|i:43; free
half a line: n|i:43; free
silence: n|i:43; free
huge length: n|i:43; free
length beyond all memory: n|i:43; free
negative length: n|i:43; free
another key: n|i:43; free
no END: n|i:43; free
no line end behind the value: n|i:43; free
an answer too many: n|i:43; free
an endless line: n|i:43; free
closing: n|i:43; free
error: n|i:43; free
