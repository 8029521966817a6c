--TEST--
session_readonly_paths also applies to a class around SessionHandler
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_readonly_paths="*/none.php */readonly_paths_*.php"
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
class Handler extends SessionHandler
{
    public array $written = [];
    public function write(string $id, string $data): bool
    {
        return $this->written[] = parent::write($id, $data);
    }
}
$add = 'session_id("abc"); session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1;';
php($add);
$handler = new Handler();
session_set_save_handler($handler, true);
session_id('abc');

$holder = hold('abc');
$began = microtime(true);
session_start();
echo json_encode($_SESSION), "\n";
session_write_close();  // PHP calls write(), because the class has no updateTimestamp()
var_dump(microtime(true) - $began < 0.5);
$holder->go_on();
$holder->output();

session_start();
echo $server->get('abc.lock') ?? 'not locked', "\n";
$_SESSION['n']++;
session_write_close();
echo $server->with_lock('abc'), "\n";

session_start();
php($add);
$_SESSION['n'] = 'lost';
@session_write_close();
var_dump($handler->written);
echo $server->with_lock('abc'), "\n";
?>
--EXPECT--
{"n":1}
bool(true)
not locked
n|i:2; free
array(3) {
  [0]=>
  bool(true)
  [1]=>
  bool(true)
  [2]=>
  bool(false)
}
n|i:3; free
