<?php
// Compares what is configured with what the extension does.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

// Finds what is to be told about the configurations.
final class Checker
{
    private array $findings = [];
    private array $servers = []; // of each configuration, by its name

    public function __construct(private Nginx $nginx)
    {
    }

    // $findings: of the reader.
    public function check(array $configurations, array $findings): array
    {
        foreach ($findings as $finding) {
            $this->findings[$finding->key()] ??= $finding;
        }
        $ours = array_values(array_filter($configurations, fn(Configuration $configuration)
            => $configuration->is_of_pecl() || $configuration->is_of_php_memcached()));
        foreach ($ours as $configuration) {
            $this->check_extensions($configuration);
            $this->check_settings($configuration);
            $this->check_servers($configuration);
            if ($configuration->is_of_php_memcached()) {
                $this->check_php_memcached($configuration);
            }
            $this->check_times($configuration);
        }
        foreach ($ours as $index => $one) {
            foreach (array_slice($ours, $index + 1) as $other) {
                $this->check_pair($one, $other);
            }
        }
        $findings = array_values($this->findings);
        usort($findings, fn(Finding $a, Finding $b)
            => [$a->is_note, $a->at->file, $a->at->line]
                <=> [$b->is_note, $b->at->file, $b->at->line]);
        return $findings;
    }

    private function tell(Configuration $configuration, Value $at, string $shown, string $means,
        string $do, bool $is_note = false): void
    {
        $finding = new Finding($is_note, $at, $shown, $means, $do);
        $finding = $this->findings[$finding->key()] ??= $finding;
        $finding->configurations[$configuration->name] = true;
    }

    private function check_extensions(Configuration $configuration): void
    {
        $pecl = $configuration->extensions['memcache'] ?? null;
        $own = $configuration->extensions['memcache_session'] ?? null;
        $handler = $configuration->value('session.save_handler');
        if ($pecl !== null && $own !== null && $configuration->handler() === 'memcache') {
            $this->tell($configuration, $handler, shown('session.save_handler', $handler),
                'pecl/memcache is loaded too, and has this name: it keeps the sessions.',
                'Write session.save_handler = memcache_session, or take extension = memcache out.');
        } elseif ($pecl !== null && $own === null && $configuration->is_of_pecl()) {
            $this->tell($configuration, $pecl, 'extension = ' . printable($pecl->text),
                'pecl/memcache keeps the sessions now.', 'To change over: write extension = '
                . 'memcache_session here. If pages use the class Memcache, keep this line, and '
                . 'write session.save_handler = memcache_session.', true);
        } elseif ($configuration->handler() === 'memcache_session' && $own === null) {
            $this->tell($configuration, $handler, shown('session.save_handler', $handler),
                'No file that was read loads the extension: session_start() fails.',
                'Write extension = memcache_session into php.ini.');
        }
    }

    private function check_settings(Configuration $configuration): void
    {
        foreach ($configuration->settings as $name => $value) {
            if (!str_starts_with($name, 'memcache.') || in_array($name, OF_THE_CLASS, true)) {
                continue;
            }
            if (!isset(SETTINGS[$name])) {
                $this->tell($configuration, $value, shown($name, $value),
                    'There is no setting of this name: PHP ignores it without a word.',
                    similar($name) === null ? 'Take it out.' : 'Write ' . similar($name) . '?');
                continue;
            }
            $allowed = refusal($name, $value->text);
            if ($allowed !== null) {
                $instead = $value->origin !== 'ini' ? 'PHP keeps the value of php.ini.'
                    : 'PHP warns when it starts, and uses ' . (SETTINGS[$name][1] ?: 'none') . '.';
                $this->tell($configuration, $value, shown($name, $value),
                    "The value is refused: it must be $allowed. $instead",
                    'Write a value that is allowed.');
            }
            if (in_array($name, SYSTEM_SETTINGS, true) && $value->origin === 'value') {
                $this->tell($configuration, $value, shown($name, $value),
                    'This setting has no effect here: it is for php.ini and the web server alone.',
                    "Write it into php.ini, or as php_admin_value[$name] into the pool.");
            }
        }
    }

