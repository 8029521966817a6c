"""Visits by PHP without a web server, of servers that speak TLS or ask for a password."""

import json
import os
import subprocess
import unittest

from certificates import Authority
from memcached import Server
from process import ListenerFolder

SID = "h6t0r8p5s8dk6gs7u5o3ir2l4a"
VALUE = "a-value-that-nobody-else-may-see"
PASSWORD = "a-password-that-nobody-may-see"

# Visits the session once for each line of its input, and prints what happened as JSON. PHP's own
# warning, which is the second one, shows session.save_path.
SCRIPT = r"""
$texts = [];
set_error_handler(function ($code, $text) use (&$texts) { $texts[] = $text; return true; });
while (($line = fgets(STDIN)) !== false) {
    $texts = [];
    $times = [hrtime(true)];
    session_id($argv[1]);
    $opened = session_start();
    $times[] = hrtime(true);
    $visits = $opened ? ($_SESSION['visits'] ?? 0) : null;
    if ($opened) {
        $_SESSION['visits'] = $visits + 1;
        $_SESSION['value'] = $argv[2];
    }
    $times[] = hrtime(true);
    $closed = $opened && session_write_close();
    $times[] = hrtime(true);
    echo json_encode(['opened' => $opened, 'closed' => $closed, 'visits' => $visits,
        'texts' => $texts, 'open_seconds' => ($times[1] - $times[0]) / 1e9,
        'close_seconds' => ($times[3] - $times[2]) / 1e9]), "\n";
}
"""


class Php:
    """A PHP process that visits the session when it is told to. Use it by `with`."""

    def __init__(self, save_path, **settings):
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*command(save_path, **settings), "-r", SCRIPT, "--", SID, VALUE],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.communicate()

    @property
    def pid(self):
        return self._process.pid

    def visit(self):
        """One visit: what SCRIPT prints, with the core's own message as "text"."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        seen = json.loads(line)
        seen["text"] = seen["texts"][0] if seen["texts"] else ""
        return seen


def command(save_path, **settings):
    """PHP with the extension; the names of settings have _ for the dot in front."""
    given = {"session.save_handler": "memcache", "session.use_cookies": 0,
             "session.use_strict_mode": 0,  # the default until PHP 8.5
             "session.cache_limiter": "", "session.save_path": save_path, "html_errors": 0,
             **{name.replace("__", "."): value for name, value in settings.items()}}
    options = [part for name, value in given.items() for part in ("-d", f'{name}="{value}"')]
    return [os.environ.get("PHP", "php"), "-n", "-d",
            f"extension={os.environ['MEMCACHE_SESSION_SO']}", *options]


class EncryptedTestCase(unittest.TestCase):
    """A test with a CA and memcached servers of its own."""

    def setUp(self):
        self.listeners = ListenerFolder("tls")
        self.addCleanup(self.listeners.close)
        self.authority = Authority(self.listeners.folder)

    def file(self, name, text=None):
        """The path of a file in the test's folder; writes it, for its owner alone, if asked."""
        path = os.path.join(self.listeners.folder, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return path

    def server(self, name, authority=None, more=()):
        return self.listeners.add(Server, name, authority, more=more)

    def password_server(self, name, authority=None):
        """A server that asks for user "web" and PASSWORD."""
        users = self.file("users", f"web:{PASSWORD}\n")
        os.chmod(users, 0o644)
        return self.server(name, authority, more=("-Y", users))

    def url(self, port, parameters="", host="127.0.0.1", scheme="tls"):
        """An entry of a save_path, with the test's CA where it speaks TLS."""
        trust = f"&cafile={self.authority.path}" if scheme == "tls" and "cafile" not in parameters \
            else ""
        timeout = "" if "timeout=" in parameters else "timeout=1&"
        return f"{scheme}://{host}:{port}?{timeout}{parameters}{trust}"

    def visit(self, save_path, **settings):
        with Php(save_path, **settings) as php:
            return php.visit()

    def assert_works(self, save_path, **settings):
        """Two visits over one connection, each of which finds what the one before stored."""
        with Php(save_path, **settings) as php:
            seen = [php.visit() for _ in range(2)]
        self.assertEqual([(each["closed"], each["texts"]) for each in seen], [(True, [])] * 2)
        self.assertEqual(seen[1]["visits"], seen[0]["visits"] + 1)
        return seen

    def refusal(self, save_path, **settings):
        """The core's message for a visit that is refused."""
        seen = self.visit(save_path, **settings)
        self.assertIs(seen["opened"], False, seen)
        return seen["text"]
