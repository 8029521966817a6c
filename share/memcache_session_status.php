<?php
// The status page of memcache_session: what all PHP processes of a php-fpm or Apache have counted.
//
//   status.php                the page, which refreshes itself every ten seconds
//   status.php?servers        asks each memcached too for its version, items, memory and evictions
//   status.php?refresh=0      without refresh, or every so many seconds (at most 3600)
//   status.php?openmetrics    the same figures for Prometheus; also with &servers
//
// It is one file without dependencies. docs/status.md tells how to install and protect it. It
// starts no session, changes nothing, and shows no session id and no value.
//
// Only requests of this machine are answered, unless the web server sets for this page
//
//   MEMCACHE_SESSION_STATUS_ALLOW=10.0.9.0/24,2001:db8::7    these addresses too
//   MEMCACHE_SESSION_STATUS_ALLOW=all                        everybody whom the web server lets in
declare(strict_types=1);

namespace MemcacheSession\StatusPage;

const LOOPBACK = ['127.0.0.0/8', '::1'];
const IPV4_IN_IPV6 = "\0\0\0\0\0\0\0\0\0\0\xff\xff";

// What proxies add to the requests that they forward.
const FORWARDING_HEADERS = [
    'HTTP_X_FORWARDED_FOR', 'HTTP_X_FORWARDED_HOST', 'HTTP_X_FORWARDED_PROTO',
    'HTTP_X_FORWARDED_PORT', 'HTTP_FORWARDED', 'HTTP_VIA', 'HTTP_X_REAL_IP', 'HTTP_X_CLIENT_IP',
    'HTTP_CLIENT_IP', 'HTTP_X_CLUSTER_CLIENT_IP', 'HTTP_TRUE_CLIENT_IP', 'HTTP_CF_CONNECTING_IP',
];

const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const REFRESH_SECONDS = 10;
const REFRESH_SECONDS_MAX = 3600;
const RECENT_MINUTES = 10; // "recently" in the messages at the top of the page
const SPANS_MINUTES = [15, 30, 60]; // of the charts: the shortest that covers the time of counting

// Each cause of a refused call: what happened, and the remedy.
const REFUSALS = [
    'unavailable' => ['No server that was needed answered.',
        'Start the servers that are down, or check the network.'],
    'unknown_state' => ['Too many servers were silent to tell whether the session exists.',
        'Start the servers that are down. The visitor keeps the cookie, and may try again.'],
    'locked' => ['Another request held the session until memcache.session_lock_wait had passed.',
        '“memcache-session who-holds” names the slow page. Call session_write_close() early.'],
    'too_many_waiters' => ['memcache.session_lock_waiters requests waited for the session already.',
        'As above; one visitor sends many requests at once.'],
    'too_large' => ['The session is larger than PHP’s memory_limit allows.',
        'Raise memory_limit, or store less: memcache.session_warn_size names the pages.'],
    'damaged' => ['The stored session cannot be uncompressed.',
        'Look for another program that writes to these servers under the same keys.'],
    'conflict' => ['Another request has stored the session meanwhile, or the lease ran out.',
        'Set memcache.lock_timeout above the longest request. With memcache.session_merge or '
            . 'memcache.session_readonly_paths: let scripts that change the same data lock it.'],
    'destroyed' => ['Another request has destroyed the session meanwhile, as a logout does.',
        'Nothing: what the late request wanted to store is not wanted any more.'],
    'expired' => ['When it was to be stored, no server had the session any more.',
        'Look for evictions and restarts of memcached; compare session.gc_maxlifetime.'],
    'not_stored' => ['No server stored the session or its destruction.',
        'Look for sessions above memcached’s limit (-I), and for servers that are full or down.'],
    'read_only' => ['A session that was opened only for reading was changed.',
        'See memcache.session_readonly_paths and memcache.session_lock_failure.'],
    'invalid' => ['The id, the save_path or the order of the calls cannot be used.',
        'The error log has the details. Forged session ids are harmless.'],
];

function respond(): void
{
    ini_set('display_errors', '0'); // a warning would come before the headers; it is logged
    if (session_status() === PHP_SESSION_ACTIVE) {
        session_abort(); // by session.auto_start: releases its lock, stores nothing
    }
    header('Cache-Control: no-store');
    header('X-Content-Type-Options: nosniff');
    $refusal = reason_to_refuse($_SERVER);
    if ($refusal !== null) {
        send_text(403, $refusal);
        return;
    }
    if (!function_exists('memcache_session_status')) {
        send_text(503, 'The extension memcache_session is not loaded.');
        return;
    }
    $status = memcache_session_status(isset($_GET['servers']));
    if ($status === false) {
        send_text(503, 'There are no figures; the error log says why.');
    } elseif (is_without_web_server($_SERVER) || isset($_GET['openmetrics'])) {
        send_metrics($status);
    } else {
        send_page($status);
    }
}

function send_text(int $code, string $text): void
{
    http_response_code($code);
    header('Content-Type: text/plain; charset=utf-8');
    echo $text, "\n";
}

// --- Who may ask ---

// Whether the request came to php-fpm's socket directly, as an exporter of metrics sends it.
function is_without_web_server(array $server): bool
{
    return !isset($server['REMOTE_ADDR']);
}

