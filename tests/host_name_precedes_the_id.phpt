--TEST--
session_prefix_host_key puts the host in front of the id, as pecl/memcache does
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
[$server] = start_servers(1);
// The command line has the environment in $_SERVER; a change by the script has no effect.
$script = 'session_id("abc"); $_SERVER["SERVER_NAME"] = "forged"; session_start();
    $_SESSION["n"] = 1;';
$cases = [
    ['www.shop.example.com', []],
    ['www.shop.example.com', ['remove_www' => '0']],
    ['WWW.Shop.Example.com', []],
    ['www.a.shop.example.com', ['remove_subdomain' => '1']],
    ['www.a.shop.example.com', ['remove_subdomain' => '1', 'remove_www' => '0']],
    ['www.example.com', ['remove_subdomain' => '1', 'remove_www' => '0']],
    ['example.com', ['remove_subdomain' => '1']],
    ['localhost', ['remove_subdomain' => '1']],
    ['a..com', ['remove_subdomain' => '1']],
    ['.com', ['remove_subdomain' => '1']],
    ['www.', []],
    ['10.0.0.1', []],
];
foreach ($cases as [$host, $settings]) {
    $all = ['memcache.session_prefix_host_key' => '1', 'memcache.session_prefix_static_key' => 'k-'];
    foreach ($settings as $name => $value) {
        $all["memcache.session_prefix_host_key_$name"] = $value;
    }
    echo php($script, $all, [], ['SERVER_NAME' => $host]);
    $prefix = 'not found';
    foreach ([$host, substr($host, 4), 'shop.example.com', 'example.com', '.com', ''] as $candidate) {
        if ($server->get("k-{$candidate}abc") !== null) {
            $prefix = "k-$candidate";
            break;
        }
    }
    echo $host, ' ', implode(' ', array_keys($settings)), ' => ', $prefix, "\n";
    $server->ask("flush_all\r\n");
}
?>
--EXPECT--
www.shop.example.com  => k-shop.example.com
www.shop.example.com remove_www => k-www.shop.example.com
WWW.Shop.Example.com  => k-Shop.Example.com
www.a.shop.example.com remove_subdomain => k-example.com
www.a.shop.example.com remove_subdomain remove_www => k-example.com
www.example.com remove_subdomain remove_www => k-example.com
example.com remove_subdomain => k-example.com
localhost remove_subdomain => k-localhost
a..com remove_subdomain => k-.com
.com remove_subdomain => k-.com
www.  => k-
10.0.0.1  => k-10.0.0.1
