--TEST--
A request that outlives its lease while another takes the session loses its changes, with a warning
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
ini_set('memcache.lock_timeout', '3');
$ids = ['one', 'two', 'three', 'four'];
foreach ($ids as $i => $id) {
    visit($id, fn() => $_SESSION['n'] = 1);
    $late[$id] = new Process('session_id($argv[1]); session_start(); echo "held\n";
        usleep($argv[2] * 1000); $_SESSION["late"] = true; session_write_close();', [],
        [$id, 3700]);
    $late[$id]->line();
}
foreach ($ids as $i => $id) {
    // They get the lock when the lease ends. When the late one stores, two of them have stored,
    // and two still hold the lock.
    $other[$id] = new Process('session_id($argv[1]); echo session_start() ? "opened" : "failed";
        usleep($argv[2] * 1000); $_SESSION["n"]++; session_write_close();
        echo error_get_last() ? " in vain" : " and stored";',
        ['memcache.session_lock_wait' => '10'], [$id, $i % 2 ? 0 : 1500]);
}
foreach ($ids as $id) {
    echo $other[$id]->output(), ', late: ',
        preg_match('/write_close\(\): another request has stored the session .* its lease of 3 s.*' .
            '\s+Warning: session_write_close\(\): Failed/', $late[$id]->output()) ?
            'refused' : 'no warning';
    foreach ($servers as $server) {
        echo '; ', $server->with_lock($id);
    }
    echo "\n";
}
?>
--EXPECT--
opened and stored, late: refused; n|i:2; free; n|i:2; free
opened and stored, late: refused; n|i:2; free; n|i:2; free
opened and stored, late: refused; n|i:2; free; n|i:2; free
opened and stored, late: refused; n|i:2; free; n|i:2; free
