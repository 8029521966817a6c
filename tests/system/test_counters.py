"""Eight processes add to counters while servers die and return in turn.

This takes 12 s, or MEMCACHE_SESSION_FAULT_SECONDS.
"""

import itertools
import os
import time

from case import FarmTestCase
from counters import Counters

SECONDS = float(os.environ.get("MEMCACHE_SESSION_FAULT_SECONDS", "12"))
PROCESSES = 8
SESSIONS = 6
TIMEOUT_S = 1


def die_and_return(server):
    server.kill()
    time.sleep(0.3)
    server.start()


def hang_and_continue(server):
    server.hang()
    time.sleep(TIMEOUT_S + 0.3)
    server.resume()


class CountersThroughFailures(FarmTestCase):
    def test_counters_equal_the_acknowledged_additions(self):
        farm = self.start_farm(servers=3, nodes=1,
                               url={"timeout": TIMEOUT_S, "retry_interval": 1})
        counters = Counters(farm, farm.nodes[0], SESSIONS, [5] * PROCESSES)
        self.addCleanup(counters.end)
        counters.wait_for_rounds()
        end = time.monotonic() + SECONDS
        failures = 0
        for fail, server in zip(itertools.cycle([die_and_return, die_and_return, hang_and_continue,
                                                 hang_and_continue]),
                                itertools.cycle(farm.servers)):
            fail(server)
            counters.settle()
            failures += 1
            if time.monotonic() > end:
                break
        acknowledged, refused, unopened = counters.check(self)
        self.assertGreater(acknowledged, 100 * failures)
        # Each process may be within one request when a server fails.
        self.assertLessEqual(refused + unopened, PROCESSES * failures)
