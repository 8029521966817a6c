"""The scripts of a page call the server: slow and fast requests of one session, beside others."""

import statistics
import threading
import time

from case import FarmTestCase, in_parallel
from visitor import Visitor

OTHERS = 5
HOLD_S = 3
# The longest time for pages of other sessions on a slow machine. A wait would take HOLD_S.
PROMPT_S = 0.5
COMMANDS_PER_SECOND_MAX = 150


class Ajax(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(servers=3, nodes=2, workers=OTHERS + 2)
        self.visitor = Visitor()
        self.session(self.visitor, self.farm.nodes[0], "set[page]=shop")

    def commands(self):
        """Counts the commands that the servers have run for anybody."""
        counts = [line.split() for server in self.farm.servers for line in server.ask("stats")]
        return sum(int(value) for _, name, value in counts
                   if name in ("cmd_get", "cmd_set", "cmd_touch", "cmd_meta", "delete_hits",
                               "delete_misses"))

    def slow_and_fast(self, meanwhile):
        """Both requests, on two web servers; returns the state of the fast one, and both ends."""
        def request(index):
            tab = self.visitor.tab()
            if index == 0:
                self.session(tab, self.farm.nodes[0], f"set[slow]=1&work_ms={1000 * HOLD_S}")
                return time.monotonic(), None
            time.sleep(0.3)
            waiting = threading.Thread(target=meanwhile)
            waiting.start()
            _, state = self.session(tab, self.farm.nodes[1], "set[fast]=1")
            ended = time.monotonic()
            waiting.join()
            return ended, state

        (slow_ended, _), (fast_ended, state) = in_parallel(2, request)
        self.assertGreater(state["start_seconds"], HOLD_S / 2, "the fast one waited")
        self.assertLess(fast_ended - slow_ended, PROMPT_S, "and no longer than it had to")
        return state

    def assert_both_values_are_there(self):
        _, state = self.session(self.visitor, self.farm.nodes[0])
        self.assertEqual(state["session"], {"page": "shop", "slow": "1", "fast": "1"})

    def test_both_values_are_stored_and_other_sessions_are_not_delayed(self):
        visitors = [Visitor() for _ in range(OTHERS)]
        seconds = []

        def others_click():
            end = time.monotonic() + HOLD_S - 1

            def click(index):
                number = 0
                while time.monotonic() < end:
                    number += 1
                    answer = self.count(visitors[index], self.farm.nodes[number % 2], number)
                    seconds.append(answer.seconds)
                    time.sleep(0.02)
            in_parallel(OTHERS, click)

        self.slow_and_fast(others_click)
        self.assert_both_values_are_there()
        self.assertLess(statistics.median(seconds), PROMPT_S / 5)
        self.assertLess(max(seconds), PROMPT_S)
        print(f"         {len(seconds)} clicks of others, median {statistics.median(seconds):.4f} "
              f"s, longest {max(seconds):.3f} s")

    def test_second_of_waiting_costs_the_servers_few_commands(self):
        counts = []

        def count_for_a_second():
            time.sleep(0.5)
            before = self.commands()
            time.sleep(1)
            counts.append(self.commands() - before)

        self.slow_and_fast(count_for_a_second)
        self.assert_both_values_are_there()
        self.assertGreater(counts[0], 0, "the wait is one of polls")
        self.assertLessEqual(counts[0], COMMANDS_PER_SECOND_MAX)
        print(f"         {counts[0]} commands in a second of waiting")
