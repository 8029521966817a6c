--TEST--
The place of a waiter that was killed is free again soon after the end of its wait
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
ini_set('memcache.session_lock_waiters', '1');
$holder = hold('abc');
$waiter = new Process('session_id("abc"); session_start();',
    ['memcache.session_lock_wait' => '1.5']);
wait_until(fn() => $server->get('abc.lock.1') !== null);
$waiter->kill();
$began = microtime(true);
// The killed waiter could not release its place.
$rest = $server->lifetime('abc.lock.1');
var_dump($rest >= 1 && $rest <= 5);

ini_set('memcache.session_lock_wait', '0.2');
$message = function () {
    session_id('abc');
    return preg_match('/1 request waits for it already|this request waited/',
        @session_start() ? 'opened' : $GLOBALS['warnings'][0], $match) ? $match[0] : 'no warning';
};
set_error_handler(function (int $level, string $text) {
    $GLOBALS['warnings'][] = $text;
});
$warnings = [];
echo $message(), "\n";
while ($server->get('abc.lock.1') !== null && microtime(true) - $began < 10) {
    usleep(100000);
}
var_dump(microtime(true) - $began < 6);
$warnings = [];
echo $message(), "\n";
?>
--EXPECT--
bool(true)
1 request waits for it already
bool(true)
this request waited
