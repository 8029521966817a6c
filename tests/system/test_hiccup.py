"""A server that does not answer for 1.5 s: some processes find it dead, others do not."""

import time

from case import FarmTestCase
from counters import Counters

HICCUP_S = 1.5
# A request in the first half second of it waits in vain; a later one gets an answer in time.
TIMEOUT_S = 1
# Busy processes ask at once. Some of those that pause ask late: the longer, the more likely.
PAUSES_MS = [5, 5, 5, 5, 600, 600, 1500, 1500]


class Hiccup(FarmTestCase):
    def test_hiccup_that_some_notice_empties_no_session_and_loses_no_update(self):
        farm = self.start_farm(servers=3, nodes=1,
                               url={"timeout": TIMEOUT_S, "retry_interval": 1})
        counters = Counters(farm, farm.nodes[0], 2, PAUSES_MS)
        self.addCleanup(counters.end)
        counters.wait_for_rounds()
        views = []
        for server in farm.servers:
            server.hang()
            time.sleep(HICCUP_S)
            server.resume()
            time.sleep(TIMEOUT_S)
            views.append([sum(f"{server.address} is down" in line for line in log)
                          for log in counters.logs()])
            counters.settle()
        counters.check(self)
        self.assertTrue(any(0 < sum(view) and 0 in view for view in views),
                        f"who noticed: {views}")
