"""A farm that changes over one node at a time: one is on pecl/memcache, one on this extension.

Their sessions and locks are the same items, so visitors may come and go between the two. Holds are
short here: pecl/memcache gives up a wait after 2 x lock_timeout with an empty session, as success.
"""

import hashlib
import json
import os
import time

from case import FarmTestCase, in_parallel
from farm import Node
from load import servers_down
from process import wait_until
from visitor import Visitor

PROCESSES, ADDITIONS = 4, 10  # of each kind
TABS, CLICKS = 6, 6
THRESHOLD = 20000  # memcache.compress_threshold
FILL_PHP = """<?php
// ?bytes=N&seed=S: makes the session N bytes of text, or empty. Prints what it held before.
session_start();
$data = $_SESSION['data'] ?? '';
echo json_encode([strlen($data), md5($data), count($_SESSION)]);
if (isset($_GET['bytes'])) {
    $_SESSION = [];
    for ($text = $hash = $_GET['seed']; strlen($text) < $_GET['bytes']; $text .= $hash) {
        $hash = md5($hash);
    }
    $_GET['bytes'] && $_SESSION['data'] = substr($text, 0, $_GET['bytes']);
}
"""


def filling(size, seed):
    text = digest = seed
    while len(text) < size:
        digest = hashlib.md5(digest.encode()).hexdigest()
        text += digest
    return text[:size]


