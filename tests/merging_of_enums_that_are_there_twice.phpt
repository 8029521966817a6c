--TEST--
With session_merge a case of an enum may be in the session more than once, although PHP writes the second one as a reference
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_merge=fail
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
const STATES = 'enum State: string { case Open = "o"; case Sent = "s"; } ';
eval(STATES);
foreach (['php', 'php_serialize'] as $handler) {
    ini_set('session.serialize_handler', $handler);
    visit('abc', fn() => $_SESSION = [
        'first' => State::Open,
        'orders' => [3 => State::Open, 4 => (object) ['of' => State::Sent, 'was' => State::Open]],
    ]);
    echo $servers[0]->get('abc'), "\n";
    $other = new Process(STATES . 'session_id("abc"); session_start(); echo "open\n"; fgets(STDIN);
        unset($_SESSION["first"]); $_SESSION["orders"][5] = State::Sent;',
        ['session.serialize_handler' => $handler]);
    $other->line();
    visit('abc', function () {
        $_SESSION['orders'][3] = State::Sent;
        $_SESSION['last'] = State::Open;
    });
    echo $other->output();
    visit('abc', function () {
        echo json_encode($_SESSION), "\n";
        var_dump($_SESSION['orders'][3] === State::Sent, $_SESSION['last'] === State::Open,
            $_SESSION['orders'][4]->was === State::Open, $_SESSION['orders'][5] === State::Sent);
        session_destroy();
    });
}
?>
--EXPECT--
first|E:10:"State:Open";orders|a:2:{i:3;r:1;i:4;O:8:"stdClass":2:{s:2:"of";E:10:"State:Sent";s:3:"was";r:1;}}
{"orders":{"3":"s","4":{"of":"s","was":"o"},"5":"s"},"last":"o"}
bool(true)
bool(true)
bool(true)
bool(true)
a:2:{s:5:"first";E:10:"State:Open";s:6:"orders";a:2:{i:3;r:2;i:4;O:8:"stdClass":2:{s:2:"of";E:10:"State:Sent";s:3:"was";r:2;}}}
{"orders":{"3":"s","4":{"of":"s","was":"o"},"5":"s"},"last":"o"}
bool(true)
bool(true)
bool(true)
bool(true)