// Why this request may not see the figures, or null if it may.
//
// An address is believed only if nothing shows that a proxy forwarded the request, because then it
// is the proxy's address. Host must name this machine too: some proxies add no header, and in a
// browser on this machine a foreign site's name may resolve to 127.0.0.1.
function reason_to_refuse(array $server): ?string
{
    $allowed = trim($server['MEMCACHE_SESSION_STATUS_ALLOW'] ?? '');
    if (is_without_web_server($server) || $allowed === 'all') {
        return null;
    }
    $see = ' See MEMCACHE_SESSION_STATUS_ALLOW in docs/status.md.';
    if (is_forwarded($server)) {
        return 'A proxy has forwarded this request, so its address proves nothing.' . $see;
    }
    $address = $server['REMOTE_ADDR'];
    if (is_in_any($address, preg_split('/[\s,]+/', $allowed, -1, PREG_SPLIT_NO_EMPTY))) {
        return null;
    }
    if (is_in_any($address, LOOPBACK) && is_local_name($server['HTTP_HOST'] ?? '')) {
        return null;
    }
    return 'This page answers only its own machine, where its name is localhost.' . $see;
}

function is_forwarded(array $server): bool
{
    foreach (FORWARDING_HEADERS as $name) {
        if (isset($server[$name])) {
            return true;
        }
    }
    // nginx adds no header of its own, but before its version 1.29.7 it forwards by default in the
    // old protocol, which no browser and no Prometheus speaks.
    return ($server['SERVER_PROTOCOL'] ?? '') === 'HTTP/1.0';
}

function is_local_name(string $host): bool
{
    $name = strtolower(preg_replace('/:\d+$/', '', $host));
    return $name === 'localhost' || is_in_any(trim($name, '[]'), LOOPBACK);
}

// Whether the address is in one of the networks, each written as 10.0.0.0/8 or 10.0.0.1. A text
// that is no address or no network matches nothing.
function is_in_any(string $address, array $networks): bool
{
    $bits = address_bits($address);
    foreach ($networks as $network) {
        [$base, $length] = explode('/', $network, 2) + [1 => null];
        $base_bits = address_bits($base);
        if ($bits === null || $base_bits === null || strlen($bits) !== strlen($base_bits)) {
            continue;
        }
        $length ??= (string)strlen($bits);
        if (preg_match('/^\d{1,3}$/D', $length) && (int)$length <= strlen($bits)
            && strncmp($bits, $base_bits, (int)$length) === 0) {
            return true;
        }
    }
    return false;
}

// The address as a text of 0 and 1, or null. IPv4 in IPv6 (::ffff:10.0.0.1) is IPv4.
function address_bits(string $address): ?string
{
    $packed = @inet_pton($address);
    if ($packed === false) {
        return null;
    }
    if (str_starts_with($packed, IPV4_IN_IPV6)) {
        $packed = substr($packed, strlen(IPV4_IN_IPV6));
    }
    return implode('', array_map(fn($byte) => sprintf('%08b', ord($byte)), str_split($packed)));
}

// --- Metrics ---

function send_metrics(array $status): void
{
    $accepted = $_SERVER['HTTP_ACCEPT'] ?? '';
    $prometheus = is_without_web_server($_SERVER)
        || (str_contains($accepted, 'text/plain') && !str_contains($accepted, 'openmetrics-text'));
    header('Content-Type: ' . ($prometheus ? PROMETHEUS_TYPE : OPENMETRICS_TYPE));
    echo metrics_text(metric_families($status), !$prometheus);
}

// A family is [name, type, help, samples]. A sample is [labels, value]; the value of a histogram is
// one of the status. Names are those of OpenMetrics: without _total, and without _info.
function metric_families(array $status): array
{
    $families = [
        ['build', 'info', 'The version of memcache_session.',
            [[['version' => $status['version']], 1]]],
        ['start_time_seconds', 'gauge', 'When the counting began, as Unix time.',
            [[[], $status['since']]]],
        ['shared', 'gauge', 'Whether all processes share the figures: 1 or 0.',
            [[[], (int)$status['shared']]]],
        ['save_path_usable', 'gauge', 'Whether the list of servers can be used: 1 or 0.',
            [[[], (int)($status['problem'] === null)]]],
    ];
    array_push($families, ...source_families($status['sources']), ...session_families($status),
        ...lock_families($status['locks']), ...server_families($status['servers']),
        ...asked_families($status['servers']));
    return array_values(array_filter($families, fn(array $family) => $family[3] !== []));
}

function source_families(array $sources): array
{
    $samples = fn(callable $value) =>
        array_map(fn(array $source) => [['source' => $source['name']], $value($source)], $sources);
    return [
        ['source_servers', 'gauge', 'Servers in the list that the source gave last.',
            $samples(fn(array $source) => $source['servers'])],
        ['source_up', 'gauge', 'Whether the source gave a list when it was asked last: 1 or 0.',
            $samples(fn(array $source) => (int)($source['failure'] === null))],
    ];
}

function session_families(array $status): array
{
    $sessions = $status['sessions'];
    $count = fn(string $name, string $key, string $help) =>
        [$name, 'counter', $help, [[[], $sessions[$key]]]];
    return [
        $count('opened', 'opened', 'Sessions that were opened, new ones too.'),
        $count('new', 'created', 'Opened sessions whose id PHP made in the same request.'),
        $count('missing', 'missing', 'Sessions whose id the request brought and no server had.'),
        $count('stored', 'stored', 'Changed sessions that were stored.'),
        $count('touched', 'touched', 'Unchanged sessions whose life was extended.'),
        $count('merged', 'merged', 'Sessions that were stored merged with the changes of others.'),
        $count('overwritten', 'overwritten', 'Places in merged sessions where ours won.'),
        $count('destroyed', 'destroyed', 'Sessions that were destroyed.'),
        $count('fewer_copies', 'fewer_copies', 'Sessions stored on fewer servers than wanted.'),
        ['refused', 'counter', 'Calls that failed with a warning, by cause.',
            labelled('cause', $sessions['refused'])],
        ['opening_seconds', 'histogram', 'Time of successful openings, with waits for locks.',
            [[[], $status['time']['opening']]]],
        ['closing_seconds', 'histogram', 'Time of storing, touching and destroying.',
            [[[], $status['time']['closing']]]],
        ['read_bytes', 'counter', 'Bytes of the sessions that were opened, as stored.',
            [[[], $status['bytes']['read']]]],
        ['size_bytes', 'histogram', 'Sizes of the sessions that were stored.',
            [[[], $status['bytes']['stored']]]],
    ];
}

