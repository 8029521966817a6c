<?php
// Texts without secrets, and without bytes that steer a terminal.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

function printable(string $text): string
{
    return preg_replace('/[^\x20-\x7e]/', '?', $text);
}

function quoted(string $text): string
{
    return '"' . printable(substr($text, 0, 64)) . '"';
}

// A list of servers without what may be a password: the text before the last @, and the values of
// parameters that are not known to be harmless.
function without_secrets(string $list): string
{
    if (preg_match('/^.*@(.*)$/s', $list, $found)) {
        $list = '***@' . $found[1];
    }
    return preg_replace_callback('/(?<=[?&])([^=&, ]+)=([^&, ]*)/',
        fn(array $part) => in_array($part[1], OPEN_PARAMETERS, true)
            || is_of_login_or_tls($part[1]) ? $part[0] : "$part[1]=***", $list);
}

// What was written, for people.
function shown(string $name, Value $value): string
{
    $is_secret = preg_match('/pass|auth|secret|sasl_username/', $name) === 1;
    $text = $is_secret ? '***' : (str_contains($name, 'save_path')
        ? without_secrets($value->text) : $value->text);
    $text = printable(strlen($text) > 200 ? substr($text, 0, 200) . '...' : $text);
    return $value->file === '' ? "$name = $text (the default)" : "$name = $text";
}
