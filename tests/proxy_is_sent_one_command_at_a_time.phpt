--TEST--
With proxy=1 a session needs only the commands add, get, set and delete
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
session.gc_maxlifetime=1000
--FILE--
<?php
require __DIR__ . '/server.inc';
ini_set('session.use_strict_mode', '1');
[$server] = start_servers(1, 'proxy=1&persistent=1&timeout=5');
$server->set('abc', 'n|i:0;');
function visits(string $title, callable $visit): void
{
    global $server;
    $names = ['cmd_get', 'cmd_set', 'cmd_touch', 'cas_hits', 'cas_misses', 'cas_badval', 'cmd_meta',
        'delete_hits', 'delete_misses'];
    $before = array_map([$server, 'stat'], $names);
    $visit();
    $counts = array_map(fn($name, $count) => $server->stat($name) - $count, $names, $before);
    echo "$title:";
    foreach (array_filter(array_combine($names, $counts)) as $name => $count) {
        echo " $name $count";
    }
    echo '; lock ', json_encode($server->get('abc.lock')), "\n";
}
visits('changed', fn() => visit('abc', fn() => $_SESSION['n']++));
echo $server->get('abc'), ' for ', $server->lifetime('abc') > 990 ? 'its lifetime' : 'ever', "\n";
$server->set('abc', 'n|i:1;', 0, 100);
visits('unchanged', fn() => visit('abc', fn() => 0));
echo $server->lifetime('abc') > 990 ? "lives on\n" : "expires\n";
visits('read and close', function () {
    session_id('abc');
    session_start(['read_and_close' => true]);
});
visits('aborted', function () {
    session_id('abc');
    session_start();
    $_SESSION['n'] = 'nothing';
    session_abort();
});
visits('reset', function () {
    session_id('abc');
    session_start();
    session_reset();
    session_abort();
});
echo $server->get('abc'), "\n";
visits('large', fn() => visit('abc', fn() => $_SESSION['text'] = str_repeat('text ', 100000)));
echo contents('abc') === json_encode(['n' => 1, 'text' => str_repeat('text ', 100000)])
    ? "as it was\n" : "changed\n";
visits('destroyed', function () {
    session_id('abc');
    session_start();
    session_destroy();
});
echo contents('abc'), "\n";
visits('unknown id', function () {
    session_id('abc');
    session_start();
    echo session_id() === 'abc' ? "kept\n" : "replaced\n";
    session_abort();
});
?>
--EXPECT--
changed: cmd_get 2 cmd_set 2 delete_hits 1; lock null
n|i:1; for its lifetime
unchanged: cmd_get 2 cmd_set 2 delete_hits 1; lock null
lives on
read and close: cmd_get 1; lock null
aborted: cmd_get 2 cmd_set 1 delete_hits 1; lock null
reset: cmd_get 4 cmd_set 1 delete_hits 1; lock null
n|i:1;
large: cmd_get 2 cmd_set 2 delete_hits 1; lock null
as it was
destroyed: cmd_get 2 cmd_set 2 delete_hits 1; lock null
[]
replaced
unknown id: cmd_get 4 cmd_set 2 delete_hits 2; lock null
