"""A mark is advice: it does not outlive its failure, and never keeps a good connection unused."""

import time
from unittest import mock

from case import FarmTestCase, in_parallel
from load import Click, Client, Load, servers_down
from memcached import Server
from process import wait_until
from visitor import Visitor

# With the default retry_interval a server is probed every second.
RETRY_INTERVAL_S = 15


class TwoServers(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(servers=2, nodes=1, workers=6,
                                    url={"retry_interval": RETRY_INTERVAL_S})
        self.node = self.farm.nodes[0]
        self.clients = [Client() for _ in range(20)]

    def check_refused(self, load, ended):
        """Only requests that were under way when a server failed may have been refused."""
        for click in load.refused():
            self.assertTrue(any(click.began <= at <= click.ended for at in ended), click)

    def test_hang_of_one_is_over_when_the_other_is_killed_five_seconds_later(self):
        one, other = self.farm.servers
        with Load([self.node], self.clients) as load:
            load.wait_for_round()
            one.hang()
            time.sleep(1.3)
            one.resume()
            time.sleep(5)
            killed = time.time()
            other.kill()
            load.wait_for_round()
        self.check_refused(load, [killed])
        for client in self.clients:
            client.read(self.node)

    def test_one_restarted_empty_and_the_other_three_seconds_later_under_load(self):
        with Load([self.node], self.clients) as load:
            load.wait_for_round()
            ended = []
            for server in self.farm.servers:
                ended.append(time.time())
                server.kill()
                server.start()
                time.sleep(3)
            load.wait_for_round()
        self.check_refused(load, ended)
        for client in self.clients:
            client.read(self.node)

    def test_server_that_is_well_again_is_used_within_about_a_second_by_all(self):
        server = self.farm.servers[0]
        with Load([self.node], self.clients) as load:
            load.wait_for_round()
            server.kill()
            wait_until(lambda: servers_down(self.node.php_log()), "it is found down")
            server.start()
            began = time.time()
            wait_until(lambda: not servers_down(self.node.php_log()), "it is used again")
            self.assertLess(time.time() - began, 2)


class IdleWebServer(FarmTestCase):
    """It has marked a server down that is well again, and then had no request for a while."""

    def visit(self, servers):
        """Leaves a session at 4, with an old copy elsewhere if there are more than two servers.
        Returns its visitor, and its server that is not marked down."""
        self.farm = self.start_farm(servers=servers, nodes=2, workers=1, url={"timeout": 0.3})
        self.busy, self.idle = self.farm.nodes
        visitor = Visitor()
        self.count(visitor, self.idle, 1)
        marked, other = [server for server in self.farm.servers if server.item(visitor.session_id)]
        marked.hang()
        self.count(visitor, self.idle, 2)
        marked.resume()
        self.assertEqual(len(servers_down(self.idle.php_log())), 1)
        self.count(visitor, self.busy, 3)
        self.count(visitor, self.busy, 4)
        time.sleep(3)
        return visitor, other

    def test_reads_what_others_wrote_where_the_other_server_hangs(self):
        visitor, other = self.visit(servers=3)
        other.hang()
        self.count(visitor, self.idle, 5)
        other.resume()
        self.count(visitor, self.busy, 6)

    def test_reads_what_others_wrote_where_the_other_server_restarts_empty(self):
        visitor, other = self.visit(servers=3)
        other.kill()
        other.start()
        self.count(visitor, self.idle, 5)

    def test_reads_what_others_wrote_where_the_other_of_two_servers_has_missed_it(self):
        visitor, other = self.visit(servers=2)
        other.hang()
        self.count(visitor, self.busy, 5)
        other.resume()
        self.count(visitor, self.idle, 6)


class ConnectionLimit(FarmTestCase):
    WORKERS = 14

    def assert_kept_connections_go_on(self, *options):
        # Each server has room for about half of the workers.
        with mock.patch.object(Server, "options", ("-c", "24", *options)):
            farm = self.start_farm(servers=2, nodes=1, workers=self.WORKERS,
                                   url={"timeout": 0.5, "retry_interval": RETRY_INTERVAL_S})
            node = farm.nodes[0]
            # Workers differ in the servers that they can use, so this is no failure of fewer than
            # R servers, and what the sessions hold is not asked.
            visitors = [Visitor() for _ in range(2 * self.WORKERS)]
            clicks = []
            for _ in range(12):
                clicks += in_parallel(len(visitors), lambda index: Click(visitors[index], node))
        good = sum(click.acknowledged for click in clicks)
        print(f"         {good} of {len(clicks)} requests with {' '.join(('-c 24', *options))}")
        self.assertGreater(good, len(clicks) // 2)
        return node.php_log()

    def test_connections_beyond_the_limit_are_closed_with_a_word(self):
        log = self.assert_kept_connections_go_on("-o", "maxconns_fast")
        self.assertTrue(any("it has as many connections as it may have" in line for line in log),
                        log)

    def test_connections_beyond_the_limit_wait(self):
        self.assert_kept_connections_go_on("-o", "no_maxconns_fast")