class MixedFarm(FarmTestCase):
    tls = False  # pecl/memcache has no TLS

    def start_mixed_farm(self, servers=3, workers=TABS, **options):
        """The farm, its node of this extension, and its node of pecl/memcache."""
        # No server may be taken for dead on a slow machine: the two would not agree on that.
        farm = self.start_farm(servers=servers, nodes=1, workers=workers, url={"timeout": 10},
                               **options)
        with open(os.path.join(farm.pages, "fill.php"), "w", encoding="ascii") as page:
            page.write(FILL_PHP)
        settings = {**farm.settings, "extension": "memcache"}
        farm.nodes.append(Node(farm, "pecl", settings, workers, "static"))
        return farm, *farm.nodes

    def start_php(self, farm, node, script, *arguments):
        """As farm.start_php(), with the settings of that node."""
        return farm.start([
            os.environ.get("PHP", "php"), "-n", "-c", os.path.join(node.folder, "php.ini"),
            "-d", "session.use_cookies=0", "-d", "session.cache_limiter=",
            os.path.join(farm.pages, script), *map(str, arguments)])

    def locks(self, farm, visitor):
        found = [server.item(f"{visitor.session_id}.lock") for server in farm.servers]
        return [value for value in found if value is not None]

    def hold_and_meet(self, holder, other, hold_ms=600):
        """A request holds the session on one node while one comes to the other.

        Returns how long the second session_start() took, and how much later than the end of the
        first request it was done.
        """
        visitor = Visitor()
        self.session(visitor, holder, "set[who]=nobody")

        def work(index):
            tab = visitor.tab()
            if index == 0:
                state = self.session(tab, holder, f"set[who]=first&work_ms={hold_ms}")[1]
                return time.monotonic(), state
            time.sleep(0.2)
            state = self.session(tab, other)[1]
            return time.monotonic(), state

        (first_done, first), (second_done, second) = in_parallel(2, work)
        self.assertTrue(first["started"] and second["started"])
        self.assertEqual(second["session"], {"who": "first"}, "read before the first had written")
        return second["start_seconds"], second_done - first_done

    def test_one_visitor_clicking_on_both_nodes_in_turn_sees_every_number(self):
        _, ours, pecl = self.start_mixed_farm()
        for first, second in ((ours, pecl), (pecl, ours)):
            for _ in range(3):
                visitor = Visitor()
                for number in range(1, 21, 2):
                    self.count(visitor, first, number)
                    self.count(visitor, second, number + 1)

    def test_processes_of_both_kinds_adding_at_once_lose_nothing(self):
        """Processes that share no memory have not learned of pecl/memcache before. So each may be
        told that its first commit was refused although it counts: protocol.md tells why."""
        total = 2 * PROCESSES * ADDITIONS
        for servers, redundancy in ((1, 2), (3, 1), (3, 2), (7, 3)):
            with self.subTest(servers=servers, redundancy=redundancy):
                farm, ours, pecl = self.start_mixed_farm(servers=servers, redundancy=redundancy)
                visitor = Visitor()
                self.session(visitor, pecl, "set[count]=0")
                processes = [self.start_php(farm, node, "add.php", visitor.session_id, ADDITIONS)
                             for _ in range(PROCESSES) for node in (ours, pecl)]
                outputs = [process.communicate(timeout=120)[0] for process in processes]
                acknowledged = sum(int(output.splitlines()[-1]) for output in outputs)
                self.assertGreaterEqual(acknowledged, total - PROCESSES, outputs)
                for node in (ours, pecl):
                    count = self.session(visitor, node)[1]["session"]["count"]
                    self.assertTrue(acknowledged <= count <= total, count)

    def test_tabs_clicking_on_both_nodes_at_once_see_each_number_once(self):
        _, ours, pecl = self.start_mixed_farm()
        visitor = Visitor()
        self.count(visitor, pecl, 1)

        def click(index):
            tab = visitor.tab()
            return [tab.get((ours, pecl)[(index + turn) % 2], "counter.php").body
                    for turn in range(CLICKS)]

        seen = sum(in_parallel(TABS, click), [])
        self.assertEqual([text for text in seen if not text.isdigit()], [])
        self.assertEqual(sorted(seen, key=lambda text: (len(text), text)),
                         [str(number) for number in range(2, TABS * CLICKS + 2)])

    def test_this_extension_waits_for_a_lock_of_pecl_memcache_and_follows_its_release(self):
        _, ours, pecl = self.start_mixed_farm()
        delays = []
        for _ in range(3):
            waited, delay = self.hold_and_meet(pecl, ours)
            self.assertGreater(waited, 0.25)
            delays.append(delay)
        self.assertLess(min(delays), 0.15)

    def test_pecl_memcache_waits_for_a_lock_of_this_extension(self):
        _, ours, pecl = self.start_mixed_farm()
        for _ in range(3):
            waited, delay = self.hold_and_meet(ours, pecl)
            self.assertGreater(waited, 0.25)
            self.assertLess(delay, 5)  # its polls become rarer

    def test_what_pecl_memcache_leaves_of_its_lock_stops_nobody(self):
        farm, ours, pecl = self.start_mixed_farm()
        waits = []
        for _ in range(3):
            visitor = Visitor()
            self.session(visitor, pecl, "set[a]=1")
            self.assertEqual({value.strip() for _, value in self.locks(farm, visitor)}, {b"0"})
            _, state = self.session(visitor, ours, "set[b]=2")
            waits.append(state["start_seconds"])
            self.assertEqual(state["session"], {"a": "1", "b": "2"})
            self.assertEqual(self.locks(farm, visitor), [], "released for good")
            _, state = self.session(visitor, pecl, "set[c]=3")
            self.assertEqual(state["session"], {"a": "1", "b": "2", "c": "3"})
        self.assertLess(min(waits), 0.05)

    def test_sessions_of_any_size_are_read_on_the_other_node(self):
        farm, ours, pecl = self.start_mixed_farm()
        for writer, reader in ((ours, pecl), (pecl, ours)):
            visitor = Visitor()
            visitor.get(writer, "fill.php")
            for size in (0, 1, 500, 0, THRESHOLD - 100, THRESHOLD + 100, 300000, 0):
                with self.subTest(writer=writer.name, size=size):
                    seed = f"{writer.name}{size}"
                    wrote = visitor.get(writer, f"fill.php?bytes={size}&seed={seed}")
                    stored = [found for server in farm.servers
                              if (found := server.item(visitor.session_id))]
                    self.assertEqual(len(stored), 2, "copies")
                    self.assertEqual({flags & 2 for flags, _ in stored},
                                     {2 if size > THRESHOLD else 0}, "compressed")
                    read = visitor.get(reader, "fill.php")
                    text = filling(size, seed)
                    self.assertEqual(json.loads(read.body), [
                        size, hashlib.md5(text.encode()).hexdigest(), int(size > 0)])
                    self.assertEqual((wrote.set_cookies, read.set_cookies), ({}, {}),
                                     "the id is known to both")

    def test_logging_out_on_either_node_logs_out_on_both(self):
        _, ours, pecl = self.start_mixed_farm()
        for first, second in ((ours, pecl), (pecl, ours)):
            visitor = Visitor()
            self.session(visitor, first, "set[user]=ann")
            _, state = self.session(visitor, second)
            self.assertEqual(state["session"], {"user": "ann"})
            tab = visitor.tab()
            self.session(visitor, first, "destroy=1")
            _, state = self.session(tab, second)
            self.assertEqual((state["started"], state["session"]), (True, []))

    def test_without_failover_a_logout_on_pecl_memcache_is_final_after_an_outage_too(self):
        """With failover it may not be: pecl/memcache deletes the copies on the first R servers.
        It does not know a copy that this extension wrote elsewhere while one of them was down."""
        farm, ours, pecl = self.start_mixed_farm(ini={"memcache.allow_failover": 0})
        visitor = Visitor()
        self.session(visitor, ours, "set[user]=ann")
        server = next(server for server in farm.servers if server.item(visitor.session_id))
        server.kill()
        self.session(visitor, ours, "set[a]=1")
        server.start()
        wait_until(lambda: self.session(visitor, ours, "set[b]=1")
                   and not servers_down(ours.php_log()), "this extension uses the server again")
        tab = visitor.tab()
        self.session(visitor, pecl, "destroy=1")
        _, state = self.session(tab, ours)
        self.assertEqual((state["started"], state["session"]), (True, []))
        self.assertEqual([server.item(visitor.session_id) for server in farm.servers], [None] * 3)
