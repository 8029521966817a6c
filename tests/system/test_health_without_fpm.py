"""Apache prefork and PHP's own web server: the workers share their knowledge."""

import time

from case import FarmTestCase, in_parallel
from load import Client
from process import wait_until
from visitor import Visitor
from webservers import Apache, PhpServer

WORKERS = 4
TIMEOUT_S = 0.6
RETRY_INTERVAL_S = 2


class HealthWithoutFpm(FarmTestCase):
    def assert_one_worker_pays_for_all(self, make_node):
        # With two servers and two copies every session has a copy on the hung server.
        farm = self.start_farm(servers=2, nodes=0,
                               url={"timeout": TIMEOUT_S, "retry_interval": RETRY_INTERVAL_S})
        node = make_node(farm, WORKERS)
        self.addCleanup(node.stop)
        victim = farm.servers[0]
        clients = [Client() for _ in range(2 * WORKERS)]

        def click_all():
            clicks = in_parallel(len(clients), lambda index: clients[index].click(
                node, "work_ms=100"))
            self.assertEqual([click for click in clicks if not click.acknowledged], [])
            self.assertGreater(len({click.state["worker"] for click in clicks}), 1)
            return clicks

        connected = set()

        def click_until_connected():
            connected.update(click.state["worker"] for click in click_all())
            return len(connected) == node.processes

        # A process that finds out by a new connection tells nothing to those that have one.
        wait_until(click_until_connected, "each process has connections")
        self.assert_shown(node, victim, "up")
        victim.hang()
        first = clients[0].click(node)
        self.assertGreater(first.state["start_seconds"], TIMEOUT_S / 2, "the first one finds out")
        slowest_s = max(click.state["start_seconds"] for click in click_all())
        self.assertLess(slowest_s, TIMEOUT_S / 2, "nobody else waits for the hung server")
        self.assert_shown(node, victim, "down for ")
        self.assertEqual([self.without_time(line) for line in node.php_log()],
                         [f"memcache_session: server {victim.address} is down: no answer within "
                          f"{TIMEOUT_S} s; it is left alone until it is well again; sessions use "
                          "the other servers"])
        victim.resume()
        time.sleep(RETRY_INTERVAL_S + 0.2)
        click_all()
        self.assert_shown(node, victim, "up")
        self.assertEqual(len(node.php_log()), 2)
        self.assertIn(f"memcache_session: server {victim.address} is back; it was down for ",
                      node.php_log()[1])

    def assert_shown(self, node, server, state):
        shown = Visitor().get(node, "info.php").body
        self.assertRegex(shown, f"(?m)^{server.address}: {state}")
        self.assertRegex(shown, "(?m)^Server health: shared by all workers$")

    @staticmethod
    def without_time(line):
        return line[line.index("] ") + 2:]

    def test_apache_prefork_workers_share_what_one_found_out(self):
        self.assert_one_worker_pays_for_all(Apache)

    def test_workers_of_php_S_share_what_one_found_out(self):
        self.assert_one_worker_pays_for_all(PhpServer)
