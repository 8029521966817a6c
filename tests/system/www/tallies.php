<?php
// tallies.php FOLDER NAME PAUSE_MS ID...: adds one to the tally of each session in turn, each
// addition in a request's cycle of its own, until there is a file FOLDER/stop. Rests for up to
// PAUSE_MS after each. FOLDER/NAME.rounds grows by a byte whenever all have been visited. Prints as
// JSON for every session
//   acknowledged   the values whose store was acknowledged
//   refused        the values whose store was refused: each may have been stored or not
//   unopened       how often session_start() was false
//   lost           how often it gave another, new session
// and the first messages.
[, $folder, $name, $pause_ms] = $argv;
$ids = array_slice($argv, 4);
$messages = [];
set_error_handler(function (int $level, string $message) use (&$messages): bool {
    $messages[] = $message;
    return true;
});
$shown = [];
$tallies = array_fill_keys(
    $ids, ['acknowledged' => [], 'refused' => [], 'unopened' => 0, 'lost' => 0]);

function add(string $id, array &$tally, array &$messages): void
{
    session_id($id);
    if (!session_start()) {
        ++$tally['unopened'];
        return;
    }
    if (session_id() !== $id) {
        ++$tally['lost'];
        session_abort();
        return;
    }
    $count = $_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
    session_write_close();
    $tally[$messages ? 'refused' : 'acknowledged'][] = $count;
}

while (true) {
    foreach ($ids as $id) {
        if (file_exists("$folder/stop")) {
            break 2;
        }
        $messages = [];
        add($id, $tallies[$id], $messages);
        if (count($shown) < 20) {
            array_push($shown, ...$messages);
        }
        usleep(random_int(0, 1000 * (int)$pause_ms));
    }
    file_put_contents("$folder/$name.rounds", '.', FILE_APPEND);
}
echo json_encode(['tallies' => $tallies, 'messages' => $shown]);
