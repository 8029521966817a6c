<?php
// The files of a machine.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

const FOLDERS_MAX = 20000; // of pages that are searched; the others are reported as not read
const INCLUDES_DEPTH_MAX = 16;
const READS_MAX = 10000; // of files, because a file may include itself more than once
const LINKS_MAX = 16; // that follow each other

// Reads the files of the machine, whose root may be a folder.
final class Files
{
    public array $unreadable = [];
    public array $read = [];
    private int $reads = 0;

    public function __construct(public readonly string $root)
    {
    }

    public function exists(string $path): bool
    {
        return is_file($this->real($path));
    }

    // Throws Failure after READS_MAX.
    public function read(string $path): string
    {
        if (++$this->reads > READS_MAX) {
            throw new Failure('more than ' . READS_MAX
                . " files are included, $path the last of them");
        }
        $file = $this->real($path);
        // A pipe or a device may have no end.
        $text = is_file($file) ? @file_get_contents($file) : false;
        if ($text === false) {
            $this->unreadable[$path] = true;
            return '';
        }
        $this->read[$path] = true;
        return $text;
    }

    // The path for this process. An absolute link of the machine begins at the machine's root.
    private function real(string $path): string
    {
        for ($links = 0; $links < LINKS_MAX && is_link($this->root . $path); $links++) {
            $target = (string)readlink($this->root . $path);
            $path = str_starts_with($target, '/') ? $target : dirname($path) . "/$target";
        }
        return $this->root . $path;
    }

    // Paths that match a pattern of the shell, in the order of the system's own readers.
    public function matching(string $pattern): array
    {
        return array_map(fn(string $path) => substr($path, strlen($this->root)),
            glob($this->root . $pattern) ?: []);
    }

    // Files of these names in a folder of pages and below.
    public function named(string $folder, array $names): array
    {
        $found = [];
        $left = [$folder];
        for ($count = 0; $left !== [] && $count < FOLDERS_MAX; $count++) {
            $here = array_pop($left);
            $entries = @scandir($this->root . $here);
            if ($entries === false && is_dir($this->root . $here)) {
                $this->unreadable[$here] = true;
            }
            foreach ($entries ?: [] as $entry) {
                $path = rtrim($here, '/') . "/$entry";
                if (in_array($entry, $names, true) && $this->exists($path)) {
                    $found[] = $path;
                } elseif ($entry !== '.' && $entry !== '..' && is_dir($this->root . $path)
                        && !is_link($this->root . $path)) {
                    $left[] = $path;
                }
            }
        }
        if ($left !== []) {
            $this->unreadable["$folder (more than " . FOLDERS_MAX . ' folders)'] = true;
        }
        return $found;
    }
}

// One line of an ini file: [section, key, value, line]. PHP's own scanner reads the values, so that
// quotes, constants and ${...} mean what they mean to PHP. It keeps the last of equal keys, so it
// sees a name of its own in place of each. $complain: function (line, message), for an error, at
// which PHP stops reading.
function ini_entries(string $text, \Closure $complain): array
{
    $lines = preg_split('/\r\n|\n|\r/', $text);
    $section = '';
    $keys = []; // name that the scanner sees => [section, key, line]
    foreach ($lines as $number => $line) {
        if (preg_match('/^\s*\[([^]]*)\]\s*(;.*)?$/D', $line, $found)) {
            $section = $found[1];
            $lines[$number] = '';
        } elseif (preg_match('/^\s*([^=;\s][^=]*?)\s*=/', $line, $found)) {
            $name = "memcache_session_line_$number";
            $keys[$name] = [$section, $found[1], $number + 1];
            $lines[$number] = $name . substr($line, strpos($line, '='));
        }
    }
    error_clear_last();
    $parsed = @parse_ini_string(implode("\n", $lines) . "\n");
    if ($parsed === false) {
        $message = error_get_last()['message'] ?? 'syntax error';
        $line = preg_match('/on line (\d+)/', $message, $found) ? (int)$found[1] : 1;
        $complain($line, $message);
        $parsed = @parse_ini_string(implode("\n", array_slice($lines, 0, $line - 1)) . "\n");
    }
    // A line within a quoted value looks like a setting, and is none.
    $originals = array_map(fn(array $key) => $key[1], $keys);
    $entries = [];
    foreach ($parsed ?: [] as $name => $value) {
        if (isset($keys[$name]) && is_string($value)) {
            [$in, $key, $line] = $keys[$name];
            $entries[] = [$in, $key, strtr($value, $originals), $line];
        }
    }
    return $entries;
}
