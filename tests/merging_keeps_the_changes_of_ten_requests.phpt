--TEST--
With session_merge ten requests of one session run side by side, and each change is kept
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_merge=fail
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(3);

// Each opens the session, says so, and stores a variable of its own after all have opened it.
function side_by_side(string $sid, array $settings): string
{
    for ($i = 0; $i < 10; ++$i) {
        $requests[] = new Process('session_id($argv[1]); session_start(); echo "open\n"; fgets(STDIN);
            $_SESSION["shared"]["of $argv[2]"] = $argv[2]; unset($_SESSION["old $argv[2]"]);',
            $settings, [$sid, $i]);
    }
    foreach ($requests as $request) {
        if ($request->line() !== 'open') {
            return $request->output();
        }
    }
    foreach ($requests as $request) {
        $request->go_on();
    }
    return implode(array_map(fn($request) => $request->output(), $requests));
}

$proxied = save_path([$servers[0]], 'timeout=1&proxy=1');
foreach (['php', 'php_serialize'] as $handler) {
    foreach ([1, 2, 3, 'proxy'] as $copies) {
        ini_set('session.save_path', $copies === 'proxy' ? $proxied : save_path($servers));
        ini_set('session.serialize_handler', $handler);
        ini_set('memcache.session_redundancy', $copies === 'proxy' ? '1' : (string) $copies);
        visit("$handler-$copies", function () {
            for ($i = 0; $i < 20; ++$i) {
                $_SESSION["old $i"] = new ArrayObject([$i]);
            }
        });
        $settings = ['session.serialize_handler' => $handler];
        echo side_by_side("$handler-$copies", $settings);
        session_id("$handler-$copies");
        session_start(['read_and_close' => true]);
        $changes = $_SESSION['shared'];
        ksort($changes);
        echo "$handler, $copies: ", json_encode(array_values($changes)), ' and ', count($_SESSION) - 1,
            " of 20 left\n";
    }
}
?>
--EXPECT--
php, 1: ["0","1","2","3","4","5","6","7","8","9"] and 10 of 20 left
php, 2: ["0","1","2","3","4","5","6","7","8","9"] and 10 of 20 left
php, 3: ["0","1","2","3","4","5","6","7","8","9"] and 10 of 20 left
php, proxy: ["0","1","2","3","4","5","6","7","8","9"] and 10 of 20 left
php_serialize, 1: ["0","1","2","3","4","5","6","7","8","9"] and 10 of 20 left
php_serialize, 2: ["0","1","2","3","4","5","6","7","8","9"] and 10 of 20 left
php_serialize, 3: ["0","1","2","3","4","5","6","7","8","9"] and 10 of 20 left
php_serialize, proxy: ["0","1","2","3","4","5","6","7","8","9"] and 10 of 20 left
