--TEST--
session_readonly_paths is a list of patterns for the whole path of the script
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
$file = basename(__FILE__);
$lists = [
    'nothing' => ['', ' ', ', ,'],
    'this script' => [__FILE__, "*/$file", "*$file", '*', '/*.php', '*.php',
        '*/readonly_?aths_are_a_*.php', '*/readonly_[a-z]aths_*', '*/[!x]eadonly_paths_*',
        dirname(__FILE__) . '/*', str_replace('_', '\\_', __FILE__)],
    'a list with this script' => ["/a.php $file */$file", "/a.php,*/$file,/b.php", "  */$file ,, ",
        "/a.php\t*/$file", "/a.php\n*/$file", '*.html *.php'],
    'other scripts' => [$file, "/$file", '*.html', strtoupper(__FILE__), '*/' . strtoupper($file),
        __FILE__ . 'x', __FILE__ . '/*', substr(__FILE__, 0, -1),
        "/a.php /b.php,/no-such-directory/*", '[', '*/[!r]eadonly_paths_*', dirname(__FILE__)],
];
foreach ($lists as $name => $patterns) {
    foreach ($patterns as $pattern) {
        $valid = ini_set('memcache.session_readonly_paths', $pattern) !== false;
        session_id('abc');
        session_start();
        $found[$name][] = $valid ?
            ($server->get('abc.lock') === null ? 'no lock' : 'locked') : 'refused';
        session_abort();
    }
    echo $name, ': ', implode(', ', array_unique($found[$name])), "\n";
}
// A pattern that is too long is refused.
ini_set('memcache.session_readonly_paths', '*');
var_dump(ini_set('memcache.session_readonly_paths', '*/x ' . str_repeat('a', 5000)));
var_dump(ini_get('memcache.session_readonly_paths'));
?>
--EXPECTF--
nothing: locked
this script: no lock
a list with this script: no lock
other scripts: locked

Warning: ini_set(): memcache.session_readonly_paths must be patterns for script paths, of at most 1024 characters each, separated by blanks or commas; the given value is "*/x %r(a+)%r" in %s on line %d
bool(false)
string(1) "*"
