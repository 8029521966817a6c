<?php
/*
 * Compares zlib's levels over sessions of 20 to 900 KB: the compressed size in per cent and the CPU
 * time in milliseconds. The data are made up by a fixed seed, in the forms that sessions have:
 *
 *     cart      nested arrays of short texts and numbers
 *     objects   users with roles, attributes and the hash of a password
 *     rows      records with prose and random keys
 *
 *     php compression.php [LEVEL ...]
 */

declare(strict_types=1);

const SIZES_KB = [20, 100, 300, 900];
const ROUNDS = 7; // the fastest counts, because a busy machine only adds time
const ROUND_MS = 40;

const WORDS = ['order', 'customer', 'invoice', 'product', 'category', 'price', 'street', 'city',
    'delivery', 'payment', 'method', 'status', 'pending', 'address', 'email', 'shipping',
    'discount', 'coupon', 'quantity', 'total', 'currency', 'created', 'updated', 'the', 'a', 'of',
    'and', 'to', 'in', 'is', 'for', 'on', 'with', 'was', 'it', 'by', 'that', 'are', 'this',
    'from', 'at', 'an'];

final class User
{
    protected array $roles = ['ROLE_USER', 'ROLE_EDITOR'];
    private string $hash;
    public array $attributes;

    public function __construct(public int $id)
    {
        $this->hash = '$2y$10$' . random_text(40);
        $this->attributes = ['email' => "user$id@example.com", 'lang' => 'en',
            'last' => 1700000000 + mt_rand(0, 9999999), 'bio' => words(12)];
    }
}

function random_text(int $length): string
{
    $text = '';
    while (strlen($text) < $length) {
        $text .= base64_encode(pack('N', mt_rand()));
    }
    return substr($text, 0, $length);
}

function words(int $count): string
{
    return implode(' ', array_map(fn() => WORDS[intdiv(mt_rand(0, 41) * mt_rand(0, 41), 41)],
        range(1, $count)));
}

function element(string $kind): mixed
{
    return match ($kind) {
        'cart' => ['id' => mt_rand(1, 9999999), 'sku' => 'SKU-' . dechex(mt_rand()),
            'name' => words(3), 'price' => mt_rand(1, 99999) / 100, 'quantity' => mt_rand(1, 9),
            'options' => ['size' => mt_rand(30, 50), 'note' => words(8)]],
        'objects' => new User(mt_rand(1, 9999999)),
        'rows' => ['key' => random_text(32), 'title' => words(6), 'body' => words(60),
            'score' => mt_rand() / mt_getrandmax()],
    };
}

function session(string $kind, int $size): string
{
    $elements = [];
    for ($bytes = 0; $bytes < $size; $bytes += strlen(serialize(end($elements)))) {
        $elements[] = element($kind);
    }
    return substr('data|' . serialize($elements), 0, $size);
}

function cpu_ms(): float
{
    $usage = getrusage();
    return ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) * 1e3 +
        ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) / 1e3;
}

mt_srand(7);
$levels = array_map('intval', array_slice($argv, 1)) ?: range(1, 9);
echo 'zlib ', ZLIB_VERSION, '; size in %, CPU time in ms', "\n        level";
array_map(fn($level) => printf("%13d", $level), $levels);
foreach (['cart', 'objects', 'rows'] as $kind) {
    foreach (SIZES_KB as $size_kb) {
        $data = session($kind, 1000 * $size_kb);
        printf("\n%-8s %4d", $kind, $size_kb);
        foreach ($levels as $level) {
            $best = INF;
            for ($round = 0; $round < ROUNDS; ++$round) {
                $began = cpu_ms();
                for ($count = 0, $ms = 0; $ms < ROUND_MS; ++$count, $ms = cpu_ms() - $began) {
                    $compressed = gzcompress($data, $level);
                }
                $best = min($best, $ms / $count);
            }
            printf("%6.1f %6.2f", 100 * strlen($compressed) / strlen($data), $best);
        }
    }
}
echo "\n";
