"""A farm that changes over from php-memcached, as docs/migration.md says: one pool is on it, one
on this extension, behind one nginx.

With its prefix, its distribution and as many copies as it keeps, sessions are the same items to
both, so visitors may come and go between the two. Its locks have other keys: neither waits for the
other. Both get the same save_path, as php-memcached writes it. php-memcached has its defaults,
except for the settings of a test. MEMCACHE_SESSION_VISITORS=200 makes the clicks ten times as many.
"""

import functools
import hashlib
import json
import os
import time
import urllib.parse

from case import FarmTestCase, in_parallel
from farm import Node
from process import Process, wait_until
from visitor import Visitor

VISITORS = int(os.environ.get("MEMCACHE_SESSION_VISITORS", "20"))  # of each configuration
CLICKS = 50  # of each visitor
THREADS = 4
PREFIX = "memc.sess.key."  # memcached.sess_prefix
POOLS = ("memcached", "memcache")
SIZES = (0, 1, 500, 1900, 2100, 70000, 900000)  # 2000: memcached.compression_threshold
WEIGHTS = (1, 3, 1, 10, 2, 5, 1)

# memcache.hash_strategy, and the settings of php-memcached that give the same placement.
DISTRIBUTIONS = {
    "ketama": {"memcached.sess_consistent_hash_type": "ketama_weighted"},
    "ketama_unweighted": {"memcached.sess_consistent_hash_type": "ketama"},
    "modula": {"memcached.sess_consistent_hash": 0},
}

CLICK_PHP = """<?php
// Adds one to the session's count. Prints as JSON what was there before, and PHP's messages.
//   ?ini=JSON    settings, before anything else       ?bytes=N    the session holds so much text
//   ?look=1      changes nothing                      ?destroy=1  logs out
//   ?work_ms=50  keeps the session open for so long
foreach (json_decode($_GET['ini'] ?? '[]', true) as $name => $value) {
    ini_set($name, (string)$value) !== false || exit("$name is refused");
}
$messages = [];
set_error_handler(function (int $level, string $message) use (&$messages): bool {
    $messages[] = $message;
    return true;
});
session_start();
$data = $_SESSION['data'] ?? '';
$seen = [$_SESSION['count'] ?? 0, strlen($data), md5($data)];
if (isset($_GET['destroy'])) {
    session_destroy();
} elseif (!isset($_GET['look'])) {
    $_SESSION['count'] = $seen[0] + 1;
    if (isset($_GET['bytes'])) {
        $_SESSION['data'] = str_repeat(md5($_GET['bytes']), (int)ceil($_GET['bytes'] / 32));
        $_SESSION['data'] = substr($_SESSION['data'], 0, (int)$_GET['bytes']);
    }
    usleep(1000 * (int)($_GET['work_ms'] ?? 0));
    session_write_close();
}
echo json_encode(['seen' => $seen, 'messages' => $messages]);
"""


