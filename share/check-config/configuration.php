<?php
// What is in force on a machine, and what there is to tell about it.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

// Ends the program with a message.
final class Failure extends \Exception
{
}

// A value, and where it was written. The origin is "ini", "value" or "admin": who may change it.
final class Value
{
    public function __construct(public readonly string $text, public readonly string $file = '',
        public readonly int $line = 0, public readonly string $origin = 'ini')
    {
    }
}

// What is in force for some requests of this machine.
final class Configuration
{
    public array $settings = [];   // name => Value
    public array $extensions = []; // name => Value
    public array $ini_files = [];  // its php.ini, and those of conf.d
    public array $listens = [];    // where its pool of php-fpm listens
    public ?Value $terminate = null;

    public function __construct(public string $name, public string $sapi)
    {
    }

    public function with(array $settings, string $name): self
    {
        $copy = clone $this;
        $copy->name = $name;
        foreach ($settings as $setting => $value) {
            $old = $copy->settings[$setting] ?? null;
            if ($old === null || $old->origin !== 'admin' || $value->origin === 'admin') {
                $copy->settings[$setting] = $value;
            }
        }
        return $copy;
    }

    public function value(string $name): Value
    {
        return $this->settings[$name]
            ?? new Value(SETTINGS[$name][1] ?? OTHER_DEFAULTS[$name] ?? '');
    }

    public function text(string $name): string
    {
        return $this->value($name)->text;
    }

    // The value in force under the extension: a refused one is replaced by the default.
    public function used(string $name): string
    {
        $text = $this->text($name);
        return refusal($name, $text) === null ? $text : SETTINGS[$name][1];
    }

    public function handler(): string
    {
        return strtolower($this->text('session.save_handler'));
    }

    public function is_of_pecl(): bool
    {
        return in_array($this->handler(), ['memcache', 'memcache_session'], true);
    }

    public function is_of_php_memcached(): bool
    {
        return $this->handler() === 'memcached';
    }

    public function save_path(): Value
    {
        $own = $this->value('memcache.session_save_path');
        return $this->is_of_pecl() && $own->text !== '' ? $own : $this->value('session.save_path');
    }
}

final class Finding
{
    public array $configurations = [];

    // A note is no reason for an exit status. $shown: what was written, without secrets.
    public function __construct(public readonly bool $is_note, public readonly Value $at,
        public readonly string $shown, public readonly string $means, public readonly string $do)
    {
    }

    public function key(): string
    {
        return json_encode([$this->at->file, $this->at->line, $this->shown, $this->means],
            JSON_INVALID_UTF8_SUBSTITUTE);
    }
}
