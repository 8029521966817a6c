--TEST--
The limit of session_lock_waiters holds for ids whose lock has the longest key
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
ini_set('memcache.session_lock_wait', '20');
ini_set('memcache.session_lock_waiters', '1');
foreach ([243, 244, 245] as $length) {
    $id = str_repeat('a', $length);
    visit($id, fn() => $_SESSION['n'] = 1);
    $holder = hold($id, '$_SESSION["n"]++;');
    $stored = $server->stat('curr_items');
    $waiter = new Process('session_id($argv[1]); session_start(); $_SESSION["n"]++;', [], [$id]);
    wait_until(fn() => $server->stat('curr_items') === $stored + 1);
    session_id($id);
    $began = microtime(true);
    echo $length, @session_start() ? ' opened' : ' refused',
        microtime(true) - $began < 0.5 ? ' at once' : ' late';
    preg_match('/and 1 request waits/', error_get_last()['message'] ?? '', $match);
    $holder->go_on();
    echo $holder->output(), $waiter->output(), ' ', $server->get($id), "\n";
}
?>
--EXPECT--
243 refused at once n|i:3;
244 refused at once n|i:3;
245 refused at once n|i:3;
