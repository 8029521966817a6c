<?php
/*
 * The workload: cycles of session_start(), a counter and about 1 KB changed, session_write_close(),
 * over several sessions in turn, in one process. Settings come from the command line (-d).
 *
 *     php cycle.php measure CYCLES SESSIONS
 *         One cycle a session to warm up, then CYCLES cycles. Prints, of one cycle in microseconds,
 *         wall_us and cpu_us (means), and fastest_us (the mean over sessions of the fastest cycle
 *         of each: spares what was slow by accident, not what is slow for a session).
 *     php cycle.php hold SESSIONS
 *         One cycle a session; opens the last one again, prints the ids, closes when input ends.
 *
 * Whatever goes wrong, a warning or a counter that is not what this process wrote last, ends it
 * with status 1 and a message.
 */

declare(strict_types=1);

const PAYLOAD_BYTES = 1024;
const PAYLOADS = 16;

set_error_handler(static function (int $level, string $message): never {
    fail($message);
});

function fail(string $message): never
{
    restore_error_handler();
    fwrite(STDERR, $message . "\n");
    exit(1);
}

/** @return list<string> */
function fresh_ids(int $count): array
{
    return array_map(static fn (): string => bin2hex(random_bytes(16)), range(1, $count));
}

/**
 * Runs $cycles cycles and returns the wall time of each, in nanoseconds, by session.
 * $counters keeps, over calls, what each session must hold.
 *
 * @param list<string> $ids
 * @param list<string> $payloads
 * @param array<string, int> $counters
 * @return array<string, list<int>>
 */
function run_cycles(int $cycles, array $ids, array $payloads, array &$counters): array
{
    $times = array_fill_keys($ids, []);
    $sessions = count($ids);
    for ($i = 0; $i < $cycles; $i++) {
        $id = $ids[$i % $sessions];
        $start = hrtime(true);
        session_id($id);
        if (!session_start()) {
            fail('session_start() is false');
        }
        $expected = $counters[$id]++;
        if (($_SESSION['counter'] ?? 0) !== $expected) {
            fail("the session does not hold its last write ($expected)");
        }
        $_SESSION['counter'] = $expected + 1;
        $_SESSION['payload'] = $payloads[$counters[$id] % PAYLOADS];
        if (!session_write_close()) {
            fail('session_write_close() is false');
        }
        $times[$id][] = hrtime(true) - $start;
    }
    return $times;
}

function cpu_us(): int
{
    $usage = getrusage();
    return ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) * 1000000
        + $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec'];
}

[, $mode, $first] = $argv;
$ids = fresh_ids((int) ($mode === 'measure' ? $argv[3] : $first));
$counters = array_fill_keys($ids, 0);
$payloads = [];
for ($i = 0; $i < PAYLOADS; $i++) {
    $payloads[] = bin2hex(random_bytes(PAYLOAD_BYTES >> 1));
}
run_cycles(count($ids), $ids, $payloads, $counters);

if ($mode === 'hold') {
    session_id(end($ids));
    if (!session_start()) {
        fail('session_start() is false');
    }
    fwrite(STDOUT, implode(' ', $ids) . "\n");
    stream_get_contents(STDIN);
    session_write_close();
    exit(0);
}

$cycles = (int) $first;
$cpu = cpu_us();
$times = run_cycles($cycles, $ids, $payloads, $counters);
$cpu = cpu_us() - $cpu;
echo json_encode([
    'wall_us' => array_sum(array_map('array_sum', $times)) / 1000 / $cycles,
    'cpu_us' => $cpu / $cycles,
    'fastest_us' => array_sum(array_map('min', $times)) / 1000 / count($times),
]), "\n";
