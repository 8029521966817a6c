<?php
/* A page with a session: a counter and `bytes` of data that stay. 500 if PHP had to warn. */

declare(strict_types=1);

set_error_handler(static function (int $level, string $message): never {
    http_response_code(500);
    exit($message);
});

session_start();
$_SESSION['counter'] = ($_SESSION['counter'] ?? 0) + 1;
$_SESSION['payload'] ??= bin2hex(random_bytes((int) $_GET['bytes'] >> 1));
session_write_close();
echo 'ok';
