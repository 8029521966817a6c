--TEST--
The newer of two copies is the session, whichever server has it, and replaces the other
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = start_servers(2);
foreach ([[5, 6], [6, 5], [65535, 1], [1, 65535], [65000, 200]] as [$a, $b]) {
    $servers[0]->set('abc', "n|i:$a;", $a << 16);
    $servers[1]->set('abc', "n|i:$b;", $b << 16);
    visit('abc', function () {
        echo $_SESSION['n'], ' ';
        $_SESSION['n'] = 'new';
    });
    foreach ($servers as $server) {
        echo $server->get('abc', $flags), ' ', $flags >> 16, ' ';
    }
    echo "\n";
}
?>
--EXPECT--
6 n|s:3:"new"; 7 n|s:3:"new"; 7 
6 n|s:3:"new"; 7 n|s:3:"new"; 7 
1 n|s:3:"new"; 2 n|s:3:"new"; 2 
1 n|s:3:"new"; 2 n|s:3:"new"; 2 
200 n|s:3:"new"; 201 n|s:3:"new"; 201 
