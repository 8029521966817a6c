<?php
// Reads where nginx sends requests for PHP, and how long it waits.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

// Whether a fastcgi_pass of nginx leads to this listen of a pool.
function leads_to(string $pass, string $listen): bool
{
    if (str_starts_with($pass, 'unix:')) {
        return rtrim(substr($pass, 5), ':') === $listen;
    }
    $port = strrchr(":$listen", ':');
    $host = substr(":$listen", 1, -strlen($port));
    $anywhere = in_array($host, ['', '*', '0.0.0.0', '[::]'], true);
    return $anywhere ? str_ends_with($pass, $port) : $pass === $listen;
}

// The locations of nginx that hand requests to PHP.
final class Nginx
{
    private array $locations = []; // fastcgi_pass, "timeout" (a Value) and "root" of each
    private array $upstreams = []; // name => servers

    public function __construct(private Files $files)
    {
    }

    public function read(string $file): void
    {
        $tokens = $this->tokens($file, dirname($file), 0);
        $this->walk($tokens, ['timeout' => new Value('60s'), 'root' => '']);
        foreach ($this->locations as $location) {
            foreach ($this->upstreams[$location['pass']] ?? [] as $server) {
                $this->locations[] = ['pass' => $server] + $location;
            }
        }
    }

    // The locations that lead to the pool of this configuration.
    public function leading_to(Configuration $configuration): array
    {
        return array_filter($this->locations, fn(array $location) => array_filter(
            $configuration->listens,
            fn(string $listen) => leads_to($location['pass'], $listen)) !== []);
    }

    // Folders of pages.
    public function roots(): array
    {
        return array_column($this->locations, 'root');
    }

    // [word, file, line] of each word, "{", "}" and ";" of a file and its includes.
    private function tokens(string $file, string $folder, int $depth): array
    {
        $text = $this->files->read($file);
        preg_match_all('/#[^\n]*|"(?:\\\\.|[^"\\\\])*"|\'(?:\\\\.|[^\'\\\\])*\'|[{};]'
            . '|(?:\$\{\w+\}|[^\s{};"\'#])(?:\$\{\w+\}|[^\s{};])*/', $text, $found,
            PREG_OFFSET_CAPTURE);
        $tokens = [];
        $directive = []; // of "include"
        foreach ($found[0] as [$word, $offset]) {
            if ($word[0] === '#') {
                continue;
            }
            $tokens[] = [trim($word, '"\''), $file, 1 + substr_count($text, "\n", 0, $offset)];
            $directive[] = trim($word, '"\'');
            if (in_array($word, ['{', '}', ';'], true)) {
                if (count($directive) === 3 && $directive[0] === 'include'
                        && $depth < INCLUDES_DEPTH_MAX) {
                    array_splice($tokens, -3);
                    $pattern = str_starts_with($directive[1], '/') ? $directive[1]
                        : "$folder/$directive[1]";
                    foreach ($this->files->matching($pattern) as $included) {
                        array_push($tokens, ...$this->tokens($included, $folder, $depth + 1));
                    }
                }
                $directive = [];
            }
        }
        return $tokens;
    }

    // Reads the directives of a block, up to its end. A block inherits what is set around it, also
    // what is set behind it.
    private function walk(array &$tokens, array $inherited): void
    {
        $pass = null;
        $blocks = [];
        $directive = [];
        while (($token = array_shift($tokens)) !== null && $token[0] !== '}') {
            if ($token[0] === '{') {
                $blocks[] = [$directive, $this->block($tokens)];
                $directive = [];
            } elseif ($token[0] === ';') {
                [$name, $value] = [$directive[0][0] ?? '', $directive[1] ?? ['', '', 0]];
                if ($name === 'fastcgi_read_timeout') {
                    $inherited['timeout'] = new Value(implode(' ', array_column(array_slice(
                        $directive, 1), 0)), $value[1], $value[2]);
                } elseif ($name === 'root') {
                    $inherited['root'] = str_contains($value[0], '$') ? '' : $value[0];
                } elseif ($name === 'fastcgi_pass') {
                    $pass = $value[0];
                }
                $directive = [];
            } else {
                $directive[] = $token;
            }
        }
        if ($pass !== null) {
            $this->locations[] = ['pass' => $pass] + $inherited;
        }
        foreach ($blocks as [$head, $body]) {
            if (($head[0][0] ?? '') === 'upstream') {
                $words = array_column($body, 0);
                foreach (array_keys($words, 'server', true) as $index) {
                    $this->upstreams[$head[1][0] ?? ''][] = $words[$index + 1] ?? '';
                }
            } else {
                $this->walk($body, $inherited);
            }
        }
    }

    // Takes the words of a block off the front.
    private function block(array &$tokens): array
    {
        $body = [];
        for ($depth = 1; ($token = array_shift($tokens)) !== null; $body[] = $token) {
            $depth += ['{' => 1, '}' => -1][$token[0]] ?? 0;
            if ($depth === 0) {
                break;
            }
        }
        return $body;
    }
}