function lock_families(array $locks): array
{
    $count = fn(string $name, string $key, string $help) =>
        [$name, 'counter', $help, [[[], $locks[$key]]]];
    return [
        $count('locks_acquired', 'acquired', 'Openings that took the lock.'),
        $count('lock_waits', 'waited', 'Openings that had to wait for the lock.'),
        $count('lock_gave_up', 'gave_up', 'Waits that reached memcache.session_lock_wait.'),
        $count('lock_waiters_refused', 'waiters_refused', 'Waits refused, as too many waited.'),
        ['locks_replaced', 'counter', 'Locks taken from a holder that holds them no longer.',
            labelled('cause', $locks['replaced'])],
        ['lock_wait_seconds', 'histogram', 'Time of the waits for locks.',
            [[[], $locks['wait_seconds']]]],
    ];
}

function server_families(array $servers): array
{
    $counted = array_filter($servers, fn(array $server) => $server['counted']);
    $failed = array_filter($counted, fn(array $server) => $server['last_failure'] !== null);
    $each = fn(string $key, array $servers) => array_map(
        fn(array $server) => [['server' => $server['name']], $server[$key]],
        array_values($servers));
    $up = array_map(fn(array $server) =>
        [['server' => $server['name']], (int)($server['state'] === 'up')], $servers);
    $failures = [];
    foreach ($counted as $server) {
        array_push($failures,
            ...labelled('kind', $server['failures'], ['server' => $server['name']]));
    }
    return [
        ['server_up', 'gauge', 'Whether no failure of the server is known: 1 or 0.', $up],
        ['server_round_trips', 'counter', 'Round trips that the server answered.',
            $each('phases', $counted)],
        ['server_failures', 'counter', 'Round trips and probes that failed, by kind.', $failures],
        ['server_outages', 'counter', 'Outages that began.', $each('marks', $counted)],
        ['server_recoveries', 'counter', 'Outages that ended.', $each('recoveries', $counted)],
        ['server_probes', 'counter', 'How often the server was tried while it was down.',
            $each('probes', $counted)],
        ['server_last_failure_time_seconds', 'gauge', 'When it failed last, as Unix time.',
            $each('last_failure', $failed)],
        ['server_response_seconds', 'histogram', 'How long the server took to answer.',
            $each('phase_seconds', $counted)],
    ];
}

// What memcached says; nothing unless the servers were asked.
function asked_families(array $servers): array
{
    $asked = array_filter($servers, fn(array $server) => $server['asked'] !== null);
    $answered = array_filter($asked, fn(array $server) => $server['asked']['error'] === null);
    $up = $versions = [];
    foreach ($asked as $server) {
        $answers = $server['asked']['error'] === null;
        $up[] = [['server' => $server['name']], (int)$answers];
        if ($answers) {
            $labels = ['server' => $server['name'], 'version' => $server['asked']['version']];
            $versions[] = [$labels, 1];
        }
    }
    $each = fn(string $name, string $type, string $key, string $help) => [$name, $type, $help,
        array_map(fn(array $server) => [['server' => $server['name']], $server['asked'][$key]],
            array_values($answered))];
    return [
        ['memcached_up', 'gauge', 'Whether memcached told its statistics: 1 or 0.', $up],
        ['memcached', 'info', 'The version of memcached.', $versions],
        $each('memcached_uptime_seconds', 'gauge', 'uptime', 'Time since memcached started.'),
        $each('memcached_items', 'gauge', 'items', 'Items that are stored.'),
        $each('memcached_evictions', 'counter', 'evictions', 'Items deleted for want of memory.'),
        $each('memcached_used_bytes', 'gauge', 'bytes', 'Memory that items use.'),
        $each('memcached_limit_bytes', 'gauge', 'bytes_max', 'Memory that items may use.'),
        $each('memcached_connections', 'gauge', 'connections', 'Connections that are open.'),
        $each('memcached_hits', 'counter', 'hits', 'Reads that found an item.'),
        $each('memcached_misses', 'counter', 'misses', 'Reads that found no item.'),
    ];
}

// A sample for each element of [value of the label => value].
function labelled(string $label, array $values, array $others = []): array
{
    return array_map(fn($name, $value) => [$others + [$label => $name], $value],
        array_keys($values), array_values($values));
}

// The exposition: OpenMetrics 1.0, or Prometheus' text format, which names each family as its
// samples and knows no info.
function metrics_text(array $families, bool $openmetrics): string
{
    $text = '';
    foreach ($families as [$short, $type, $help, $samples]) {
        $name = "memcache_session_$short";
        $suffix = ['counter' => '_total', 'info' => '_info'][$type] ?? '';
        $family = $openmetrics ? $name : $name . $suffix;
        $text .= "# HELP $family $help\n"
            . "# TYPE $family " . ($type === 'info' && !$openmetrics ? 'gauge' : $type) . "\n";
        if ($openmetrics && preg_match('/_(seconds|bytes)$/', $name, $unit)) {
            $text .= "# UNIT $family $unit[1]\n";
        }
        foreach ($samples as [$labels, $value]) {
            $text .= $type === 'histogram' ? histogram_text($name, $labels, $value)
                : $name . $suffix . labels_text($labels) . ' ' . number_text($value) . "\n";
        }
    }
    return $text . ($openmetrics ? "# EOF\n" : '');
}

