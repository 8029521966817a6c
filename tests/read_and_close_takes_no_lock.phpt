--TEST--
session_start() with read_and_close neither locks nor waits, however it is called
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
ini_set('memcache.session_lock_wait', '5');
visit('abc', fn() => $_SESSION['n'] = 1);

// Another request holds the session until the end.
$holder = hold('abc');

class Handler extends SessionHandler
{
    public function read(string $id): string|false
    {
        return (fn() => parent::read($id))();
    }
}

$options = ['read_and_close' => true];
$calls = [
    'plain' => fn() => session_start(['read_and_close' => true]),
    'integer' => fn() => session_start(['read_and_close' => 1]),
    'text' => fn() => session_start(['read_and_close' => '1']),
    'among others' => fn() => session_start(['cookie_lifetime' => 60, 'read_and_close' => true]),
    'named' => fn() => session_start(options: $options),
    'spread' => fn() => session_start(...[$options]),
    'spread names' => fn() => session_start(...['options' => $options]),
    'call_user_func' => fn() => call_user_func('session_start', $options),
    'call_user_func_array' => fn() => call_user_func_array('session_start', [$options]),
    'array_map' => fn() => array_map('session_start', [$options])[0],
    'variable' => fn() => ($name = 'session_start')($options),
    'first class callable' => fn() => session_start(...)($options),
    'closure' => fn() => Closure::fromCallable('session_start')($options),
    'reflection' => fn() => (new ReflectionFunction('session_start'))->invoke($options),
    'reference' => function () use (&$options) { return session_start($options); },
    'fiber' => function () use ($options) {
        $fiber = new Fiber('session_start');
        $fiber->start($options);
        return $fiber->getReturn();
    },
    'generator' => function () use ($options) {
        return (function () use ($options) { yield session_start($options); })()->current();
    },
    'handler class' => function () use ($options) {
        session_set_save_handler(new Handler(), false);
        return session_start($options);
    },
];
foreach ($calls as $name => $call) {
    session_id('abc');
    $began = microtime(true);
    $started = $call();
    $waited = microtime(true) - $began > 1;
    echo $name, ': ', $started ? json_encode($_SESSION) : 'failed', $waited ? ' after a wait' : '',
        session_status() === PHP_SESSION_ACTIVE ? ', still open' : '', "\n";
    $_SESSION = [];
}
?>
--EXPECT--
plain: {"n":1}
integer: {"n":1}
text: {"n":1}
among others: {"n":1}
named: {"n":1}
spread: {"n":1}
spread names: {"n":1}
call_user_func: {"n":1}
call_user_func_array: {"n":1}
array_map: {"n":1}
variable: {"n":1}
first class callable: {"n":1}
closure: {"n":1}
reflection: {"n":1}
reference: {"n":1}
fiber: {"n":1}
generator: {"n":1}
handler class: {"n":1}