    private function check_servers(Configuration $configuration): void
    {
        $list = $configuration->save_path();
        $name = $list === $configuration->value('memcache.session_save_path')
            ? 'memcache.session_save_path' : 'session.save_path';
        $port = (int)$configuration->used('memcache.default_port');
        try {
            $this->servers[$configuration->name] = servers($list->text, $port);
        } catch (Failure $failure) {
            $this->servers[$configuration->name] = [];
            $this->tell($configuration, $list, shown($name, $list),
                'The list is refused: ' . $failure->getMessage() . '. Every session_start() fails '
                . 'with a warning; pecl/memcache misreads such a list without a word.',
                'Correct the list: docs/settings.md has its grammar.');
            return;
        }
        $strategy = $this->placement($configuration)[0];
        $count = count($this->servers[$configuration->name]);
        if ($count > 100 && str_starts_with($strategy, 'ketama')) {
            $this->tell($configuration, $list, shown($name, $list), "The list has $count servers, "
                . 'and ketama takes at most 100.', 'Write memcache.hash_strategy = consistent.');
        }
        $copies = (int)$configuration->used('memcache.session_redundancy');
        if ($count < $copies && sources($this->servers[$configuration->name]) === []
            && !reset($this->servers[$configuration->name])->proxy) {
            $this->tell($configuration, $list, shown($name, $list),
                ($count === 1 ? 'The list has one server' : "The list has $count servers")
                . ", so a session has no more copies (memcache.session_redundancy is $copies).",
                'If more servers are meant, write quotes around the list: PHP takes what follows '
                . 'a ; without them for a comment.', true);
        }
        foreach (source_findings($this->servers[$configuration->name], $strategy, $copies)
            as [$means, $do]) {
            $this->tell($configuration, $list, shown($name, $list), $means, $do);
        }
    }

    // Strategy, hash function and prefix with which the extension finds these sessions.
    private function placement(Configuration $configuration): array
    {
        if ($configuration->is_of_php_memcached()) {
            $type = strtolower($configuration->text('memcached.sess_consistent_hash_type'));
            $strategy = !is_on($configuration->text('memcached.sess_consistent_hash')) ? 'modula'
                : ($type === 'ketama_weighted' ? 'ketama' : 'ketama_unweighted');
            return [$strategy, '', $configuration->text('memcached.sess_prefix')];
        }
        $strategy = strtolower($configuration->used('memcache.session_hash_strategy')
            ?: $configuration->used('memcache.hash_strategy'));
        $function = strtolower($configuration->used('memcache.hash_function'));
        $prefix = $configuration->used('memcache.session_prefix_static_key');
        $separator = $prefix === '' ? ''
            : $configuration->used('memcache.session_prefix_separator');
        return [$strategy, in_array($strategy, ['consistent', 'standard'], true) ? $function : '',
            $prefix . $separator];
    }

    private function check_php_memcached(Configuration $configuration): void
    {
        [$strategy, , $prefix] = $this->placement($configuration);
        $replicas = is_on($configuration->text('memcached.sess_binary_protocol'))
            ? (int)$configuration->text('memcached.sess_number_of_replicas') : 0;
        $wanted = ['memcache.hash_strategy' => $strategy,
            'memcache.session_prefix_static_key' => $prefix,
            'memcache.session_redundancy' => (string)($replicas + 1),
            'memcache.compress_threshold' => '0'];
        if (!is_on($configuration->text('memcached.sess_locking'))) {
            $wanted['memcache.session_lock'] = '0';
        }
        $handler = $configuration->value('session.save_handler');
        $missing = array_filter($wanted, fn(string $text, string $name)
            => $configuration->text($name) !== $text, ARRAY_FILTER_USE_BOTH);
        if ($missing !== []) {
            $lines = array_map(fn(string $name) => "$name = $missing[$name]", array_keys($missing));
            $this->tell($configuration, $handler, shown('session.save_handler', $handler),
                "php-memcached's sessions are found, and can be read by it again, only with other "
                . 'settings than these.', 'With session.save_handler = memcache write: '
                . printable(implode('; ', $lines))
                . '. See docs/migration.md, "From php-memcached".');
        }
        $name = $configuration->value('memcached.sess_sasl_username');
        if ($name->text !== '') {
            $this->tell($configuration, $name, shown('memcached.sess_sasl_username', $name),
                'SASL belongs to the binary protocol and has no counterpart here.',
                'Use user and password_file in the list of servers, with memcached -Y.');
        }
    }

    private function check_times(Configuration $configuration): void
    {
        $lease = $configuration->value('memcache.lock_timeout');
        $timeout = (float)$configuration->used('memcache.lock_timeout');
        $wait_text = $configuration->used('memcache.session_lock_wait');
        $wait = $wait_text === '' ? 2 * $timeout : (float)$wait_text;
        if (!is_on($configuration->used('memcache.session_lock'))) {
            $wait = 0.0;
        } else {
            $this->check_lease($configuration, $lease, max(2.0, $timeout));
        }
        $timeouts = array_column($this->servers[$configuration->name], 'timeout');
        if ($timeouts === []) {
            return;
        }
        $opening = $wait + 2 * max($timeouts);
        $reason = 'session_start() may take ' . seconds_text($opening) . ': ' . seconds_text($wait)
            . ' of waiting for a lock (memcache.session_lock_wait, by default twice '
            . 'memcache.lock_timeout) and twice the largest timeout of the servers.';
        $do = 'Set memcache.session_lock_wait, or raise the limit.';
        foreach ($this->nginx->leading_to($configuration) as $location) {
            $limit = $location['timeout'];
            if (seconds($limit->text) < $opening) {
                $this->tell($configuration, $limit, shown('fastcgi_read_timeout', $limit),
                    "nginx answers 504 before PHP can tell who holds the session. $reason", $do);
            }
        }
        $terminate = $configuration->terminate;
        if ($terminate !== null && seconds($terminate->text) > 0
                && seconds($terminate->text) < $opening) {
            $this->tell($configuration, $terminate, shown('request_terminate_timeout', $terminate),
                "php-fpm kills the request before its wait ends. $reason", $do);
        }
    }