// The buckets of a status count values apart; those of Prometheus are cumulative.
function histogram_text(string $name, array $labels, array $histogram): string
{
    $text = '';
    $sum = 0;
    foreach ($histogram['buckets'] as ['le' => $limit, 'count' => $count]) {
        $sum += $count;
        $le = $limit === null ? '+Inf' : limit_text((float)$limit);
        $text .= "{$name}_bucket" . labels_text($labels + ['le' => $le]) . " $sum\n";
    }
    // Other processes count while the status is made: the sum of its own buckets is the count.
    $labels = labels_text($labels);
    return $text . "{$name}_sum$labels " . number_text($histogram['sum']) . "\n"
        . "{$name}_count$labels $sum\n";
}

function labels_text(array $labels): string
{
    $parts = [];
    foreach ($labels as $name => $value) {
        $parts[] = $name . '="' . addcslashes((string)$value, "\\\"\n") . '"';
    }
    return $parts === [] ? '' : '{' . implode(',', $parts) . '}';
}

function number_text(int|float $value): string
{
    return var_export($value, true);
}

// A limit as Go prints it, which OpenMetrics calls canonical: 1.0, 0.001024, 3.2e-05, 1.048576e+06.
function limit_text(float $limit): string
{
    $exponent = (int)floor(log10($limit));
    if ($exponent >= -4 && $exponent < 6) {
        return number_text($limit);
    }
    $mantissa = number_text(round($limit / 10 ** $exponent, 12));
    return sprintf('%se%+03d', preg_replace('/\.0$/', '', $mantissa), $exponent);
}

// --- The page ---

function send_page(array $status): void
{
    $refresh = refresh_seconds($_GET['refresh'] ?? null);
    if ($refresh > 0) {
        header("Refresh: $refresh");
    }
    header('Content-Type: text/html; charset=utf-8');
    header('Referrer-Policy: no-referrer');
    header("Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; "
        . "frame-ancestors 'none'; style-src 'sha256-"
        . base64_encode(hash('sha256', style(), true)) . "'");
    echo page($status, $refresh, isset($_GET['servers']));
}

// How often the page asks for itself again; 0: never. `asked`: the parameter, whatever it is.
function refresh_seconds(mixed $asked): int
{
    if (!is_string($asked) || !preg_match('/^\d{1,4}$/D', $asked)) {
        return REFRESH_SECONDS;
    }
    return min((int)$asked, REFRESH_SECONDS_MAX);
}

function page(array $status, int $refresh, bool $asked): string
{
    $host = h((string)gethostname());
    $style = style();
    $body = head($status, $host) . messages($status) . "<main>\n" . servers($status, $asked)
        . charts($status) . distributions($status) . totals($status)
        . refusals($status['sessions']['refused']) . "</main>\n" . foot($status, $refresh, $asked);
    return <<<HTML
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>Sessions on $host</title>
        <style>$style</style>
        </head>
        <body>
        $body</body>
        </html>

        HTML;
}

function head(array $status, string $host): string
{
    $all = count($status['servers']);
    $ill = count(array_filter($status['servers'], fn($server) => $server['state'] !== 'up'));
    [$class, $verdict] = match (true) {
        $all === 0 => ['bad', 'No server can be used'],
        $ill > 0 => ['bad', "$ill of " . counted($all, 'server') . ' cannot be used'],
        $all === 1 => ['good', 'The server is up'],
        default => ['good', "All $all servers are up"],
    };
    $since = h(date('Y-m-d H:i', $status['since']));
    $age = duration_text($status['now'] - $status['since']);
    return <<<HTML
        <header>
        <h1>Sessions <small>on $host</small></h1>
        <p class="verdict $class">$verdict</p>
        <p class="muted">Counted since $since ($age)</p>
        </header>

        HTML;
}

function foot(array $status, int $refresh, bool $asked): string
{
    $version = h($status['version']);
    $made = h(date('H:i:s T', $status['now']));
    $also = $asked ? '&amp;servers' : '';
    $switch = $refresh > 0 ? "refreshed every $refresh s, <a href=\"?refresh=0$also\">pause</a>"
        : 'refresh paused, <a href="?' . ($asked ? 'servers' : '') . '">go on</a>';
    return <<<HTML
        <footer>
        <p>As of $made; $switch</p>
        <p><a href="?openmetrics$also">Metrics</a></p>
        <p>memcache_session $version</p>
        </footer>

        HTML;
}

// --- Messages: what needs attention, and the remedy ---

// A message is [class, what happened, remedy].
function messages(array $status): string
{
    $items = '';
    $all = array_merge(setting_messages($status), server_messages($status),
        session_messages($status));
    foreach ($all as [$class, $what, $remedy]) {
        [$what, $remedy] = [h($what), h($remedy)];
        $items .= "<li class=\"$class\"><strong>$what</strong> $remedy</li>\n";
    }
    return $items === '' ? '' : "<ul class=\"messages\">\n$items</ul>\n";
}

function setting_messages(array $status): array
{
    $messages = [];
    if ($status['problem'] !== null) {
        $messages[] = ['bad', 'The list of servers cannot be used.', $status['problem']];
    }
    foreach ($status['sources'] as $source) {
        if ($source['failure'] !== null) {
            $messages[] = ['warn',
                "{$source['name']} gives no list of servers: {$source['failure']}.",
                $source['servers'] > 0 ? 'Sessions stay on the servers that it gave last.'
                    : 'Requests that start a session fail until it does.'];
        }
    }
    if (!$status['enabled']) {
        $messages[] = ['warn', 'Nothing is counted here.', 'memcache.session_status is 0.'];
    }
    if (!$status['shared']) {
        $messages[] = ['warn', 'These are the figures of one process alone.',
            'There is no shared memory for those of all.'];
    }
    return $messages;
}

