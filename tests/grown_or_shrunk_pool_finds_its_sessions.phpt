--TEST--
Servers may be added or removed, and no session is lost
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$check = function (string $name, array $before, array $after) {
    ini_set('session.save_path', save_path($before));
    for ($i = 0; $i < 30; ++$i) {
        visit("$name$i", fn() => $_SESSION['n'] = $i);
    }
    ini_set('session.save_path', save_path($after));
    for ($round = 0; $round < 2; ++$round) {
        for ($i = 0; $i < 30; ++$i) {
            visit("$name$i", function () use ($name, $i, $round) {
                echo $_SESSION === ['n' => $i + $round] ? '' : "$name$i lost\n";
                $_SESSION['n']++;
            });
        }
    }
    echo $name, " done\n";
};
[$a, $b, $c, $d, $e] = start_servers(5);
$check('grown', [$b, $c], [$a, $b, $c, $d]);
$check('shrunk', [$a, $b, $c, $d], [$a, $c, $d]);
$check('reversed', [$a, $b, $c, $d], [$d, $c, $b, $a]);
$check('exchanged', [$a, $b, $c], [$b, $c, $d, $e]);
?>
--EXPECT--
grown done
shrunk done
reversed done
exchanged done