@functools.lru_cache
def text_md5(size):
    text = hashlib.md5(str(size).encode()).hexdigest() * (size // 32 + 1)
    return hashlib.md5(text[:size].encode()).hexdigest()


class FromPhpMemcached(FarmTestCase):
    tls = False  # php-memcached has no TLS

    def start_mixed_farm(self, servers, ini=None, ini_memcached=None):
        """A farm whose one node has both pools; sets farm.node."""
        farm = self.start_farm(servers=servers, nodes=0, redundancy=1)
        with open(os.path.join(farm.pages, "click.php"), "w", encoding="ascii") as page:
            page.write(CLICK_PHP)
        ours = {**farm.settings, "session.save_path": self.save_path(farm),
                "memcache.hash_strategy": "ketama_unweighted",
                "memcache.session_prefix_static_key": PREFIX,
                "memcache.compress_threshold": 0, **(ini or {})}
        theirs = {name: value for name, value in ours.items() if not name.startswith("memcache.")}
        theirs.update({"extension": ["igbinary", "msgpack", "memcached"],
                       "session.save_handler": "memcached", **(ini_memcached or {})})
        farm.node = Node(farm, "memcache", ours, THREADS, "static", {"memcached": theirs})
        farm.nodes.append(farm.node)
        return farm

    @staticmethod
    def save_path(farm, servers=None, weights=None):
        places = [server.address for server in farm.servers[:servers]]
        return ",".join([f"{place}:{weight}" for place, weight in zip(places, weights)]
                        if weights else places)

    def click(self, farm, visitor, pool, query=""):
        answer = visitor.get(farm.node, f"click.php?pool={pool}&{query}")
        self.assertEqual(answer.status, 200, answer)
        return answer, json.loads(answer.body)

    def expect(self, farm, visitor, pool, count, query=""):
        """A click that shows `count` and no message."""
        answer, state = self.click(farm, visitor, pool, query)
        self.assertEqual((state["seen"][0], state["messages"]), (count, []), f"pool {pool}")
        return answer

    def copies(self, farm, visitor):
        """The item of the session on each server that has it."""
        found = [server.item(PREFIX + visitor.session_id) for server in farm.servers]
        return [item for item in found if item is not None]

    def alternate(self, farm, number, settings):
        """All clicks of one visitor, on both pools in turn; `settings`: by pool."""
        visitor = Visitor()
        count, size = 0, 0
        for turn in range(CLICKS):
            pool = POOLS[(number + turn) % 2]
            query = "ini=" + urllib.parse.quote(json.dumps(settings[pool]))
            if turn % 2 == 0:
                query += f"&bytes={SIZES[(number + turn // 2) % len(SIZES)]}"
            answer, state = self.click(farm, visitor, pool, query)
            self.assertEqual(state["messages"], [], f"click {turn} on {pool}")
            self.assertEqual(state["seen"], [count, size, text_md5(size)],
                             f"click {turn} on {pool}")
            self.assertEqual(len(answer.set_cookies), int(turn == 0), "the id is known to both")
            count += 1
            if turn % 2 == 0:
                size = SIZES[(number + turn // 2) % len(SIZES)]
        self.assertEqual(len(self.copies(farm, visitor)), 1, "they differ in where it belongs")

    def alternate_all(self, strategy, pools):
        """1,000 clicks for each number of servers, with and without weights."""
        farm = self.start_mixed_farm(max(servers for servers, _ in pools))
        for servers, weights in pools:
            path = {"session.save_path": self.save_path(farm, servers, weights)}
            settings = {"memcache": {**path, "memcache.hash_strategy": strategy},
                        "memcached": {**path, **DISTRIBUTIONS[strategy]}}
            with self.subTest(servers=servers, weights=weights):
                in_parallel(THREADS, lambda thread: [
                    self.alternate(farm, number, settings)
                    for number in range(thread, VISITORS, THREADS)])
        self.assertEqual(farm.node.php_log(), [])

    def test_weighted_ketama_1000_clicks_in_turn_lose_nothing(self):
        self.alternate_all("ketama", [(1, None), (2, WEIGHTS), (3, None), (7, WEIGHTS)])

    def test_php_memcacheds_default_ketama_1000_clicks_in_turn_lose_nothing(self):
        self.alternate_all("ketama_unweighted", [(1, None), (2, None), (3, WEIGHTS), (7, None)])

    def test_its_plain_distribution_1000_clicks_in_turn_lose_nothing(self):
        self.alternate_all("modula", [(1, None), (2, None), (3, WEIGHTS), (7, None)])

    def test_as_many_copies_as_php_memcached_has_replicas_are_written_by_both(self):
        for strategy, distribution in DISTRIBUTIONS.items():
            farm = self.start_mixed_farm(
                5, {"memcache.hash_strategy": strategy, "memcache.session_redundancy": 3},
                {**distribution, "memcached.sess_number_of_replicas": 2})
            with self.subTest(strategy=strategy):
                for number in range(10):
                    visitor = Visitor()
                    for count in range(6):
                        self.expect(farm, visitor, POOLS[(number + count) % 2], count)
                        copies = self.copies(farm, visitor)
                        self.assertEqual(len(copies), 3)
                        self.assertEqual({value for _, value in copies},
                                         {f"count|i:{count + 1};".encode()})

    def test_logging_out_in_either_pool_logs_out_in_both(self):
        for replicas in (0, 1):
            farm = self.start_mixed_farm(3, {"memcache.session_redundancy": replicas + 1},
                                         {"memcached.sess_number_of_replicas": replicas})
            for first, second in (POOLS, POOLS[::-1]):
                with self.subTest(replicas=replicas, pool=first):
                    visitor = Visitor()
                    self.expect(farm, visitor, second, 0)
                    self.expect(farm, visitor, first, 1)
                    tab = visitor.tab()
                    self.expect(farm, visitor, first, 2, "destroy=1")
                    self.expect(farm, tab, second, 0, "look=1")
                    self.expect(farm, tab, first, 0, "look=1")

    def test_sessions_of_php_memcached_are_bare_whatever_its_class_compresses(self):
        farm = self.start_mixed_farm(1)
        for compression in ("fastlz", "zlib"):
            visitor = Visitor()
            ini = urllib.parse.quote(json.dumps({
                "memcached.compression_type": compression, "memcached.compression_threshold": 100,
                "memcached.serializer": "igbinary"}))
            self.expect(farm, visitor, "memcached", 0, f"bytes=70000&ini={ini}")
            (flags, value), = self.copies(farm, visitor)
            self.assertEqual((flags, value[:24]), (0, b'count|i:1;data|s:70000:"'))

    def test_copies_are_added_when_php_memcached_is_gone(self):
        farm = self.start_mixed_farm(3)
        visitors = [Visitor() for _ in range(20)]
        for visitor in visitors:
            self.expect(farm, visitor, "memcached", 0, "bytes=900000")
        two = "ini=" + urllib.parse.quote(json.dumps({"memcache.session_redundancy": 2}))
        for visitor in visitors:
            self.expect(farm, visitor, "memcache", 1, two)
            self.assertEqual(len(self.copies(farm, visitor)), 2)
            self.expect(farm, visitor, "memcached", 2, "look=1")  # back to php-memcached
        farm.servers[0].kill()
        for visitor in visitors:
            _, state = self.click(farm, visitor, "memcache", two)
            self.assertEqual(state["seen"], [2, 900000, text_md5(900000)])

    def test_unix_sockets_are_the_same_servers_to_both(self):
        farm = self.start_mixed_farm(1)
        folder = os.path.join(farm.folder, "sockets")
        os.mkdir(folder)
        os.chmod(folder, 0o777)
        paths = [os.path.join(folder, f"m{number}") for number in range(3)]
        for path in paths:
            user = ["-u", "nobody"] if os.geteuid() == 0 else []
            process = Process(["memcached", "-s", path, "-a", "0666", "-m", "64", *user],
                              f"{path}.log")
            self.addCleanup(process.kill)
            wait_until(lambda path=path: os.path.exists(path), "memcached listens")
        save_path = {"session.save_path": f"{paths[0]},{paths[1]}:0,{paths[2]}:0:3"}
        for strategy, distribution in DISTRIBUTIONS.items():
            ini = {"memcache": {**save_path, "memcache.hash_strategy": strategy},
                   "memcached": {**save_path, **distribution}}
            query = {pool: "ini=" + urllib.parse.quote(json.dumps(ini[pool])) for pool in POOLS}
            for number in range(10):
                visitor = Visitor()
                for count in range(6):
                    pool = POOLS[(number + count) % 2]
                    self.expect(farm, visitor, pool, count, query[pool])

    def test_old_forms_of_a_save_path_are_answered_with_what_to_write(self):
        farm = self.start_mixed_farm(1)
        for path, remedy in {
                "PERSISTENT=a 10.0.0.1:11211": "host:port?persistent=1",
                "--SERVER=10.0.0.1:11211/?3": "host:port:weight"}.items():
            ini = urllib.parse.quote(json.dumps({"session.save_path": path}))
            _, state = self.click(farm, Visitor(), "memcache", "look=1&ini=" + ini)
            self.assertIn(remedy, state["messages"][0])

    def test_neither_waits_for_the_other_and_what_it_stored_meanwhile_is_not_overwritten(self):
        farm = self.start_mixed_farm(3)
        visitor = Visitor()
        self.expect(farm, visitor, "memcached", 0)

        def work(index):
            tab = visitor.tab()
            if index == 0:
                return self.click(farm, tab, "memcache", "work_ms=1500")[1]
            time.sleep(0.5)
            answer = self.expect(farm, tab, "memcached", 1)
            self.assertLess(answer.seconds, 1)
            return None

        held, _ = in_parallel(2, work)
        self.assertEqual(held["seen"][0], 1)
        self.assertIn("the changes of the other request are kept", held["messages"][0])
        self.expect(farm, visitor, "memcache", 2)
        self.expect(farm, visitor, "memcached", 3)