function server_messages(array $status): array
{
    $messages = [];
    $remedy = in_array('up', array_column($status['servers'], 'state'), true)
        ? 'Sessions use the other servers. It is used again once it answers.'
        : 'No server is left: requests that start a session fail.';
    foreach ($status['servers'] as $server) {
        $name = $server['name'];
        if ($server['state'] !== 'up') {
            $what = $server['state'] === 'down' ? 'is down' : 'takes no connection';
            $reason = $server['reason'] === null ? '' : ": {$server['reason']}";
            $messages[] = ['bad', "$name $what$reason.", $remedy];
        }
        $evictions = $server['asked']['evictions'] ?? 0;
        if ($evictions > 0) {
            $messages[] = ['warn', "$name has evicted " . counted($evictions, 'item') . '.',
                'Its memory is full, so visitors lose their sessions. Give it more memory.'];
        }
        if ($server['failures']['memory'] > 0) {
            $messages[] = ['warn', "$name had no memory for a store.", 'Give it more memory.'];
        }
    }
    return $messages;
}

function session_messages(array $status): array
{
    $recent = array_slice($status['series'], -RECENT_MINUTES);
    $texts = [
        'refused' => ['bad', 'call', 'failed with a warning',
            'The causes and their remedies are at the end of this page.'],
        'missing' => ['warn', 'session', 'could not be found',
            'Expired, evicted, or never there: how old the cookie was cannot be known.'],
        'lock_gave_up' => ['warn', 'request', 'gave up waiting for a lock',
            'Another request of the same session took longer than they may wait.'],
        'fewer_copies' => ['warn', 'store', 'reached fewer servers than wanted',
            'The next request of each of these sessions repairs that.'],
    ];
    $messages = [];
    foreach ($texts as $key => [$class, $noun, $event, $remedy]) {
        $count = array_sum(array_column($recent, $key));
        if ($count > 0) {
            $what = counted($count, $noun) . " $event in the last " . RECENT_MINUTES . ' minutes.';
            $messages[] = [$class, $what, $remedy];
        }
    }
    return $messages;
}

// --- Charts of the last hour ---

function charts(array $status): string
{
    $minutes = SPANS_MINUTES[0];
    foreach (SPANS_MINUTES as $span) {
        $minutes = $status['now'] - $status['since'] > 60 * $minutes ? $span : $minutes;
    }
    $series = array_slice($status['series'], -$minutes);
    $of = fn(string $key) => array_column($series, $key);
    return "<section>\n<h2>The last $minutes minutes</h2>\n<div class=\"grid wide\">\n"
        . count_chart('Sessions opened', ['all' => $of('opened'), 'new' => $of('created')], '')
        . time_chart('Time of opening', $of('opening_p50'), $of('opening_p99'))
        . time_chart('Time of closing', $of('closing_p50'), $of('closing_p99'))
        . count_chart('Sessions missing', ['missing' => $of('missing')], 'warn')
        . count_chart('Calls refused', ['refused' => $of('refused')], 'bad')
        . count_chart('Waits for locks',
            ['all' => $of('lock_waits'), 'gave up' => $of('lock_gave_up')], '')
        . "</div>\n</section>\n";
}

// Bars for counts of each minute. `lines`: [legend => counts], the largest first.
function count_chart(string $title, array $lines, string $class): string
{
    $top = nice_top(max(array_map('max', $lines)));
    $paths = $words = [];
    foreach ($lines as $name => $counts) {
        $paths[] = bars($counts, $top);
        $words[] = number(array_sum($counts)) . (count($lines) > 1 ? " $name" : '');
    }
    return chart($title, $words, $paths, "bars $class", number($top), count($counts));
}

// Lines for times of each minute; null: nothing was measured.
function time_chart(string $title, array $half, array $most): string
{
    $known = array_filter([...$half, ...$most], 'is_float');
    $top = max([0.001, ...$known]);
    $words = [];
    foreach (['median' => $half, '99%' => $most] as $name => $values) {
        $values = array_filter($values, 'is_float');
        $words[] = at_most($name, $values === [] ? '–' : seconds_text(end($values)));
    }
    return chart($title, $words, [steps($half, $top), steps($most, $top)], 'lines',
        seconds_text($top), count($half));
}

// `words`: the legend, one for each path. `top`: the label of the upper rule.
function chart(string $title, array $words, array $paths, string $class, string $top,
    int $minutes): string
{
    $drawn = $legend = '';
    foreach ($paths as $number => $path) {
        $drawn .= "<path class=\"line$number\" d=\"$path\"/>";
        $legend .= "<li class=\"line$number\">" . h($words[$number]) . '</li>';
    }
    $summary = h("$title in each of $minutes minutes: " . implode(', ', $words));
    return <<<HTML
        <figure class="$class">
        <figcaption><h3>$title</h3><ul class="legend">$legend</ul></figcaption>
        <p class="top">$top</p>
        <svg role="img" viewBox="0 0 $minutes 100" preserveAspectRatio="none">
        <title>$summary</title>
        <path class="rule" d="M0 0H{$minutes}M0 50H{$minutes}M0 100H{$minutes}"/>$drawn</svg>
        <p class="axis"><span>$minutes min ago</span><span>now</span></p>
        </figure>

        HTML;
}

function bars(array $counts, int|float $top): string
{
    $path = '';
    foreach (array_values($counts) as $place => $count) {
        if ($count > 0) {
            // A small count beside a large one is still seen.
            $height = max(2, round(100 * $count / $top, 1));
            $path .= 'M' . ($place + 0.12) . " 100v-{$height}h.76v{$height}z";
        }
    }
    return $path;
}

function steps(array $values, float $top): string
{
    $path = '';
    $before = null;
    foreach (array_values($values) as $place => $value) {
        if ($value !== null) {
            $height = round(100 - 100 * $value / $top, 1);
            $path .= $before === null ? "M$place {$height}h1" : "V{$height}h1";
        }
        $before = $value;
    }
    return $path;
}

