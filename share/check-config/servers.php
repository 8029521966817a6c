<?php
// The grammar of the list of servers, as the extension reads it.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

// A server as it is written: its name (what makes two of them the same one), weight and timeout.
// Or a source, which is asked for servers with the same parameters.
final class Server
{
    public string $kind = ''; // of a source: dns, srv or elasticache
    public int $weight = 1;
    public float $timeout = 1;
    public bool $proxy = false;

    public function __construct(public string $name = '')
    {
    }
}

const FILE_PARAMETERS = ['cafile', 'capath', 'local_cert', 'local_pk', 'passphrase_file',
    'password_file'];
const TLS_PARAMETERS = ['cafile', 'capath', 'verify_peer', 'verify_peer_name', 'peer_name',
    'local_cert', 'local_pk', 'passphrase_file', 'ciphers', 'min_version'];
const OPEN_PARAMETERS = ['persistent', 'weight', 'timeout', 'retry_interval', 'refresh', 'proxy',
    'udp_port', 'user'];

// Returns the servers and sources. Throws a Failure with the reason if the extension refuses them.
function servers(string $list, int $default_port): array
{
    if (strlen($list) > LIST_LENGTH_MAX) {
        throw new Failure('the list is longer than ' . LIST_LENGTH_MAX . ' bytes');
    }
    $urls = preg_split('/[, \t\n\v\f\r]+/', $list, -1, PREG_SPLIT_NO_EMPTY);
    if ($urls === []) {
        throw new Failure('the list has no server');
    }
    foreach ($urls as $url) {
        if (stripos($url, 'unix:') !== 0 && str_contains($url, '@')) {
            throw new Failure("user names and passwords are not allowed in a server's address");
        }
    }
    if (preg_match('/[\x00-\x1f\x7f]/', implode('', $urls))) {
        throw new Failure('control characters are not allowed');
    }
    $servers = [];
    foreach ($urls as $url) {
        $server = server($url, $default_port);
        if (isset($servers[$server->name])) {
            throw new Failure("$server->name is given twice");
        }
        $servers[$server->name] = $server;
        if ($server->proxy !== reset($servers)->proxy) {
            throw new Failure('proxy=1 is given for all servers or for none');
        }
    }
    $sources = count(sources($servers));
    if (count($servers) - $sources > SERVERS_MAX) {
        throw new Failure('the list has more than ' . SERVERS_MAX . ' servers');
    }
    if ($sources > SOURCES_MAX) {
        throw new Failure('the list has more than ' . SOURCES_MAX . ' names whose servers are '
            . 'asked for');
    }
    return $servers;
}

function server(string $url, int $default_port): Server
{
    [$address, $query] = explode('?', $url, 2) + [1 => ''];
    $server = new Server();
    $given = [];
    $is_tls = false;
    if (preg_match('~^(unix:)~i', $address)) {
        $server->name = socket_name(substr($address, 5));
    } elseif (preg_match('~^(.*?)://(.*)$~s', $address, $found)) {
        [$server->kind, $is_tls] = scheme($found[1]);
        $rest = preg_replace('~/$~', '', $found[2]);
        $server->name = $server->kind === '' ? address_name($rest, $default_port, false)[0]
            : source_name($server->kind, $rest, $default_port);
    } elseif (str_starts_with($address, '/')) {
        if (!preg_match('~^([^:]*)(?::0(?::([^:]*))?)?$~D', $address, $found)) {
            throw new Failure('behind the path of a socket only :0 and :0:weight are allowed');
        }
        $server->name = socket_name($found[1]);
        $given = isset($found[2]) ? ['weight' => $found[2]] : [];
    } elseif (str_starts_with($address, 'PERSISTENT=') || str_starts_with($address, '--')) {
        throw new Failure('PERSISTENT= and the options of libmemcached are refused; write '
            . 'host:port?persistent=1 for each server');
    } else {
        [$server->name, $weight] = address_name($address, $default_port, true);
        $given = $weight === null ? [] : ['weight' => $weight];
    }
    read_parameters($query, $given, $server, $is_tls);
    return $server;
}

function socket_name(string $path): string
{
    $path = str_starts_with($path, '//') ? substr($path, 2) : $path;
    $path = preg_replace('/(?<=.):0$/D', '', $path);
    if (!preg_match('~^/.*[^/]$~Ds', $path) || strlen($path) > 107) {
        throw new Failure('the path of the socket is missing or too long; write unix:///path');
    }
    return "unix://$path";
}

