"""Requests of one session run side by side, and their changes are merged."""

import threading
import time

from case import FarmTestCase, in_parallel
from load import servers_marked
from process import wait_until
from visitor import Visitor

MERGING = {"memcache.session_merge": "fail"}

REQUESTS, WORK_MS = 10, 300
# What requests need that wait for each other, and a bound for a slow machine if they do not.
LOCKED_S_MIN = REQUESTS * WORK_MS / 1000
MERGED_S_MAX = LOCKED_S_MIN / 2

WRITERS, CHANGES = 20, 50
TIMEOUT_S = 1
# The time until a dead server is started again, and the pause between two changes of a writer.
AWAY_S, PAUSE_S = 0.3, 0.05
# A server counts as failed until one second after it answers all clients again.
BACK_S = 1.2


class Writer:
    """Changes variables of its own in the session of others, and keeps account of the answers."""

    def __init__(self, test, visitor, nodes, name):
        self._test = test
        self._visitor = visitor
        self._nodes = nodes
        self._name = name
        self._sent = 0
        self.acknowledged = {}
        self.refused = []  # name, time of beginning, time of end and answer

    def change(self):
        self._sent += 1
        name, value = f"{self._name}_{self._sent}", str(self._sent)
        began = time.time()
        answer, state = self._test.session(
            self._visitor, self._nodes[self._sent % len(self._nodes)], f"set[{name}]={value}")
        warning = answer.body.strip().rpartition("\n")[0]
        if state["started"] and not warning:
            self.acknowledged[name] = value
        else:
            self._test.assertIn("Warning: session_", warning, "a refused change is told")
            self.refused.append((name, began, time.time(), answer))
        if state["started"]:
            self.check(state["session"])

    def check(self, session):
        """Every acknowledged change is in the session, in each reading since."""
        lost = {name for name, value in self.acknowledged.items() if session.get(name) != value}
        self._test.assertEqual(lost, set(), f"lost, of {len(self.acknowledged)} acknowledged")

    def names(self):
        return set(self.acknowledged) | {name for name, *_ in self.refused}


class Merging(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.visitor = Visitor()

    def page(self, farm):
        """Sends all requests of a page at once; returns their seconds and the session."""
        self.session(self.visitor, farm.nodes[0], "set[page]=shop")
        tabs = [self.visitor.tab() for _ in range(REQUESTS)]
        began = time.monotonic()

        def request(index):
            answer, _ = self.session(tabs[index], farm.nodes[0],
                                     f"set[part{index}]=1&work_ms={WORK_MS}")
            self.assertNotIn("Warning", answer.body)

        in_parallel(REQUESTS, request)
        seconds = time.monotonic() - began
        return seconds, self.session(self.visitor, farm.nodes[0])[1]["session"]

    def test_page_of_ten_requests_takes_the_time_of_one(self):
        changes = {"page": "shop", **{f"part{index}": "1" for index in range(REQUESTS)}}
        found = {}
        for mode in ("off", "fail"):
            farm = self.start_farm(nodes=1, workers=REQUESTS + 2,
                                   ini={"memcache.session_merge": mode})
            self.visitor = Visitor()
            found[mode], session = self.page(farm)
            self.assertEqual(session, changes, f"session_merge = {mode}")
        self.assertGreater(found["off"], LOCKED_S_MIN)
        self.assertLess(found["fail"], MERGED_S_MAX)
        print(f"         {REQUESTS} requests of {WORK_MS} ms: {found['off']:.2f} s locked, "
              f"{found['fail']:.2f} s merged")

    def fail_in_turn(self, farm):
        """Kills each server and starts it again empty; returns when each failure began and ended.

        The next server fails only after the one before it has its copy of the session again.
        """
        key = self.visitor.session_id
        # Later the third server has a copy too, of the time when it stood in for another.
        first_choices = [server for server in farm.servers if server.item(key)]
        self.assertEqual(len(first_choices), 2)
        moments = []
        for server in farm.servers:
            began = time.time()
            server.kill()
            time.sleep(AWAY_S)
            server.start()
            wait_until(lambda: not any(servers_marked(node) for node in farm.nodes),
                       "no server is left alone")
            moments.append((began, time.time()))
            time.sleep(BACK_S)
            if server in first_choices:
                wait_until(lambda: server.item(key), f"{server.name} has its copy again")
        return moments

    def test_no_acknowledged_change_is_lost_while_servers_die_in_turn(self):
        farm = self.start_farm(servers=3, nodes=2, workers=WRITERS, ini=MERGING,
                               url={"timeout": TIMEOUT_S, "retry_interval": 1})
        self.session(self.visitor, farm.nodes[0], "set[page]=shop")
        writers = [Writer(self, self.visitor.tab(), farm.nodes, f"w{index}")
                   for index in range(WRITERS)]
        all_have_failed = threading.Event()
        moments = []

        def work(index):
            if index == WRITERS:
                try:
                    moments.extend(self.fail_in_turn(farm))
                finally:
                    all_have_failed.set()
                return
            done = 0
            while done < CHANGES or not all_have_failed.is_set():
                writers[index].change()
                done += 1
                time.sleep(PAUSE_S)

        in_parallel(WRITERS + 1, work)
        for node in farm.nodes:
            _, state = self.session(self.visitor, node)
            for writer in writers:
                writer.check(state["session"])
            known = {"page"}.union(*(writer.names() for writer in writers))
            self.assertEqual(set(state["session"]) - known, set(), "nobody has sent these")
        self.assertEqual(len(moments), len(farm.servers))
        refused = [each for writer in writers for each in writer.refused]
        # A request in flight at a failure may be refused with a warning, and no other.
        for name, began, ended, answer in refused:
            self.assertTrue(any(began <= until and since <= ended for since, until in moments),
                            f"refused although a copy answered: {name}, {answer}")
        kept = sum(len(writer.acknowledged) for writer in writers)
        self.assertGreater(kept, 10 * len(refused))
        print(f"         {kept} changes of {WRITERS} writers acknowledged and kept, "
              f"{len(refused)} refused, {len(moments)} restarts")
