"""Real servers that a save_path may name by mistake, or that ask for what PHP does not send."""

import json
import os
import subprocess
import unittest

from certificates import Authority
from memcached import Server
from process import Listener, ListenerFolder

SID = "h6t0r8p5s8dk6gs7u5o3ir2l4a"

# Opens a session, and prints all that PHP would log.
SCRIPT = """
ini_set("session.save_path", "tcp://127.0.0.1:$argv[1]?timeout=1");
$texts = [];
set_error_handler(function ($code, $text) use (&$texts) { $texts[] = $text; return true; });
session_id($argv[2]);
$opened = session_start();
echo json_encode([$opened, implode(" ", $texts)]);
"""


class Redis(Listener):
    def __init__(self, folder):
        super().__init__("redis", os.path.join(folder, "redis.log"))

    def command(self):
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]


class Nginx(Listener):
    def __init__(self, folder):
        self.folder = folder
        super().__init__("nginx", os.path.join(folder, "nginx.log"))

    def command(self):
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"daemon off; pid {self.folder}/nginx.pid; error_log stderr; events {{}} "
                       f"http {{ access_log off; server {{ listen 127.0.0.1:{self.port}; }} }}")
        return ["nginx", "-c", path, "-e", "stderr"]


class OtherProtocols(unittest.TestCase):
    def setUp(self):
        self.servers = ListenerFolder("protocols")
        self.addCleanup(self.servers.close)

    def file(self, name):
        return os.path.join(self.servers.folder, name)

    def message(self, server):
        """What a request is told that opens a session there."""
        done = subprocess.run(
            ["php", "-n", "-d", f"extension={os.environ['MEMCACHE_SESSION_SO']}",
             "-d", "session.save_handler=memcache", "-d", "session.use_cookies=0",
             "-d", "session.cache_limiter=", "-r", SCRIPT, "--", str(server.port), SID],
            check=True, capture_output=True, text=True, timeout=30)
        opened, text = json.loads(done.stdout.splitlines()[-1])
        self.assertFalse(opened, text)
        self.assertNotIn(SID, text)
        return text

    def test_each_real_server_of_another_protocol_is_quoted_or_named(self):
        with open(self.file("passwords"), "w", encoding="ascii") as file:
            file.write("user:password\n")
        os.chmod(self.file("passwords"), 0o644)
        may_be_a_proxy = "is a proxy, it may need proxy=1"
        for server, words, is_proxy_likely in [
                (self.servers.add(Server, "password", more=("-Y", self.file("passwords"))),
                 ['it said "CLIENT_ERROR unauthenticated"', "memcached -Y"], False),
                (self.servers.add(Server, "tls", Authority(self.servers.folder)),
                 ["expects TLS (memcached -Z)"], True),
                (self.servers.add(Server, "binary", more=("-B", "binary")),
                 ["the binary protocol (memcached -B binary)"], True),
                (self.servers.add(Server, "no-cas", more=("-C",)), ["runs with -C"], False),
                (self.servers.add(Redis),
                 ['it said "-ERR unknown command', "a Redis server listens there"], False),
                (self.servers.add(Nginx),
                 ['it said "HTTP/1.1 400 Bad Request"', "a web server (HTTP) listens there"],
                 False)]:
            with self.subTest(server.name):
                text = self.message(server)
                for word in words:
                    self.assertIn(word, text)
                self.assertEqual(may_be_a_proxy in text, is_proxy_likely, text)
