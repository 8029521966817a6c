--TEST--
check-config, which works without the extension, judges settings and lists as the extension does
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php
if (PHP_OS_FAMILY === 'Windows') {
    die('skip check-config is for the configuration of Unix');
}
?>
--FILE--
<?php
namespace MemcacheSession\CheckConfig;

foreach (['configuration', 'values', 'servers', 'sources', 'texts'] as $part) {
    require __DIR__ . "/../share/check-config/$part.php";
}
set_error_handler(fn() => true);

$known = array_keys(ini_get_all('memcache_session'));
sort($known);
$ours = array_keys(SETTINGS);
sort($ours);
echo 'same settings: ', json_encode($known === $ours), "\n";

$texts = ['', '0', '1', '2', '00', '007', '-1', '+1', ' 1', '1 ', '1.5', '.5', '5.', '1.', '1e3', '0x10',
    'on', 'Off', 'YES', 'none', 'true', 'abc', '15', '1000', '1001', '1024', '1025', '65535', '65536',
    '2147483647', '2147483648', '2147483647.9', '99999999999999999999', '0.0000001', 'Consistent',
    'standard', 'ketama', 'KETAMA_UNWEIGHTED', 'modula', 'random', 'crc32', 'FNV', 'md5', 'any', 'php',
    'auto', 'fail', 'ReadOnly', 'last', 'shop.', 'a b', "a\tb", "a\x7f", "\xc3\xa9", '*/a.php, *.php',
    str_repeat('a', 16), str_repeat('a', 17), str_repeat('a', 200), str_repeat('a', 201),
    str_repeat('a', 1024), str_repeat('a', 1025) . ' b'];
$judged = ['taken' => 0, 'refused' => 0];
foreach (array_diff($ours, SYSTEM_SETTINGS) as $name) {
    if (ini_get($name) !== SETTINGS[$name][1]) {
        echo "$name has another default: ", json_encode(ini_get($name)), "\n";
    }
    foreach ($texts as $text) {
        $is_taken = ini_set($name, $text) !== false;
        $judged[$is_taken ? 'taken' : 'refused']++;
        if ($is_taken !== (refusal($name, $text) === null)) {
            echo "$name = ", json_encode($text), $is_taken ? ' is taken' : ' is refused', "\n";
        }
    }
    ini_restore($name);
}
echo 'both judged: ', json_encode($judged['taken'] > 300 && $judged['refused'] > 300), "\n";

$hosts = ['a', '127.0.0.1', '127.0.0', '127.0.0.256', '1.2', 'web_1.example', '-a', '.a', 'a..b', 'a.',
    '[::1]', '[::1', '::1', '[::1%eth0]', '[::1%]', '[127.0.0.1]', '[a]', '', 'ä', 'a/b', 'A'];
$ports = ['', ':1', ':65535', ':0', ':65536', ':x', ':', ':01', ':1/', '/', ':1:2', ':1:0', ':1:1001', ':1:'];
$lists = [' , ', 'a,b', 'a b', 'a,,b', 'a,A', 'a:1,tcp://a:1', 'tcp://a,tls://a:11211', "a\nb", "a\x01",
    'http://a', 'unix:///s', 'unix:///s:0', 'unix:/s', 'unix:s', 'UNIX:///s', 'unix:///', 'unix:///s/',
    'unix:///s?weight=2', '/s', '/s:0', '/s:0:3', '/s:1', '/s:0:', '/s:0:0', '/', '/s/',
    'unix:///' . str_repeat('a', 106), 'unix:///' . str_repeat('a', 107), 'unix:///a@b',
    'user:pw@a', 'tcp://user:pw@a', 'a?user=x@y', 'PERSISTENT=x a', '--SERVER=a',
    'a?proxy=1,b', 'a?proxy=1,b?proxy=1', 'tls://a', 'TLS://a:1', 'Tcp://a', 'tcp:///a', '1:2:3:4',
    implode(',', range(1, 3)), 's' . implode(',s', range(1, 1024)), 's' . implode(',s', range(1, 1025)),
    str_repeat(' ', 262143) . 'a', str_repeat(' ', 262144) . 'a'];
