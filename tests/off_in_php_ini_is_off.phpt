--TEST--
An "off" in php.ini, which PHP hands on as an empty text, is off
--EXTENSIONS--
memcache_session
--FILE--
<?php
$ini = tempnam(sys_get_temp_dir(), 'ini');
file_put_contents($ini, "memcache.session_merge = off\nmemcache.session_meta = Off\n");
$shown = shell_exec(escapeshellarg(PHP_BINARY) . ' -n -c ' . escapeshellarg($ini)
    . ' -d extension_dir=' . escapeshellarg(ini_get('extension_dir'))
    . ' -d extension=memcache_session -d display_startup_errors=1 --ri memcache_session');
unlink($ini);
foreach (explode("\n", $shown) as $line) {
    if (preg_match('/Warning|session_me/', $line)) {
        echo $line, "\n";
    }
}
?>
--EXPECT--
memcache.session_meta => off => off
memcache.session_merge => off => off
