<?php
// cycles.php COUNT: runs so many cycles of every kind in one process: new, changed, unchanged,
// aborted, read only, regenerated and destroyed sessions. Prints as JSON the process's memory in kB
// and its open files, after a tenth of the cycles and at the end.
function measure(): array
{
    [, $resident_pages] = explode(' ', file_get_contents('/proc/self/statm'));
    return [
        'resident_kb' => 4 * (int)$resident_pages,
        'php_bytes' => memory_get_usage(),
        'files' => count(scandir('/proc/self/fd')),
    ];
}

function start(array $options = []): void
{
    session_start($options) || exit("session_start() failed\n");
}

$count = (int)$argv[1];
$early = measure(); // once in vain: the first time costs memory itself
for ($i = 0; $i < $count; $i++) {
    switch ($i % 8) {
        case 0:
            session_id(bin2hex(random_bytes(13)));
            start();
            $_SESSION['page'] = str_repeat('x', $i % 4000);
            session_write_close();
            break;
        case 3:
            start(['read_and_close' => true]);
            break;
        case 4:
            start();
            session_abort();
            break;
        case 5:
            start();
            session_regenerate_id(true);
            session_write_close();
            break;
        case 6:
            start();
            session_write_close();
            break;
        case 7:
            start();
            session_destroy();
            break;
        default:
            start();
            $_SESSION['cycle'] = $i;
            session_write_close();
    }
    if ($i === intdiv($count, 10)) {
        $early = measure();
    }
}
echo json_encode(['early' => $early, 'late' => measure()]);
