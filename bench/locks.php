<?php
/*
 * A worker that opens and closes sessions as it is told, one order a line; it answers each with one
 * line. Times are of the monotonic clock, in nanoseconds, and so compare between workers.
 *
 *     open ID             opens it; answers as `hold`, without closed_ns
 *     close               what is open: sets n to n + 1; answers closed_ns
 *     hold ID MS          both, with MS milliseconds of work between
 *     add ID TIMES        holds it TIMES times for nothing; answers how often that succeeded
 *     change ID MS NAME   opens it, works for MS milliseconds, sets the variable NAME, closes it
 *     change_read_only ID MS NAME
 *                         the same, opened by read_and_close, so that nothing is stored
 *     names ID            answers names, those of all variables
 *     cycle ID MS         for MS milliseconds, as `add`; answers the median of a cycle, in ns
 *     abort|reset|destroy|read_and_close|exception|fatal ID
 *                         opens it and ends it this way: the last two end the worker, too
 *
 * Answers are JSON: asked_ns, got_ns, n (what was read; null: nothing), closed_ns (when the closing
 * began), error (the first warning; empty: none).
 */

declare(strict_types=1);

ob_start();
$error = '';
set_error_handler(static function (int $level, string $message) use (&$error): bool {
    $error = $error === '' ? $message : $error;
    return true;
});

function answer(array $fields): void
{
    fwrite(STDOUT, json_encode($fields + ['error' => $GLOBALS['error']]) . "\n");
    $GLOBALS['error'] = '';
}

function open_session(string $id, array $options = []): array
{
    $_SESSION = [];
    session_id($id);
    $asked = hrtime(true);
    $started = session_start($options);
    return ['asked_ns' => $asked, 'got_ns' => hrtime(true),
        'n' => $started ? $_SESSION['n'] ?? null : null, 'started' => $started];
}

function close_session(): array
{
    if (session_status() !== PHP_SESSION_ACTIVE) {
        return [];
    }
    $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
    $closed = hrtime(true);
    session_write_close();
    return ['closed_ns' => $closed];
}

function add(string $id): bool
{
    $started = open_session($id)['started'];
    close_session();
    return $started && $GLOBALS['error'] === '';
}

function cycle(string $id, int $milliseconds): int
{
    $times = [];
    for ($end = hrtime(true) + 1000000 * $milliseconds; ($began = hrtime(true)) < $end;) {
        add($id);
        $times[] = hrtime(true) - $began;
    }
    sort($times);
    return $times[intdiv(count($times), 2)];
}

answer(['ready' => true]);
while (($line = fgets(STDIN)) !== false) {
    [$order, $id, $number, $name] = explode(' ', trim($line)) + ['', '', '0', ''];
    switch ($order) {
        case 'open':
            answer(open_session($id));
            break;
        case 'close':
            answer(close_session());
            break;
        case 'hold':
            $opened = open_session($id);
            usleep(1000 * (int) $number);
            answer(close_session() + $opened);
            break;
        case 'add':
            for ($i = $stored = 0; $i < (int) $number; $i++) {
                $stored += (int) add($id);
            }
            answer(['stored' => $stored]);
            break;
        case 'change':
        case 'change_read_only':
            $opened = open_session($id, ['read_and_close' => $order === 'change_read_only']);
            usleep(1000 * (int) $number);
            $_SESSION[$name] = 1;
            if (session_status() === PHP_SESSION_ACTIVE) {
                session_write_close();
            }
            answer($opened);
            break;
        case 'names':
            open_session($id, ['read_and_close' => true]);
            answer(['names' => array_keys($_SESSION)]);
            break;
        case 'cycle':
            answer(['median_ns' => cycle($id, (int) $number)]);
            break;
        case 'abort':
        case 'reset':
        case 'destroy':
            open_session($id);
            "session_$order"();
            if ($order === 'reset') {
                session_write_close();
            }
            answer([]);
            break;
        case 'read_and_close':
            open_session($id, ['read_and_close' => true]);
            answer([]);
            break;
        case 'exception':
            open_session($id);
            restore_error_handler();
            throw new RuntimeException('as ordered');
        case 'fatal':
            open_session($id);
            restore_error_handler();
            ini_set('memory_limit', '4M');
            str_repeat('x', 100000000);
    }
}