// The least of 4, 5, 8, 10, 20, 50, 100 ... that is not less than the value.
function nice_top(int $value): int
{
    for ($power = 1; ; $power *= 10) {
        foreach ([1, 2, 4, 5, 8] as $step) {
            if ($step * $power >= max($value, 4)) {
                return $step * $power;
            }
        }
    }
}

// --- Servers ---

function servers(array $status, bool $asked): string
{
    $rows = '';
    foreach ($status['servers'] as $server) {
        $rows .= row(server_name($server), server_cells($server, $status['now']));
    }
    $columns = ['Server', 'State', 'Round trips', 'Response, median ≤', 'Response, 99% ≤',
        'Failures', 'Outages', 'Failures in the last hour'];
    return "<section>\n<h2>Servers</h2>\n" . table($columns, $rows)
        . ($asked ? asked_table($status['servers']) : '<p><a href="?servers">Ask the servers</a> '
            . "for their version, items, memory and evictions.</p>\n") . "</section>\n";
}

function server_name(array $server): string
{
    return h($server['name']) . ($server['transport'] === 'tls' ? ' <small>TLS</small>' : '');
}

function server_cells(array $server, int $now): array
{
    $since = $server['down_since'];
    $state = $server['state'] . ($since === null ? '' : ' for ' . duration_text($now - $since));
    $kinds = '';
    foreach (array_filter($server['failures']) as $kind => $count) {
        $kinds .= ' <small>' . h($kind) . ' ' . number($count) . '</small>';
    }
    return [
        'State' => mark($server['state'] === 'up' ? 'good' : 'bad', $state),
        'Round trips' => $server['counted'] ? number($server['phases']) : 'not counted',
        'Response, median ≤' => seconds_text(percentile($server['phase_seconds'], 0.5)),
        'Response, 99% ≤' => seconds_text(percentile($server['phase_seconds'], 0.99)),
        'Failures' => number(array_sum($server['failures'])) . $kinds,
        'Outages' => number($server['marks']),
        'Failures in the last hour' => spark($server['history']),
    ];
}

function asked_table(array $servers): string
{
    $rows = '';
    foreach ($servers as $server) {
        $rows .= row(server_name($server), asked_cells($server['asked']));
    }
    return table(['memcached', 'Version', 'Running for', 'Items', 'Memory', 'Evictions',
        'Connections', 'Hits', 'Misses'], $rows);
}

function asked_cells(array $asked): array
{
    if ($asked['error'] !== null) {
        return ['Version' => 'unknown: ' . h($asked['error'])];
    }
    $memory = bytes_text($asked['bytes']) . ' of ' . bytes_text($asked['bytes_max']);
    return [
        'Version' => h($asked['version']),
        'Running for' => duration_text($asked['uptime']),
        'Items' => number($asked['items']),
        'Memory' => $memory,
        'Evictions' => $asked['evictions'] > 0 ? mark('warn', number($asked['evictions'])) : '0',
        'Connections' => number($asked['connections']),
        'Hits' => number($asked['hits']),
        'Misses' => number($asked['misses']),
    ];
}

function table(array $columns, string $rows): string
{
    $heads = implode('', array_map(fn($name) => "<th scope=\"col\">$name</th>", $columns));
    return "<table>\n<thead><tr>$heads</tr></thead>\n<tbody>\n$rows</tbody>\n</table>\n";
}

// A row of [column => HTML]. Each cell has its column's name for narrow screens, where a row is a
// list. A single cell fills the row.
function row(string $head, array $cells): string
{
    $html = "<tr><th scope=\"row\">$head</th>";
    $wide = count($cells) === 1 ? ' colspan="9"' : '';
    foreach ($cells as $column => $content) {
        $html .= "<td$wide data-column=\"$column\"><div>$content</div></td>";
    }
    return "$html</tr>\n";
}

function mark(string $class, string $text): string
{
    return "<span class=\"mark $class\">" . h($text) . '</span>';
}

function spark(array $counts): string
{
    $minutes = count($counts);
    return "<svg role=\"img\" class=\"bars bad spark\" viewBox=\"0 0 $minutes 100\" "
        . 'preserveAspectRatio="none"><title>' . counted(array_sum($counts), 'failure')
        . "</title><path class=\"rule\" d=\"M0 100H$minutes\"/><path class=\"line0\" d=\""
        . bars($counts, max(1, ...$counts)) . '"/></svg>';
}

// --- Totals since the counting began ---

function distributions(array $status): string
{
    return "<section>\n<h2>Since the counting began</h2>\n<div class=\"grid\">\n"
        . distribution('Time of opening', $status['time']['opening'], 'seconds')
        . distribution('Time of closing', $status['time']['closing'], 'seconds')
        . distribution('Waits for locks', $status['locks']['wait_seconds'], 'seconds')
        . distribution('Sizes stored', $status['bytes']['stored'], 'bytes')
        . "</div>\n";
}

