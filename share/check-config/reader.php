<?php
// Reads php.ini, the pools of php-fpm, Apache's configuration, .htaccess and .user.ini.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

// Reads what is configured on the machine.
final class Reader
{
    public array $findings = [];

    public function __construct(private Files $files, private array $options,
        private Nginx $nginx, private Apache $apache)
    {
    }

    // All configurations, those of folders of pages included.
    public function configurations(): array
    {
        $found = [];
        foreach ($this->php_inis() as [$name, $sapi, $files]) {
            $base = $this->with_php_inis(new Configuration($name, $sapi), $files);
            array_push($found, ...match ($sapi) {
                'fpm' => $this->pools($base, dirname($files[0]) . '/php-fpm.conf'),
                'apache2' => $this->virtual_hosts($base),
                default => [$base, ...$this->sections($base)],
            });
        }
        foreach ($this->other_fpm_files() as $file) {
            array_push($found, ...$this->pools($this->default_base($file), $file));
        }
        return [...$found, ...$this->folders($found)];
    }

    private function complain(string $file, int $line, string $message): void
    {
        $this->findings[] = new Finding(false, new Value('', $file, $line),
            printable(preg_replace('/ in Unknown on line.*/', '', $message)),
            'PHP stops reading this file here: what follows has no effect.',
            'Correct the line. A list of servers needs quotes, because =, ; and & have a meaning.');
    }

    // [name, sapi, files] of each php.ini.
    private function php_inis(): array
    {
        $found = [];
        foreach ($this->options['ini'] as $file) {
            $found[] = [$file, $this->sapi_of($file), $this->with_conf_d($file)];
        }
        if ($found !== []) {
            return $found;
        }
        foreach ($this->files->matching('/etc/php/*/*/php.ini') as $file) {
            $found[] = [$file, basename(dirname($file)), $this->with_conf_d($file)];
        }
        if ($found === []) {
            foreach ($this->default_inis() as $file) {
                $sapi = $this->sapi_of($file);
                $found[] = [$file, $sapi === 'fpm' && !$this->files->exists(dirname($file)
                    . '/php-fpm.conf') ? 'apache2' : $sapi, $this->with_conf_d($file)];
            }
        }
        return $found;
    }

    // Where other systems than Debian keep it, and PHP's own.
    private function default_inis(): array
    {
        $places = ['/usr/local/etc/php/php.ini', '/etc/php.ini', '/usr/local/etc/php.ini'];
        if ($this->files->root === '' && php_ini_loaded_file() !== false) {
            array_unshift($places, php_ini_loaded_file());
        }
        return array_slice(array_values(array_filter($places, $this->files->exists(...))), 0, 1);
    }

    private function sapi_of(string $file): string
    {
        $folder = basename(dirname($file));
        return in_array($folder, ['fpm', 'apache2', 'cli', 'cgi'], true) ? $folder : 'apache2';
    }

    private function with_conf_d(string $file): array
    {
        $folder = dirname($file);
        return [$file, ...$this->files->matching("$folder/conf.d/*.ini"),
            ...($folder === '/etc' ? $this->files->matching('/etc/php.d/*.ini') : [])];
    }

    // A process does not tell which php.ini it has read (php-fpm -c, PHP_INI_SCAN_DIR).
    private function default_base(string $fpm_file): Configuration
    {
        $places = $this->options['ini'] ?: $this->default_inis();
        if ($places === []) {
            return new Configuration($fpm_file, 'fpm');
        }
        $how = $this->options['ini'] === [] ? ', assumed to have read ' : ' with ';
        return $this->with_php_inis(new Configuration("$fpm_file$how$places[0]", 'fpm'),
            $this->with_conf_d($places[0]));
    }

    private function with_php_inis(Configuration $configuration, array $files): Configuration
    {
        $configuration->ini_files = $files;
        foreach ($files as $file) {
            $text = $this->files->read($file);
            foreach ($this->entries($file, $text) as [$section, $key, $value, $line]) {
                if (!preg_match('/^(PATH|HOST)=/i', $section)) {
                    $configuration->settings[$key] = new Value($value, $file, $line);
                }
            }
            preg_match_all('/^\s*(?:zend_)?extension\s*=\s*["\']?([^"\';\r\n]+)/m', $text, $found,
                PREG_OFFSET_CAPTURE | PREG_SET_ORDER);
            foreach ($found as $line) {
                $name = preg_replace('/^php_|\.(so|dll)$/', '', basename(trim($line[1][0])));
                $number = 1 + substr_count($text, "\n", 0, $line[1][1]);
                $configuration->extensions[$name] = new Value($line[1][0], $file, $number);
            }
        }
        return $configuration;
    }

    private function entries(string $file, string $text): array
    {
        return ini_entries($text, fn(int $line, string $message)
            => $this->complain($file, $line, $message));
    }