// The name and, of php-memcached's form, the weight or null.
function address_name(string $text, int $default_port, bool $takes_weight): array
{
    $weight = $takes_weight ? '(?::([^:]*))?' : '()';
    if (!preg_match("~^(\[[^]]*\]|[^:/\[]*)(?::([^:]*)$weight)?$~Ds", $text, $found)) {
        throw new Failure(quoted($text) . ': write host:port; IPv6 addresses are written in '
            . 'brackets, as in [::1]:11211');
    }
    $host = $found[1];
    $bare = trim($host, '[]');
    $is_host = $host !== $bare
        ? strlen((string)@inet_pton(explode('%', $bare)[0])) === 16
            && preg_match('/^[^%]+(%[A-Za-z0-9._-]{1,32})?$/D', $bare)
        : preg_match('/^[A-Za-z0-9_][A-Za-z0-9._-]{0,252}$/D', $host)
            && !str_contains($host, '..') && (!preg_match('/^[0-9.]+$/D', $host)
                || strlen((string)@inet_pton($host)) === 4);
    if (!$is_host) {
        throw new Failure(quoted($host) . ' is neither a host name nor an address');
    }
    $port = $found[2] ?? (string)$default_port;
    if (!is_whole_number($port, 1, 65535)) {
        throw new Failure('the port is a number from 1 to 65535, and not ' . quoted($port));
    }
    $given = $takes_weight && isset($found[3]) ? $found[3] : null;
    return [strtolower($host) . ':' . (int)$port, $given];
}

function read_parameters(string $query, array $given, Server $server, bool $is_tls): void
{
    foreach (array_filter(explode('&', $query), 'strlen') as $parameter) {
        [$name, $value] = explode('=', $parameter, 2) + [1 => ''];
        $plain = preg_replace('/^stream\[(.+)\]$/D', '$1', $name);
        $name = is_of_login_or_tls($plain) ? $plain : $name;
        if (isset($given[$name])) {
            throw new Failure("the parameter $name is given twice");
        }
        $given[$name] = $value;
    }
    foreach ($given as $name => $value) {
        $wrong = $name === 'refresh' ? refresh_refusal($value, $server)
            : parameter_refusal((string)$name, $value, $is_tls);
        if ($wrong !== null) {
            throw new Failure($wrong);
        }
    }
    if (isset($given['user']) !== isset($given['password_file'])) {
        throw new Failure('user and password_file are given together');
    }
    if (!isset($given['local_cert']) && (isset($given['local_pk'])
            || isset($given['passphrase_file']))) {
        throw new Failure('local_pk and passphrase_file need local_cert');
    }
    $server->weight = (int)($given['weight'] ?? 1);
    $server->timeout = (float)($given['timeout'] ?? 1);
    $server->proxy = is_on($given['proxy'] ?? '0');
}

function is_of_login_or_tls(string $name): bool
{
    return in_array($name, [...TLS_PARAMETERS, 'user', 'password_file'], true);
}

// -1 if the text is no number of seconds.
function plain_seconds(string $text): float
{
    return preg_match('/^(\d+\.?\d*|\.\d+)$/D', $text) ? (float)$text : -1;
}

function parameter_refusal(string $name, string $value, bool $is_tls): ?string
{
    if (in_array($name, TLS_PARAMETERS, true) && !$is_tls) {
        return "the parameter $name is for tls:// only";
    }
    $seconds = plain_seconds($value);
    $decoded = rawurldecode($value);
    return match (true) {
        in_array($name, ['persistent', 'proxy', 'verify_peer', 'verify_peer_name'], true) =>
            in_array(strtolower($value), ['0', '1', 'on', 'off', 'yes', 'no', 'true', 'false'],
                true) ? null : "$name is 0 or 1",
        $name === 'weight' => is_whole_number($value, 1, 1000) ? null
            : 'the weight is a whole number from 1 to 1000',
        $name === 'timeout' => $seconds >= 0.001 && $seconds <= 3600 ? null
            : 'the timeout is in seconds, from 0.001 to 3600',
        $name === 'retry_interval' => $value === '-1' || $seconds >= 0 && $seconds <= 86400 ? null
            : 'retry_interval is in seconds, from 0 to 86400, or -1',
        $name === 'udp_port' => is_whole_number($value, 0, 65535) ? null
            : 'udp_port is a number from 0 to 65535',
        $name === 'min_version' => in_array($value, ['1.2', '1.3'], true) ? null
            : 'min_version is 1.2 or 1.3',
        !is_of_login_or_tls($name) => 'the parameter ' . quoted($name) . ' is unknown; see '
            . 'save_path in docs/settings.md',
        $value === '' || preg_match('/%(?![0-9A-Fa-f]{2})/', $value) === 1 =>
            "$name is empty, or has a % without two hexadecimal digits",
        preg_match('/[\x00-\x1f\x7f]/', $decoded) === 1 => "$name has a control character",
        in_array($name, FILE_PARAMETERS, true) =>
            $decoded[0] === '/' && strlen($decoded) <= 1023 ? null
                : "$name must be an absolute path of at most 1023 bytes",
        $name === 'user' => strlen($decoded) <= 128 && !str_contains($decoded, ' ') ? null
            : 'a user has no blanks and at most 128 bytes',
        $name === 'peer_name' => strlen($decoded) <= 255 ? null
            : 'peer_name has at most 255 bytes',
        default => null,
    };
}
