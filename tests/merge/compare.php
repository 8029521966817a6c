<?php
// Compares the merge of src/merge with a model in PHP, on sessions that are drawn at random and
// that PHP itself encodes and decodes. Some of the texts are damaged: then no result may be
// unreadable, and a text that PHP refuses must be refused by the merge too.
//
//     php compare.php MERGE_CASES [CASES [SEED]]
//
// MERGE_CASES is the program of tests/merge/merge_cases.cpp. Ends with "N passed, N failed". The
// first lines name the seed and show the first case that failed.

declare(strict_types=1);

error_reporting(E_ERROR);  // damaged texts and classes of old forms make PHP warn
ini_set('display_errors', 'stderr');
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');

require __DIR__ . '/values.php';
require __DIR__ . '/model.php';
require __DIR__ . '/sessions.php';
require __DIR__ . '/program.php';

const BATCH = 500;
const OBSTACLES = ['none' => 0, 'reference' => 1, 'unreadable' => 2];

/** One to three bytes set, taken out or doubled. */
function damaged(string $text): string
{
    for ($count = mt_rand(1, 3); $count > 0 && $text !== ''; $count--) {
        $at = mt_rand(0, strlen($text) - 1);
        $length = mt_rand(1, 6);
        switch (mt_rand(0, 3)) {
            case 0:
                $text[$at] = drawn_of(str_split("0123456789;:{}\"|aOCEisdbNRr+-.eS\0\xff"));
                break;
            case 1:
                $text = substr_replace($text, '', $at, $length);
                break;
            case 2:
                $text = substr_replace($text, substr($text, $at, $length), $at, 0);
                break;
            default:
                $text = substr($text, 0, $at);
        }
    }
    return $text;
}

/** The texts of base, ours and theirs, and whether they are damaged. */
function drawn_case(bool $is_named): array
{
    $key = $is_named ? drawn_name(...) : drawn_key(...);
    $base = drawn_session($is_named);
    $sides = [$base, $base, $base];
    for ($side = 1; $side <= 2; $side++) {
        if (once_in(30)) {
            $sides[$side] = drawn_session($is_named);
        }
        for ($count = mt_rand(0, 5); $count > 0; $count--) {
            change($sides[$side], $key);
        }
    }
    if (once_in(30)) {
        tie($sides[mt_rand(0, 2)], $key);
    }
    $texts = array_map(encode(...), $sides);
    $is_damaged = once_in(8);
    if ($is_damaged) {
        foreach (once_in(4) ? [0, 1, 2] : [mt_rand(0, 2)] as $side) {
            $texts[$side] = damaged($texts[$side]);
        }
    }
    return [...$texts, $is_damaged];
}

/** What the merge must answer: obstacle, conflicts, paths and the text with ours in conflicts. */
function expected(string $base, string $ours, string $theirs): array
{
    if ($theirs === $base) {
        return ['none', 0, [], $ours];
    }
    if ($ours === $base || $ours === $theirs) {
        return ['none', 0, [], $theirs];
    }
    $sessions = array_map(decode(...), [$base, $ours, $theirs]);
    if (References::areIn(...$sessions)) {
        return ['reference', 1, ['$_SESSION'], ''];
    }
    $model = new Model();
    $merged = $model->merge(...$sessions);
    return ['none', $model->conflicts, $model->paths, encode($merged)];
}

/** A sentence for what is wrong with the answer to whole texts, or null. */
function fault_of_whole(array $texts, bool $takes_last, array $answer): ?string
{
    [$obstacle, $conflicts, $paths, $text] = expected(...$texts);
    $is_merged = $conflicts === 0 || ($takes_last && $obstacle === 'none');
    if ($answer['text'] !== $text && str_contains($answer['text'], 'E:')) {
        // PHP writes an enum that the text has already as `r:`, and reads both forms alike.
        $answer['text'] = encode(decode($answer['text']) ?? []);
    }
    $wanted = [
        'is_merged' => $is_merged,
        'obstacle' => OBSTACLES[$obstacle],
        'conflicts' => $conflicts,
        'paths' => $paths,
        'text' => $is_merged ? $text : '',
    ];
    return $wanted === $answer ? null : 'the model says ' . var_export($wanted, true);
}

/** The same for texts of which one or more are damaged. */
function fault_of_damaged(array $texts, array $answer): ?string
{
    [$base, $ours, $theirs] = $texts;
    if ($base === $ours || $base === $theirs || $ours === $theirs) {
        return null;
    }
    if ($answer['obstacle'] !== OBSTACLES['none']) {
        $is_right = !$answer['is_merged']
            && $answer['text'] === ''
            && $answer['conflicts'] === 1
            && $answer['paths'] === ['$_SESSION'];
        return $is_right ? null : 'an obstacle is one conflict of all, and has no result';
    }
    $unread = array_filter($texts, fn (string $text) => decode($text) === null);
    if ($unread) {
        // A class may refuse what is well-formed.
        return preg_grep('/[OCE]:\d/', $unread) ? null : 'PHP cannot read what was merged';
    }
    $is_readable = !$answer['is_merged'] || decode($answer['text']) !== null;
    return $is_readable ? null : 'PHP cannot read the result';
}

function compare(string $program, int $count, int $seed): void
{
    fwrite(STDOUT, "seed $seed\n");
    mt_srand($seed);
    session_set_save_handler(new StoresNothing());
    session_id('compared');
    $program = new MergeCases($program);
    $kinds = ['merged' => 0, 'conflict' => 0, 'reference' => 0, 'damaged' => 0, 'unreadable' => 0];
    for ($done = 0; $done < $count; $done += count($cases)) {
        $handler = drawn_of(['php', 'php_serialize']);
        begin_sessions($handler);
        $cases = $damaged = [];
        while (count($cases) < min(BATCH, $count - $done)) {
            [$base, $ours, $theirs, $damaged[]] = drawn_case($handler === 'php');
            $cases[] = [$base, $ours, $theirs, once_in(2)];
        }
        foreach ($program->answers($cases, $handler) as $i => $answer) {
            $texts = array_slice($cases[$i], 0, 3);
            $fault = $damaged[$i]
                ? fault_of_damaged($texts, $answer)
                : fault_of_whole($texts, $cases[$i][3], $answer);
            if ($fault !== null) {
                fail("case " . $done + $i . " of $handler: " . var_export($cases[$i], true)
                    . "\nanswer: " . var_export($answer, true) . "\n$fault");
            }
            $kinds[kind_of($answer, $damaged[$i])]++;
        }
    }
    if (!$program->close()) {
        fail('the program ends with an error');
    }
    if ($count >= 10000 && in_array(0, $kinds, true)) {
        fail('a kind of case is missing: ' . json_encode($kinds));
    }
    fwrite(STDOUT, json_encode($kinds) . "\n$count passed, 0 failed\n");
}

function kind_of(array $answer, bool $is_damaged): string
{
    if ($answer['obstacle'] === OBSTACLES['unreadable']) {
        return 'unreadable';
    }
    if ($answer['obstacle'] === OBSTACLES['reference']) {
        return 'reference';
    }
    return $is_damaged ? 'damaged' : ($answer['conflicts'] > 0 ? 'conflict' : 'merged');
}

if ($argc < 2) {
    fwrite(STDERR, "usage: php compare.php MERGE_CASES [CASES [SEED]]\n");
    exit(2);
}
compare($argv[1], (int) ($argv[2] ?? 20000), (int) ($argv[3] ?? random_int(1, PHP_INT_MAX >> 32)));
