<?php
/*
 * Cycles of one kind in one process, over several sessions in turn. Settings come from the command
 * line (-d).
 *
 *     php scale.php KIND CYCLES SESSIONS WARM_UP
 *
 * KIND: hit (an existing session is changed), unchanged (it is read), new (PHP makes the id) or
 * unknown (the id is that of no session). WARM_UP cycles come before the measured ones. Prints
 * JSON: first_us (the first session_start() of this process), wall_us (mean of a cycle), private_kb
 * (memory of the process) and descriptors. A warning ends the process with status 1.
 */

declare(strict_types=1);

const PAYLOAD_BYTES = 1024;

set_error_handler(static function (int $level, string $message): never {
    restore_error_handler();
    fwrite(STDERR, $message . "\n");
    exit(1);
});

function cycle(string $kind, string $id, int $number): void
{
    session_id($kind === 'new' ? '' : $id);
    session_start();
    if ($kind === 'unknown') {
        session_abort(); // nothing is stored, so the id stays unknown
        return;
    }
    if ($kind !== 'unchanged' || !isset($_SESSION['payload'])) {
        $_SESSION['number'] = $number;
        $_SESSION['payload'] ??= bin2hex(random_bytes(PAYLOAD_BYTES >> 1));
    }
    session_write_close();
}

[, $kind, $cycles, $sessions, $warmUp] = $argv;
$ids = array_map(
    fn (int $number): string => hash('md5', "$kind $number"),
    range(1, (int) $sessions),
);

$start = hrtime(true);
cycle($kind, $ids[0], 0);
$first = hrtime(true) - $start;
for ($i = 0; $i < (int) $warmUp; $i++) {
    cycle($kind, $ids[$i % count($ids)], 0);
}
$start = hrtime(true);
for ($i = 0; $i < (int) $cycles; $i++) {
    cycle($kind, $ids[$i % count($ids)], $i + 1);
}
$wall = hrtime(true) - $start;
preg_match('/RssAnon:\s+(\d+)/', (string) file_get_contents('/proc/self/status'), $memory);
echo json_encode([
    'first_us' => $first / 1000,
    'wall_us' => $cycles > 0 ? $wall / 1000 / $cycles : 0,
    'private_kb' => (int) $memory[1],
    'descriptors' => count(scandir('/proc/self/fd')) - 2,
]), "\n";
