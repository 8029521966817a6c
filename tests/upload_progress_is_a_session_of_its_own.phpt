--TEST--
Other requests see the progress of an upload, and the session stays
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/web_server.inc';
$servers = start_servers(2);
visit('abc', fn() => $_SESSION['n'] = 1);
$web = new WebServer('session_id("abc"); session_start(); echo json_encode($_SESSION), "\n",
    json_encode(array_map("filesize", array_column($_FILES, "tmp_name")));
    $_SESSION["n"]++;', ['session.upload_progress.enabled' => '1', 'session.upload_progress.cleanup' => '0',
    'session.upload_progress.freq' => '1', 'session.upload_progress.min_freq' => '0',
    'session.use_cookies' => '1', 'session.use_only_cookies' => '0', 'session.name' => 'SID']);
$body = '';
foreach (['SID' => 'abc', 'PHP_SESSION_UPLOAD_PROGRESS' => 'up'] as $name => $value) {
    $body .= "--X\r\nContent-Disposition: form-data; name=\"$name\"\r\n\r\n$value\r\n";
}
$body .= "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n" .
    "Content-Type: text/plain\r\n\r\n" . str_repeat('x', 30000) . "\r\n--X--\r\n";
$answer = $web->post('/', 'multipart/form-data; boundary=X', $body);
[$session, $files] = explode("\n", $answer);
$session = json_decode($session, true);
echo $files, ' ', $session['n'], ' ', $session['upload_progress_up']['bytes_processed'] > 30000 ? 'all' : 'part',
    ' ', json_encode($session['upload_progress_up']['done']), "\n";
echo json_decode(contents('abc'), true)['n'], "\n";
foreach ($servers as $server) {
    echo $server->get('abc.lock') ?? 'free', "\n";
}
?>
--EXPECT--
[30000] 1 all true
2
free
free
