<?php
// Reads the settings of PHP in Apache's own configuration and in .htaccess files.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

const APACHE_FILES = ['/etc/apache2/apache2.conf', '/etc/apache2/conf-enabled/*.conf',
    '/etc/apache2/sites-enabled/*.conf', '/etc/httpd/conf/httpd.conf', '/etc/httpd/conf.d/*.conf'];

final class Apache
{
    public array $roots = []; // folders of pages, known after settings()

    public function __construct(private Files $files)
    {
    }

    // The settings of each virtual host, by its name. Those outside of all have the name "".
    public function settings(): array
    {
        $found = [];
        foreach (APACHE_FILES as $pattern) {
            foreach ($this->files->matching($pattern) as $file) {
                foreach ($this->settings_of($file) as $host => $settings) {
                    $name = $host === '' ? '' : "$file, $host";
                    $found[$name] = $settings + ($found[$name] ?? []);
                }
            }
        }
        return $found;
    }

    // The same of one file.
    public function settings_of(string $file): array
    {
        $found = [];
        $host = '';
        foreach (explode("\n", $this->files->read($file)) as $number => $line) {
            if (preg_match('/^\s*<VirtualHost\s+([^>]*)>/i', $line)) {
                $host = 'VirtualHost of line ' . ($number + 1);
            } elseif (preg_match('~^\s*</VirtualHost>~i', $line)) {
                $host = '';
            } elseif (preg_match('/^\s*php_(admin_)?(value|flag)\s+(\S+)\s+(.*?)\s*$/i', $line,
                    $part)) {
                $text = trim($part[4], '"\'');
                $text = strtolower($part[2]) === 'flag' ? (is_on($text) ? '1' : '0') : $text;
                $found[$host][strtolower($part[3])] = new Value($text, $file, $number + 1,
                    $part[1] === '' ? 'value' : 'admin');
            } elseif (preg_match('/^\s*DocumentRoot\s+"?([^"\s]+)/i', $line, $part)) {
                $this->roots[] = $part[1];
            }
        }
        return $found;
    }
}
