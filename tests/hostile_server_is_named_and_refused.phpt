--TEST--
A server that replies wrongly makes the session fail in time, and the warning names it
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/fake_server.inc';
set_error_handler(function (int $code, string $text) {
    if (!str_contains($text, 'Failed to read')) {
        echo '  ', preg_replace(['/.*127\.0\.0\.1:\d+: /', '/\).*/'], '', $text), "\n";
    }
    return true;
});
foreach (['garbage', 'half a value', 'half a line', 'silence', 'huge length', 'length beyond all memory', 'negative length', 'another key', 'no END', 'no line end behind the value', 'an answer too many', 'an endless line', 'closing', 'error'] as $fault) {
    ini_set('session.save_path', save_path([new FakeServer($fault)], 'timeout=0.3'));
    $began = microtime(true);
    session_id('abc');
    echo $fault, ': ';
    echo var_export(session_start(), true), ' ', json_encode($_SESSION),
        microtime(true) - $began < 1.2 ? '' : ' too late', "\n";
    session_abort();
}
?>
--EXPECT--
garbage:   it said "???? hello, this is not memcached": the reply is not one that memcached gives to this command
false []
half a value:   no answer within 0.3 s
false []
half a line:   no answer within 0.3 s
false []
silence:   no answer within 0.3 s
false []
huge length:   the reply is not one that memcached gives to this command
false []
length beyond all memory:   the reply is not one that memcached gives to this command
false []
negative length:   the reply is not one that memcached gives to this command
false []
another key:   the reply is not one that memcached gives to this command
false []
no END:   the reply is not one that memcached gives to this command
false []
no line end behind the value:   the reply is not one that memcached gives to this command
false []
an answer too many:   it said "STORED": the reply is not one that memcached gives to this command
false []
an endless line:   it said "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...": the reply is not one that memcached gives to this command
false []
closing:   the server closed the connection before it replied
false []
error:   it said "SERVER_ERROR out of memory": the server reported an error of its own
false []