function distribution(string $title, array $histogram, string $unit): string
{
    $show = $unit === 'bytes' ? bytes_text(...) : seconds_text(...);
    $buckets = $histogram['buckets'];
    $counts = array_column($buckets, 'count');
    $used = array_keys(array_filter($counts));
    // The buckets in use, and as many others as make the bars no wider than those of other charts.
    $first = $used === [] ? 0 : max(0, min($used[0] - 1, count($buckets) - 12));
    $shown = max(12, $used === [] ? 0 : end($used) + 2 - $first);
    $counts = array_slice($counts, $first, $shown);
    $below = $first === 0 ? $show(0) : $show($buckets[$first - 1]['le']);
    $last = $buckets[$first + count($counts) - 1]['le'];
    $above = $last === null ? 'more' : $show($last);
    $half = at_most('median', $show(percentile($histogram, 0.5)));
    $most = at_most('99%', $show(percentile($histogram, 0.99)));
    $total = number(array_sum($counts));
    $width = count($counts);
    $bars = bars($counts, max(1, ...$counts));
    return <<<HTML
        <figure class="bars">
        <figcaption><h3>$title</h3>
        <ul class="legend"><li>$total</li><li>$half</li><li>$most</li></ul>
        </figcaption>
        <svg role="img" viewBox="0 0 $width 100" preserveAspectRatio="none">
        <title>$title: $total, $half, $most</title>
        <path class="rule" d="M0 0H{$width}M0 50H{$width}M0 100H{$width}"/>
        <path class="line0" d="$bars"/></svg>
        <p class="axis"><span>$below</span><span>$above</span></p>
        </figure>

        HTML;
}

function totals(array $status): string
{
    $sessions = $status['sessions'];
    $locks = $status['locks'];
    return "<div class=\"grid totals\">\n"
        . counts('Sessions', [
            'opened' => $sessions['opened'], 'of these new' => $sessions['created'],
            'missing' => $sessions['missing'], 'destroyed' => $sessions['destroyed']])
        . counts('Stores', [
            'changed sessions stored' => $sessions['stored'],
            'of these merged' => $sessions['merged'],
            'of these with fewer copies' => $sessions['fewer_copies'],
            'unchanged sessions touched' => $sessions['touched']])
        . counts('Locks', [
            'taken' => $locks['acquired'], 'waited for' => $locks['waited'],
            'gave up' => $locks['gave_up'], 'too many waited' => $locks['waiters_refused'],
            'taken over from a dead holder' => $locks['replaced']['dead_holder'],
            'taken over from nobody' => $locks['replaced']['orphan']])
        . "</div>\n</section>\n";
}

function counts(string $title, array $counts): string
{
    $items = '';
    foreach ($counts as $name => $count) {
        $items .= "<div><dt>$name</dt><dd>" . number($count) . "</dd></div>\n";
    }
    return "<div><h3>$title</h3>\n<dl>\n$items</dl></div>\n";
}

function refusals(array $counts): string
{
    $columns = ['Cause', 'Calls', 'What happened', 'Remedy'];
    $seen = $others = '';
    foreach ($counts as $cause => $count) {
        [$event, $remedy] = REFUSALS[$cause] ?? ['', ''];
        $row = row(str_replace('_', ' ', h($cause)), [
            'Calls' => $count > 0 ? mark('bad', number($count)) : '0',
            'What happened' => h($event), 'Remedy' => h($remedy)]);
        $count > 0 ? $seen .= $row : $others .= $row;
    }
    $html = $seen === '' ? "<p>No call failed.</p>\n" : table($columns, $seen);
    if ($others !== '') {
        $html .= "<details><summary>Causes that did not occur</summary>\n"
            . table($columns, $others) . "</details>\n";
    }
    return "<section class=\"refusals\">\n<h2>Refused calls</h2>\n$html</section>\n";
}

// --- Texts ---

