<?php
// add.php ID TIMES: adds one to the counter of session ID, TIMES times, each in a request's cycle
// of its own. Prints how many additions were acknowledged.
[, $id, $times] = $argv;
$added = 0;
for ($i = 0; $i < $times; $i++) {
    session_id($id);
    if (session_start()) {
        $_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
        error_clear_last();
        session_write_close();
        $added += error_get_last() === null ? 1 : 0;
    }
}
echo $added;