    // The sections of php.ini for a path or a host. Only FastCGI and CGI use them.
    private function sections(Configuration $base): array
    {
        $found = [];
        foreach (in_array($base->sapi, ['fpm', 'cgi'], true) ? $base->ini_files : [] as $file) {
            $entries = $this->entries($file, $this->files->read($file));
            foreach ($entries as [$section, $key, $value, $line]) {
                if (preg_match('/^(PATH|HOST)=/i', $section)) {
                    $found[$section][$key] = new Value($value, $file, $line, 'admin');
                }
            }
        }
        return array_map(fn(string $section) => $base->with($found[$section],
            "$base->name [$section]"), array_keys($found));
    }

    // --- php-fpm ---

    private function other_fpm_files(): array
    {
        if ($this->options['fpm'] !== []) {
            return $this->options['fpm'];
        }
        $known = $this->files->matching('/etc/php/*/fpm/php-fpm.conf');
        $found = array_filter(['/usr/local/etc/php-fpm.conf', '/etc/php-fpm.conf'],
            $this->files->exists(...));
        if ($this->files->root === '') {
            foreach (glob('/proc/[0-9]*/cmdline') ?: [] as $file) {
                $title = (string)@file_get_contents($file);
                if (preg_match('/^php-fpm: master process \((.+)\)/', $title, $master)) {
                    $found[] = $master[1];
                }
            }
        }
        return array_diff(array_unique($found), $known);
    }

    private function pools(Configuration $base, string $file): array
    {
        if ($this->options['fpm'] !== [] && !in_array($file, $this->options['fpm'], true)) {
            return [];
        }
        $pools = [];
        foreach ($this->fpm_entries($file, 0) as [$at, $section, $key, $value, $line]) {
            if ($section === '' || $section === 'global') {
                continue;
            }
            $pool = $pools[$section] ??= ['settings' => [], 'listen' => [], 'terminate' => null];
            $value = str_replace('$pool', $section, $value);
            if (preg_match('/^php_(admin_)?(value|flag)\[(.+)\]$/D', $key, $found)) {
                $text = $found[2] === 'flag' ? (is_on($value) ? '1' : '0') : $value;
                $pool['settings'][$found[3]] = new Value($text, $at, $line,
                    $found[1] === '' ? 'value' : 'admin');
            } elseif ($key === 'listen') {
                $pool['listen'][] = $value;
            } elseif ($key === 'request_terminate_timeout') {
                $pool['terminate'] = new Value($value, $at, $line);
            }
            $pools[$section] = $pool;
        }
        $found = [];
        foreach ($pools as $name => $pool) {
            $configuration = $base->with($pool['settings'], "$base->name, pool $name");
            $configuration->listens = $pool['listen'];
            $configuration->terminate = $pool['terminate'];
            array_push($found, $configuration, ...$this->sections($configuration));
        }
        return $found ?: [$base, ...$this->sections($base)];
    }

    private function fpm_entries(string $file, int $depth): array
    {
        if (!$this->files->exists($file) && $depth === 0 && $this->options['fpm'] === []) {
            return [];
        }
        $found = [];
        foreach ($this->entries($file, $this->files->read($file)) as $entry) {
            [$section, $key, $value, $line] = $entry;
            if ($key === 'include' && $depth < INCLUDES_DEPTH_MAX) {
                foreach ($this->files->matching($value) as $included) {
                    array_push($found, ...$this->fpm_entries($included, $depth + 1));
                }
            } else {
                $found[] = [$file, $section, $key, $value, $line];
            }
        }
        return $found;
    }

    // --- Apache, .htaccess and .user.ini ---

    private function virtual_hosts(Configuration $base): array
    {
        $settings = $this->apache->settings();
        $base = $base->with($settings[''] ?? [], $base->name);
        unset($settings['']);
        return [$base, ...array_map(fn(string $name) => $base->with($settings[$name], $name),
            array_keys($settings))];
    }

    // What the files in folders of pages make of the configurations that they belong to.
    private function folders(array $configurations): array
    {
        $folders = [...$this->options['folders'], ...$this->nginx->roots(),
            ...$this->apache->roots];
        $found = [];
        foreach (array_unique(array_filter($folders)) as $folder) {
            foreach ($this->files->named($folder, ['.user.ini', '.htaccess']) as $file) {
                $is_apache = basename($file) === '.htaccess';
                $settings = $is_apache ? $this->apache->settings_of($file)[''] ?? []
                    : $this->user_ini($file);
                foreach ($configurations as $configuration) {
                    $sapis = $is_apache ? ['apache2'] : ['fpm', 'cgi'];
                    if ($settings !== [] && in_array($configuration->sapi, $sapis, true)
                            && $this->may_serve($configuration, $file)) {
                        $found[] = $configuration->with($settings, "$configuration->name, $file");
                    }
                }
            }
        }
        return $found;
    }

    private function user_ini(string $file): array
    {
        $settings = [];
        foreach ($this->entries($file, $this->files->read($file)) as [, $key, $value, $line]) {
            $settings[$key] = new Value($value, $file, $line, 'value');
        }
        return $settings;
    }

    // True unless nginx is known to send this pool the pages of other folders only.
    private function may_serve(Configuration $configuration, string $file): bool
    {
        $roots = array_filter(array_column($this->nginx->leading_to($configuration), 'root'));
        return $roots === [] || array_filter($roots,
            fn(string $root) => str_starts_with($file, rtrim($root, '/') . '/')) !== [];
    }
}