// Text as HTML.
function h(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

function number(int $count): string
{
    return number_format($count);
}

// "1 server", "2 servers".
function counted(int $count, string $noun): string
{
    return number($count) . " $noun" . ($count === 1 ? '' : 's');
}

// The limit below which this share of the values is: null without values, INF beyond all limits.
function percentile(array $histogram, float $share): int|float|null
{
    $counts = array_column($histogram['buckets'], 'count');
    $wanted = $share * array_sum($counts);
    $sum = 0;
    foreach ($histogram['buckets'] as ['le' => $limit, 'count' => $count]) {
        $sum += $count;
        if ($sum > 0 && $sum >= $wanted) {
            return $limit ?? INF;
        }
    }
    return null;
}

// As "median ≤ 32 µs", or "median –" if there is no value.
function at_most(string $name, string $limit): string
{
    return $name . ($limit === '–' ? ' –' : " ≤ $limit");
}

// As 32 µs, 1.5 ms, 34 s.
function seconds_text(int|float|null $seconds): string
{
    return match (true) {
        $seconds === null => '–',
        $seconds === INF => 'more',
        $seconds < 0.000_999_5 => short($seconds * 1e6) . ' µs',
        $seconds < 0.999_5 => short($seconds * 1e3) . ' ms',
        default => short($seconds) . ' s',
    };
}

// As 512 B, 1.5 KB, 64 MB. 1 KB is 1024 bytes.
function bytes_text(int|float|null $bytes): string
{
    if ($bytes === null || $bytes === INF) {
        return $bytes === null ? '–' : 'more';
    }
    $units = ['B', 'KB', 'MB', 'GB', 'TB'];
    for ($power = 0; $bytes >= 1000 && $power < count($units) - 1; $power++) {
        $bytes /= 1024;
    }
    return short($bytes) . ' ' . $units[$power];
}

// One digit behind the point below 10, none above.
function short(int|float $value): string
{
    return (string)round($value, $value < 9.95 ? 1 : 0);
}

// The two largest units: 45 s, 3 min 5 s, 2 h 3 min, 5 d 2 h.
function duration_text(int $seconds): string
{
    $seconds = max(0, $seconds);
    return match (true) {
        $seconds < 60 => "$seconds s",
        $seconds < 3600 => intdiv($seconds, 60) . ' min ' . $seconds % 60 . ' s',
        $seconds < 86400 => intdiv($seconds, 3600) . ' h ' . intdiv($seconds % 3600, 60) . ' min',
        default => intdiv($seconds, 86400) . ' d ' . intdiv($seconds % 86400, 3600) . ' h',
    };
}

// The only style: the header Content-Security-Policy allows it by its hash, and no other.
function style(): string
{
    return <<<'CSS'

        :root {
            --page: #f5f6f8; --card: #fff; --text: #1b232d; --muted: #5a6673; --rule: #dde2e8;
            --main: #2f6db0; --soft: #8fb8e2; --good: #1a7a48; --warn: #8f5a06; --bad: #b3261e;
            --warn-page: #fbf1dd; --bad-page: #fbe7e5;
        }
        @media (prefers-color-scheme: dark) {
            :root {
                --page: #12161c; --card: #1a2028; --text: #e3e8ee; --muted: #9ba7b4;
                --rule: #313a45; --main: #76aee8; --soft: #41698f;
                --good: #5fc891; --warn: #e3b04b; --bad: #f28b82;
                --warn-page: #332c1c; --bad-page: #3a2423;
            }
        }
        * { box-sizing: border-box; margin: 0; padding: 0; }
        body {
            max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.25rem;
            background: var(--page); color: var(--text);
            font: 0.9375rem/1.5 system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
            font-variant-numeric: tabular-nums;
        }
        h1 { font-size: 1.5rem; line-height: 1.3; letter-spacing: -0.01em; }
        h2 { margin: 2rem 0 0.75rem; font-size: 1.0625rem; }
        h3 { font-size: 0.875rem; }
        h1, h2, h3, strong, th { font-weight: 600; }
        ul { list-style: none; }
        small { font-size: 0.8125rem; font-weight: 400; }
        h1 small { font-size: inherit; }
        a { color: var(--main); text-underline-offset: 0.15em; }
        :focus-visible { outline: 2px solid var(--main); outline-offset: 2px; }
        .muted, small, footer, figure p, .legend, dt, summary { color: var(--muted); }
        .good { color: var(--good); }
        .warn { color: var(--warn); }
        .bad { color: var(--bad); }

        header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.25rem; }
        header .muted { margin-left: auto; font-size: 0.875rem; }
        .verdict, .mark { font-weight: 600; }
        .verdict::before, .mark::before, .legend [class]::before {
            content: ""; display: inline-block; width: 0.6em; height: 0.6em; margin-right: 0.45em;
            border-radius: 50%; background: currentColor;
        }
        .verdict.bad::before, .mark.bad::before, .mark.warn::before { border-radius: 1px; }

        .messages { display: grid; gap: 0.5rem; margin-top: 1.25rem; }
        .messages li {
            padding: 0.5rem 0.875rem; border-left: 3px solid; border-radius: 4px;
            color: var(--text);
        }
        .messages .warn { border-color: var(--warn); background: var(--warn-page); }
        .messages .bad { border-color: var(--bad); background: var(--bad-page); }

        .grid { display: grid; gap: 1rem; }
        .grid { grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); }
        .grid.wide { grid-template-columns: repeat(auto-fit, minmax(min(21rem, 100%), 1fr)); }
        .grid + .grid { margin-top: 1rem; }
        figcaption { margin-bottom: 0.75rem; }
        figure, .totals > div, table {
            background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
        }
        figure { display: flex; flex-direction: column; padding: 0.75rem 1rem 0.5rem; }
        figure p { font-size: 0.75rem; }
        .legend { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: 0.8125rem; }
        .legend [class]::before { border-radius: 2px; background: var(--soft); }
        .legend .line1::before, .legend [class]:only-child::before { background: var(--main); }
        .warn .legend [class]:only-child::before { background: var(--warn); }
        .bad .legend [class]:only-child::before { background: var(--bad); }
        figure h3 { color: var(--text); }
        figure > svg { margin-top: auto; }
        svg { display: block; width: 100%; height: 5rem; overflow: visible; }
        path { vector-effect: non-scaling-stroke; }
        .rule { fill: none; stroke: var(--rule); }
        .bars .line0 { fill: var(--soft); }
        .bars .line1, .bars .line0:last-child { fill: var(--main); }
        .bars.warn .line0 { fill: var(--warn); }
        .bars.bad .line0 { fill: var(--bad); }
        .lines .line0, .lines .line1 { fill: none; stroke: var(--soft); stroke-width: 2; }
        .lines .line1 { stroke: var(--main); }
        figure .top { margin-top: auto; text-align: right; }
        .top + svg { margin-top: 0; }
        .axis { display: flex; justify-content: space-between; margin-top: 0.25rem; }

        .totals > div { padding: 0.75rem 1rem; }
        dl { margin-top: 0.25rem; }
        dl div { display: flex; justify-content: space-between; gap: 1rem; }

        table { width: 100%; margin-bottom: 0.75rem; border-spacing: 0; }
        th, td { padding: 0.5rem 0.75rem; text-align: left; vertical-align: top; }
        thead th { color: var(--muted); font-size: 0.8125rem; font-weight: 400; }
        tbody th { white-space: nowrap; }
        tbody th, tbody td { border-top: 1px solid var(--rule); }
        td small { display: block; }
        .spark { width: 9rem; height: 1.375rem; margin: 0; }
        summary { margin-bottom: 0.75rem; cursor: pointer; }
        footer { display: flex; flex-wrap: wrap; gap: 0 2rem; margin-top: 2rem; }
        footer { font-size: 0.875rem; }

        @media (max-width: 52rem) {
            header .muted { margin-left: 0; }
            thead { position: absolute; clip-path: inset(50%); }
            tr { display: block; padding: 0.5rem 0; border-top: 1px solid var(--rule); }
            tbody tr:first-child { border-top: 0; }
            tbody th, tbody td { display: block; padding: 0.0625rem 1rem; border: 0; }
            tbody td { display: flex; justify-content: space-between; gap: 1rem; }
            td::before { content: attr(data-column); color: var(--muted); }
            td div { text-align: right; }
            td .spark { margin-left: auto; }
        }

        CSS;
}

respond();