    private function check_lease(Configuration $configuration, Value $lease, float $seconds): void
    {
        $terminate = $configuration->terminate;
        $name = 'request_terminate_timeout';
        if ($terminate === null || seconds($terminate->text) <= 0) {
            $terminate = $configuration->value('max_execution_time');
            $name = 'max_execution_time';
        }
        $request = seconds($terminate->text);
        if ($configuration->sapi !== 'cli' && $request > $seconds) {
            $place = $terminate->file === '' ? '' : ", $terminate->file:$terminate->line";
            $this->tell($configuration, $lease, shown('memcache.lock_timeout', $lease),
                "A request may run longer ($name = " . seconds_text($request)
                . "$place) than its lock is kept ("
                . seconds_text($seconds) . '). Then another request may take the lock, and the '
                . 'write of the slower one is refused with a warning. pecl/memcache overwrites.',
                'Write memcache.lock_timeout = ' . (int)ceil($request) . ' or more, and set '
                . 'memcache.session_lock_wait if nobody should wait for twice that time.');
        }
    }

    // Two configurations that share a server.
    private function check_pair(Configuration $one, Configuration $other): void
    {
        $lists = [$this->servers[$one->name], $this->servers[$other->name]];
        $shared = array_intersect_key($lists[0], $lists[1]);
        if ($shared === [] || is_on($one->used('memcache.session_prefix_host_key'))
                || is_on($other->used('memcache.session_prefix_host_key'))) {
            return;
        }
        [$strategy, $function, $prefix] = $this->placement($one);
        [$other_strategy, $other_function, $other_prefix] = $this->placement($other);
        // The prefix of php.ini is meant for all, so the other one is the place to look at.
        $places = [$this->place($other), $this->place($one)];
        $at = $places[(int)($places[0]->origin === 'ini' && $places[1]->origin !== 'ini')];
        if ($prefix === $other_prefix) {
            $weights = array_map(fn(array $list) => array_map(fn(Server $server) => $server->weight,
                $list), $lists);
            if ($weights[0] != $weights[1] || $strategy !== $other_strategy
                    || $function !== $other_function) {
                $this->tell($other, $at, "the servers of $one->name and $other->name",
                    'They share servers and keys, but not the whole list, its weights, the hash '
                    . 'strategy or the hash function: one finds sessions of the other on some '
                    . 'servers only.', 'Write the same in both, or give each a prefix of its own.');
            }
            return;
        }
        if (str_starts_with($other_prefix, $prefix)) {
            $this->check_overlap($one, $other, $prefix, $other_prefix, $at);
        } elseif (str_starts_with($prefix, $other_prefix)) {
            $this->check_overlap($other, $one, $other_prefix, $prefix, $at);
        }
    }

    // Where its prefix is written; without one, its list of servers.
    private function place(Configuration $configuration): Value
    {
        $prefix = $configuration->value($configuration->is_of_php_memcached()
            ? 'memcached.sess_prefix' : 'memcache.session_prefix_static_key');
        return $prefix->file !== '' ? $prefix : $configuration->save_path();
    }

    private function check_overlap(Configuration $short, Configuration $long, string $begin,
        string $prefix, Value $at): void
    {
        $rest = substr($prefix, strlen($begin));
        if (strtolower($short->used('memcache.session_ids')) === 'php'
                && !preg_match('/^[A-Za-z0-9,-]*$/D', $rest)) {
            return;
        }
        $this->tell($long, $at, 'prefixes ' . quoted($begin) . ' and ' . quoted($prefix),
            "They overlap, and $short->name and $long->name share servers: the id "
            . quoted("{$rest}abc") . ' of the first is the id "abc" of the second, so a visitor of '
            . 'the one can choose a session of the other.', 'Write the same '
            . 'memcache.session_prefix_separator, as ":", in all of them, or a prefix that no '
            . 'other begins with. Sessions that are stored under the old keys are then not found.');
    }
}

// The setting whose name is nearly this one.
function similar(string $name): ?string
{
    $distances = array_map(fn(string $known) => levenshtein($name, $known), array_keys(SETTINGS));
    return min($distances) <= 3
        ? array_keys(SETTINGS)[array_search(min($distances), $distances, true)] : null;
}
