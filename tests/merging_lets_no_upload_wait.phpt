--TEST--
With session_merge an upload shows its progress in a session that a slow request has open, and both are kept
--EXTENSIONS--
memcache_session
--SKIPIF--
<?php require 'skipif.inc'; ?>
--INI--
memcache.session_merge=fail
--FILE--
<?php
require __DIR__ . '/server.inc';
require __DIR__ . '/web_server.inc';
$servers = start_servers(2);
visit('abc', fn() => $_SESSION['n'] = 1);
$slow = hold('abc', '$_SESSION["slow"] = 1;');
$web = new WebServer('session_id("abc"); session_start();
    echo json_encode($_SESSION["upload_progress_up"]["done"]); $_SESSION["uploaded"] = 1;', [
    'session.upload_progress.enabled' => '1', 'session.upload_progress.cleanup' => '0',
    'session.upload_progress.freq' => '1', 'session.upload_progress.min_freq' => '0',
    'session.use_cookies' => '1', 'session.use_only_cookies' => '0', 'session.name' => 'SID']);
$body = '';
foreach (['SID' => 'abc', 'PHP_SESSION_UPLOAD_PROGRESS' => 'up'] as $name => $value) {
    $body .= "--X\r\nContent-Disposition: form-data; name=\"$name\"\r\n\r\n$value\r\n";
}
$body .= "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n" .
    "Content-Type: text/plain\r\n\r\n" . str_repeat('x', 30000) . "\r\n--X--\r\n";
echo $web->post('/', 'multipart/form-data; boundary=X', $body), " while the slow request goes on\n";
echo $slow->output();
$session = json_decode(contents('abc'), true);
echo json_encode($session['upload_progress_up']['done']), "\n";
unset($session['upload_progress_up']);
echo json_encode($session), "\n";
?>
--EXPECT--
true while the slow request goes on
true
{"n":1,"uploaded":1,"slow":1}
