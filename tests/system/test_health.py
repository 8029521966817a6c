"""A worker that finds a server hung saves all others of its php-fpm master the wait."""

from case import FarmTestCase, in_parallel
from visitor import Visitor

TIMEOUT_S = 0.6
WORKERS = 8


class SharedHealth(FarmTestCase):
    def assert_one_worker_pays_for_all(self, process_manager):
        # With two servers and two copies every session has a copy on the hung server.
        farm = self.start_farm(servers=2, nodes=1, workers=WORKERS,
                               process_manager=process_manager,
                               url={"timeout": TIMEOUT_S, "retry_interval": 30})
        node = farm.nodes[0]
        visitors = [Visitor() for _ in range(2 * WORKERS)]
        # All click at the same time, so that there are many workers with open connections.
        in_parallel(len(visitors), lambda index: self.session(
            visitors[index], node, f"set[name]={index}&work_ms=100"))

        farm.servers[0].hang()
        _, state = self.session(visitors[0], node)
        self.assertGreater(state["start_seconds"], TIMEOUT_S / 2, "the first one finds out")

        states = in_parallel(len(visitors), lambda index: self.session(
            visitors[index], node, "work_ms=200")[1])
        self.assertEqual([state["session"] for state in states],
                         [{"name": str(index)} for index in range(len(visitors))])
        # php-fpm decides how many dynamic and ondemand workers it starts, but more than one.
        self.assertGreater(len({state["worker"] for state in states}), 1)
        slowest_s = max(state["start_seconds"] for state in states)
        self.assertLess(slowest_s, TIMEOUT_S / 2, "nobody else waits for the hung server")

    def test_static_workers_share_what_one_found_out(self):
        self.assert_one_worker_pays_for_all("static")

    def test_dynamic_workers_share_what_one_found_out(self):
        self.assert_one_worker_pays_for_all("dynamic")

    def test_ondemand_workers_share_what_one_found_out(self):
        self.assert_one_worker_pays_for_all("ondemand")
