--TEST--
Requests that wait for a session which a login destroys keep its id, read nothing and bring nothing back
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
$settings = fn() => ['session.serialize_handler' => ini_get('session.serialize_handler')];
$login = 'session_id($argv[1]); session_start(); fwrite(STDOUT, "held\n"); fgets(STDIN); ';
$wait = 'session_id($argv[1]); session_start(); echo json_encode([session_id(), $_SESSION]), "\n"; ';
$write = 'set_error_handler(function ($level, $message) { echo $message, "\n"; });
    $_SESSION["ajax"] = 1; session_write_close();';
$ends = ['session_regenerate_id(true); $_SESSION["user"] = "ann";', 'session_destroy();'];

foreach (['0' => 'php', '1' => 'php_serialize'] as $strict => $serializer) {
    ini_set('session.serialize_handler', $serializer);
    foreach ($ends as $number => $end) {
        $sid = "visitor$strict$number";
        ini_set('session.use_strict_mode', '0');
        visit($sid, fn() => $_SESSION['cart'] = 1);
        ini_set('session.use_strict_mode', $strict);
        $holder = new Process($login . $end, $settings(), [$sid]);
        $holder->line();
        $readers = [new Process($wait, $settings(), [$sid]), new Process($wait, $settings(), [$sid])];
        $writer = new Process($wait . $write, $settings(), [$sid]);
        usleep(300000);
        $holder->go_on();
        echo $holder->output();
        foreach ($readers as $reader) {
            echo $reader->output();
        }
        echo $writer->line(), "\n";
        echo preg_match('/another request destroyed the session/', $writer->line()), "\n";
        $writer->output();
        foreach ($servers as $server) {
            echo json_encode($server->with_lock($sid)), "\n";
        }
    }
}
?>
--EXPECT--
["visitor00",[]]
["visitor00",[]]
["visitor00",[]]
1
" free"
" free"
["visitor01",[]]
["visitor01",[]]
["visitor01",[]]
1
" free"
" free"
["visitor10",[]]
["visitor10",[]]
["visitor10",[]]
1
" free"
" free"
["visitor11",[]]
["visitor11",[]]
["visitor11",[]]
1
" free"
" free"
