<?php
// memcache-session check-config: options and output.
declare(strict_types=1);

namespace MemcacheSession\CheckConfig;

foreach (['configuration', 'values', 'servers', 'sources', 'texts', 'files', 'nginx', 'apache',
    'reader', 'checker'] as $part) {
    require_once __DIR__ . "/$part.php";
}

const HELP = <<<'TEXT'
    usage: memcache-session check-config [OPTION ...] [FOLDER ...]

    Reads php.ini and what it includes, the pools of php-fpm, Apache's and nginx's configuration,
    and .user.ini and .htaccess files. Tells what would change for sessions under the extension
    memcache_session, compared with pecl/memcache and php-memcached. It changes nothing.

      FOLDER          a folder of pages: its .user.ini and .htaccess files are read. nginx's and
                      Apache's own folders are known from their configuration.
      --root=FOLDER   the machine to look at: all files are looked for below this folder
      --ini=FILE      this php.ini, and the folder conf.d beside it, in place of those found; needed
                      for a php-fpm that has another by its option -c
      --fpm=FILE      this php-fpm.conf in place of those found
      --nginx=FILE    this nginx.conf in place of /etc/nginx/nginx.conf
      --json          the result as JSON
      --help          this text

    exit status: 0 nothing to look at    1 findings    2 wrong usage, or files that cannot be read

    TEXT;

const NGINX_CONF = '/etc/nginx/nginx.conf';

const NOTHING = 0;
const FINDINGS = 1;
const WRONG_USAGE = 2;

function print_text(array $configurations, array $findings): void
{
    echo "Looked at:\n";
    foreach ($configurations as $configuration) {
        echo '  ', printable($configuration->name), ': session.save_handler = ',
            printable($configuration->text('session.save_handler')), "\n";
    }
    foreach ($findings as $finding) {
        $at = $finding->at;
        $place = $at->file === '' ? 'by default' : $at->file . ($at->line > 0 ? ":$at->line" : '');
        echo "\n", $finding->is_note ? 'note: ' : '', printable($place), ': ', $finding->shown,
            "\n";
        $names = array_keys($finding->configurations);
        if ($at->file === '' || count($names) > 1) {
            echo wrapped('in ' . implode('; ', $names));
        }
        echo wrapped($finding->means), wrapped("-> $finding->do");
    }
    $count = count(array_filter($findings, fn(Finding $finding) => !$finding->is_note));
    echo "\n", ['nothing to look at', '1 finding'][$count] ?? "$count findings", "\n";
}

function wrapped(string $text): string
{
    return '    ' . wordwrap(printable($text), 96, "\n    ") . "\n";
}

function print_json(array $configurations, array $findings): void
{
    echo json_encode([
        'configurations' => array_map(fn(Configuration $configuration) => [
            'name' => $configuration->name,
            'handler' => $configuration->text('session.save_handler'),
        ], $configurations),
        'findings' => array_map(fn(Finding $finding) => [
            'note' => $finding->is_note,
            'file' => $finding->at->file === '' ? null : $finding->at->file,
            'line' => $finding->at->line ?: null,
            'found' => $finding->shown,
            'means' => $finding->means,
            'do' => $finding->do,
            'configurations' => array_keys($finding->configurations),
        ], $findings),
    ], JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}

function options(array $arguments): ?array
{
    $options = ['root' => '', 'ini' => [], 'fpm' => [], 'nginx' => null, 'json' => false,
        'folders' => []];
    while (($argument = array_shift($arguments)) !== null) {
        if ($argument === '--help') {
            return null;
        }
        if ($argument === '--') {
            array_push($options['folders'], ...$arguments);
            break;
        }
        if ($argument === '--json') {
            $options['json'] = true;
        } elseif (preg_match('/^--(root|nginx)=(.+)$/Ds', $argument, $found)) {
            $options[$found[1]] = $found[1] === 'root' ? rtrim($found[2], '/') : $found[2];
        } elseif (preg_match('/^--(ini|fpm)=(.+)$/Ds', $argument, $found)) {
            $options[$found[1]][] = $found[2];
        } elseif (str_starts_with($argument, '-')) {
            throw new Failure("there is no option $argument; see --help");
        } else {
            $options['folders'][] = $argument;
        }
    }
    foreach ($options['folders'] as $folder) {
        if (!is_dir($options['root'] . $folder)) {
            throw new Failure("there is no folder $folder");
        }
    }
    return $options;
}

// The whole command. Throws a Failure, whose message belongs to standard error, for WRONG_USAGE.
function main(array $arguments): int
{
    $options = options($arguments);
    if ($options === null) {
        echo HELP;
        return NOTHING;
    }
    $files = new Files($options['root']);
    $nginx = new Nginx($files);
    if ($options['nginx'] !== null || $files->exists(NGINX_CONF)) {
        $nginx->read($options['nginx'] ?? NGINX_CONF);
    }
    $reader = new Reader($files, $options, $nginx, new Apache($files));
    $configurations = $reader->configurations();
    if ($files->read === []) {
        throw new Failure($files->unreadable === [] ? 'there is no php.ini; name it by --ini'
            : implode(', ', array_keys($files->unreadable)) . ' cannot be read');
    }
    $findings = (new Checker($nginx))->check($configurations, $reader->findings);
    $options['json'] ? print_json($configurations, $findings)
        : print_text($configurations, $findings);
    if ($files->unreadable !== []) {
        throw new Failure('these files cannot be read, so there may be more to tell: '
            . implode(', ', array_keys($files->unreadable)));
    }
    return array_filter($findings, fn(Finding $finding) => !$finding->is_note) === [] ? NOTHING
        : FINDINGS;
}
