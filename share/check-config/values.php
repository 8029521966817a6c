<?php
// The settings of the extension, and the values that it takes.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

const PLACEMENTS = ['consistent', 'standard', 'ketama', 'ketama_unweighted', 'modula'];
const NUMBER_MAX = 2147483647;
const SERVERS_MAX = 1024;
const LIST_LENGTH_MAX = 256 * SERVERS_MAX;

// The settings of the extension: kind of value, default. Kinds are in refusal().
const SETTINGS = [
    'memcache.allow_failover' => ['switch', '1'],
    'memcache.max_failover_attempts' => ['positive', '20'],
    'memcache.default_port' => ['port', '11211'],
    'memcache.hash_strategy' => [PLACEMENTS, 'consistent'],
    'memcache.hash_function' => [['crc32', 'fnv'], 'crc32'],
    'memcache.compress_threshold' => ['number', '20000'],
    'memcache.lock_timeout' => ['positive', '15'],
    'memcache.session_redundancy' => ['positive', '2'],
    'memcache.session_search' => ['search', '14'],
    'memcache.session_save_path' => ['text', ''],
    'memcache.session_ids' => [['any', 'php'], 'any'],
    'memcache.session_meta' => [['auto', 'off', ''], 'auto'],
    'memcache.session_prefix_static_key' => ['prefix', ''],
    'memcache.session_prefix_host_key' => ['switch', '0'],
    'memcache.session_prefix_host_key_remove_www' => ['switch', '1'],
    'memcache.session_prefix_host_key_remove_subdomain' => ['switch', '0'],
    'memcache.session_prefix_separator' => ['separator', ''],
    'memcache.session_hash_strategy' => [['', ...PLACEMENTS], ''],
    'memcache.session_lock' => ['switch', '1'],
    'memcache.session_lock_wait' => ['wait', ''],
    'memcache.session_lock_waiters' => ['waiters', '0'],
    'memcache.session_readonly_paths' => ['patterns', ''],
    'memcache.session_status' => ['switch', '1'],
    'memcache.session_status_reset' => ['switch', '0'],
    'memcache.session_inspect' => ['switch', '0'],
    'memcache.session_warn_size' => ['number', '0'],
    'memcache.session_lock_failure' => [['fail', 'readonly'], 'fail'],
    'memcache.session_merge' => [['off', '', 'fail', 'last'], 'off'],
];

// Those that php.ini and the web server alone can set.
const SYSTEM_SETTINGS = ['memcache.session_status_reset', 'memcache.session_inspect'];

// Settings of pecl/memcache that sessions do not need.
const OF_THE_CLASS = ['memcache.chunk_size', 'memcache.protocol', 'memcache.redundancy',
    'memcache.prefix_static_key', 'memcache.prefix_host_key', 'memcache.prefix_host_key_remove_www',
    'memcache.prefix_host_key_remove_subdomain'];

// The defaults of PHP and of php-memcached that are looked at.
const OTHER_DEFAULTS = [
    'session.save_handler' => 'files',
    'session.save_path' => '',
    'max_execution_time' => '30',
    'memcached.sess_prefix' => 'memc.sess.key.',
    'memcached.sess_consistent_hash' => '1',
    'memcached.sess_consistent_hash_type' => 'ketama',
    'memcached.sess_number_of_replicas' => '0',
    'memcached.sess_binary_protocol' => '1',
    'memcached.sess_locking' => '1',
    'memcached.sess_sasl_username' => '',
];

function is_whole_number(string $text, int $min, int $max): bool
{
    // A number of more digits is too large anyway. A float holds the others, also on 32 bits.
    return preg_match('/^0*(\d{1,10})$/D', $text, $found) === 1
        && (float)$found[1] >= $min && (float)$found[1] <= $max;
}

function is_part_of_key(string $text, int $length_max): bool
{
    return strlen($text) <= $length_max && !preg_match('/[\x00-\x20\x7f]/', $text);
}

// Null: the extension takes this value. Otherwise the values that it takes.
function refusal(string $name, string $text): ?string
{
    $kind = SETTINGS[$name][0];
    if (is_array($kind)) {
        $words = implode(', ', array_filter($kind, fn(string $word) => $word !== ''));
        $words .= in_array('', $kind, true) ? ', or empty' : '';
        return in_array(strtolower($text), $kind, true) ? null : $words;
    }
    $number = fn(int $min, int $max): ?string => is_whole_number($text, $min, $max) ? null
        : "a whole number from $min to $max";
    return match ($kind) {
        'switch' => $text === '' || is_whole_number($text, 0, NUMBER_MAX)
            || in_array(strtolower($text), ['on', 'off', 'yes', 'no', 'true', 'false'], true)
            ? null : '0 or 1',
        'positive' => $number(1, NUMBER_MAX),
        'number' => $number(0, NUMBER_MAX),
        'port' => $number(1, 65535),
        'search' => $number(0, SERVERS_MAX),
        'waiters' => $number(0, 1000),
        'wait' => $text === '' || preg_match('/^\d+(\.\d+)?$/D', $text)
            && is_whole_number(explode('.', $text)[0], 0, NUMBER_MAX)
            ? null : 'a number of seconds from 0 to ' . NUMBER_MAX . ', or empty',
        'prefix' => is_part_of_key($text, 200)
            ? null : 'at most 200 characters, none of them a blank or control character',
        'separator' => is_part_of_key($text, 16)
            ? null : 'at most 16 characters, none of them a blank or control character',
        'patterns' => max(array_map('strlen', preg_split('/[ ,\t\r\n]+/', $text))) <= 1024
            ? null : 'patterns of at most 1024 characters each, separated by blanks or commas',
        'text' => null,
    };
}

function is_on(string $text): bool
{
    return !in_array(strtolower($text), ['', '0', 'off', 'no', 'false', 'none'], true);
}

// "30", "30s", "5m", "500ms" and "1m 30s" in seconds, as php-fpm and nginx write times.
function seconds(string $text): float
{
    $units = ['ms' => 0.001, 's' => 1, '' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400];
    preg_match_all('/(\d+(?:\.\d+)?)(ms|s|m|h|d|)/', strtolower($text), $found, PREG_SET_ORDER);
    return (float)array_sum(array_map(fn(array $part) => $part[1] * $units[$part[2]], $found));
}

function seconds_text(float $seconds): string
{
    return rtrim(rtrim(number_format($seconds, 3, '.', ''), '0'), '.') . ' s';
}
