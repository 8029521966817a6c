<?php
// The entries of a list of servers that are asked for servers: dns+tcp://, srv+tcp:// and
// elasticache://, and the same with TLS.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

const SOURCES_MAX = 8;

// Those that are asked for servers.
function sources(array $servers): array
{
    return array_filter($servers, fn(Server $server) => $server->kind !== '');
}

// The kind of source, and whether the servers speak TLS.
function scheme(string $scheme): array
{
    $known = '/^(?:(dns|srv|elasticache)\+)?(tcp|tls)$|^(elasticache)$/Di';
    if (!preg_match($known, $scheme, $found)) {
        throw new Failure('the scheme ' . quoted("$scheme://") . ' is unknown; allowed are tcp://, '
            . 'tls:// and unix://, and for servers that are asked for, dns+tcp://, srv+tcp:// and '
            . 'elasticache://, and the same with tls');
    }
    return [strtolower($found[3] ?? $found[1]), strtolower($found[2]) === 'tls'];
}

function source_name(string $kind, string $text, int $default_port): string
{
    [$name] = address_name($text, $default_port, false);
    if ($kind === 'srv' && (!str_starts_with($text, '_') || str_contains($text, ':'))) {
        throw new Failure(quoted($text) . ': write the name of SRV records, which say the ports '
            . 'themselves, as in srv+tcp://_memcached._tcp.example.com');
    }
    if ($kind === 'dns' && preg_match('/^\[|^[0-9.]+(:|$)/D', $text)) {
        throw new Failure(quoted($text) . ' is an address, and dns+ asks for those of a name; '
            . 'write tcp:// or tls://');
    }
    return "$kind+" . ($kind === 'srv' ? strtolower($text) : $name);
}

function refresh_refusal(string $value, Server $server): ?string
{
    if ($server->kind === '') {
        return 'refresh is for names whose servers are asked for, as in dns+tcp://; this one is a '
            . 'server itself';
    }
    $seconds = plain_seconds($value);
    return $seconds >= 1 && $seconds <= 300 ? null : 'refresh is in seconds, from 1 to 300';
}

// What does not suit a list with sources: meaning and remedy of each finding.
function source_findings(array $servers, string $strategy, int $copies): array
{
    $findings = [];
    if (sources($servers) === []) {
        return $findings;
    }
    if ($strategy !== 'consistent') {
        $findings[] = ['The servers of this list may change at any time, which the hash strategy '
            . "$strategy does not allow: every session_start() fails with a warning.",
            'Write memcache.hash_strategy = consistent.'];
    }
    if ($copies < 2) {
        $findings[] = ['The servers of this list may change at any time, and there is one copy of '
            . 'a session: a server that leaves takes its sessions away.',
            'Write memcache.session_redundancy = 2.'];
    }
    return $findings;
}
