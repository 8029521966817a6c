--TEST--
Empty places in a save_path are no servers
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
$servers = [new Server(), new Server()];
foreach ([',  %s?weight=1, ', "\t%s\n", '%s,,%s', ' , %s , ,%s,', '%s %s'] as $form) {
    ini_set('session.save_path', sprintf($form, "tcp://127.0.0.1:{$servers[0]->port}",
        "tcp://127.0.0.1:{$servers[1]->port}"));
    visit('abc', fn() => $_SESSION['n'] = 1);
    echo json_encode($form), ' ', $servers[0]->get('abc'), ' ', $servers[1]->get('abc'), "\n";
    array_map(fn($server) => $server->ask("flush_all\r\n"), $servers);
}
?>
--EXPECT--
",  %s?weight=1, " n|i:1; 
"\t%s\n" n|i:1; 
"%s,,%s" n|i:1; n|i:1;
" , %s , ,%s," n|i:1; n|i:1;
"%s %s" n|i:1; n|i:1;