foreach ($hosts as $host) {
    foreach ($ports as $port) {
        array_push($lists, "$host$port", "tcp://$host$port", "tls://$host$port?cafile=/c");
    }
}
$parameters = ['', '&', 'persistent=1', 'persistent=on', 'persistent=', 'persistent=2', 'persistent', 'weight=1',
    'weight=1000', 'weight=1001', 'weight=0', 'weight=-1', 'weight=1&weight=1', 'timeout=0.001', 'timeout=0',
    'timeout=.5', 'timeout=2.', 'timeout=3600', 'timeout=3600.1', 'timeout=-1', 'timeout=1e2', 'timeout=.',
    'retry_interval=-1', 'retry_interval=-2', 'retry_interval=86400', 'retry_interval=86401', 'udp_port=0',
    'udp_port=65536', 'proxy=yes', 'proxy=2', 'wieght=1', 'password=x', 'user=a', 'password_file=/p',
    'user=a&password_file=/p', 'user=a%20b&password_file=/p', 'user=a&password_file=p', 'user=a&password_file=',
    'user=%zz&password_file=/p', 'stream[user]=a&password_file=/p', 'stream[weight]=1', 'cafile=/c', 'cafile=c',
    'stream[cafile]=/c', 'stream[cafile]=/c&cafile=/c', 'capath=/d', 'verify_peer=0', 'verify_peer=x',
    'peer_name=' . str_repeat('a', 255), 'peer_name=' . str_repeat('a', 256), 'local_pk=/k',
    'local_cert=/l&local_pk=/k', 'passphrase_file=/f', 'passphrase=x', 'ciphers=X', 'min_version=1.2',
    'min_version=1.1', 'cafile=/' . str_repeat('a', 1023), 'cafile=/' . str_repeat('a', 1022), 'cafile=%2Fc',
    'cafile=/a%0ab', 'cafile=/a%00b', 'user=' . str_repeat('u', 129) . '&password_file=/p'];
foreach ($parameters as $parameter) {
    array_push($lists, "a?$parameter", "tls://a?$parameter", "a:1:2?$parameter", "a,b?$parameter");
}

// Sources. Nobody waits for their lists, which are not looked at.
$names = ['localhost', 'LOCALHOST', '_a', '_a._tcp.localhost', 'a b', '', '-a', '127.0.0.1', '127.0.0', '[::1]',
    '[::1%lo]', '::1', '_a..b'];
foreach (['dns+tcp', 'dns+tls', 'srv+tcp', 'srv+tls', 'elasticache', 'elasticache+tcp', 'elasticache+tls', 'DNS+Tcp',
    'dns', 'srv', 'tcp+dns', 'dns+', '+tcp', 'dns+unix', 'elasticache+', 'elasticache+dns'] as $scheme) {
    foreach ($names as $name) {
        foreach (['', ':1', '/', ':1/', ':0', ':'] as $rest) {
            $lists[] = "$scheme://$name$rest?timeout=.001";
        }
    }
}
foreach (['refresh=1', 'refresh=.9', 'refresh=300', 'refresh=300.1', 'refresh=', 'refresh=-1', 'refresh=1.5',
    'refresh=2&refresh=2', 'stream[refresh]=2', 'cafile=/c', 'peer_name=x', 'weight=2', 'proxy=1', 'x=1'] as $parameter) {
    foreach (['dns+tcp', 'srv+tcp', 'elasticache', 'dns+tls', 'tcp'] as $scheme) {
        $lists[] = "$scheme://_a?timeout=.001&$parameter";
    }
}
$a = 'dns+tcp://a?timeout=.001';
array_push($lists, "$a,dns+tcp://A:11211", "$a,dns+tls://a", "$a,dns+tcp://a:1?timeout=.001", "$a,tcp://a",
    "$a,elasticache://a?timeout=.001", 'srv+tcp://_a?timeout=.001,srv+tls://_A', "$a&proxy=1,tcp://b",
    "tcp://b,$a&proxy=1", "$a&proxy=1,tcp://b?proxy=1", 's' . implode(',s', range(1, 1024)) . ",$a",
    's' . implode(',s', range(1, 1025)) . ",$a");
foreach ([8, 9] as $count) {
    $lists[] = implode(',', array_map(fn(int $i) => "dns+tcp://a$i?timeout=.001", range(1, $count)));
}
$judged = ['taken' => 0, 'refused' => 0];
foreach ($lists as $list) {
    ini_set('memcache.session_save_path', $list);
    $status = memcache_session_status();
    if ($list === '' || $status === false) {
        continue;
    }
    try {
        $servers = servers($list, 11211);
        // Its servers are not known before it is asked.
        $found = count(sources($servers)) ?: count($servers);
    } catch (Failure $failure) {
        $found = 0;
    }
    $real = count($status['sources']);
    if ($real === 0 && $status['problem'] === null) {
        $real = count($status['servers']);
    }
    $judged[$real > 0 ? 'taken' : 'refused']++;
    if ($found !== $real) {
        echo json_encode(substr($list, 0, 80)), ": $real servers, and check-config finds $found",
            $found === 0 ? ': ' . $failure->getMessage() : '; ' . $status['problem'], "\n";
    }
}
echo 'both judged: ', json_encode($judged['taken'] > 100 && $judged['refused'] > 200), "\n";
?>
--INI--
session.save_handler=memcache_session
--EXPECT--
same settings: true
both judged: true
both judged: true
