--TEST--
Whatever other options are given, a session that stays open is locked
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
class read_and_close
{
    // These names only resemble read_and_close.
    public static function session_start(array $options): bool
    {
        return session_start();
    }
}
function session_begin(array $options): bool
{
    return session_start();
}
$calls = [
    'no options' => fn() => session_start(),
    'false' => fn() => session_start(['read_and_close' => false]),
    'zero' => fn() => session_start(['read_and_close' => 0]),
    'text of zero' => fn() => session_start(['read_and_close' => '0']),
    'another option' => fn() => session_start(['cookie_lifetime' => 1]),
    'a method of that name' => fn() => read_and_close::session_start(['read_and_close' => true]),
    'a function around it' => fn() => session_begin(['read_and_close' => true]),
    'regenerated' => function () {
        session_start();
        session_regenerate_id();
    },
];
foreach ($calls as $name => $call) {
    session_id('abc');
    $call();
    echo $name, ': ', $server->get(session_id() . '.lock') !== null ? 'locked' : 'not locked', "\n";
    session_abort();
}
?>
--EXPECT--
no options: locked
false: locked
zero: locked
text of zero: locked
another option: locked
a method of that name: locked
a function around it: locked
regenerated: locked
