"""The network fails between one web node and some servers; the other node reaches all."""

import time

from load import Click, Client, Load
from netns import PrivateNetworkTestCase, WiredFarm

TIMEOUT_S = 1
SESSIONS = 12
# The time until the far node goes on without the server.
CUT_S = 1.5
# The time until every worker has a connection to every server. A new connection takes longer than a
# hiccup, because the system repeats its first packet only after a second.
ROUNDS_UNTIL_CONNECTED = 5


class Partition(PrivateNetworkTestCase):
    def setUp(self):
        super().setUp()
        self.wired = WiredFarm(url=f"persistent=1&timeout={TIMEOUT_S}&retry_interval=1",
                               tls=self.tls)
        self.addCleanup(self.wired.close)
        self.farms.append(self.wired.farm)
        self.nodes = [self.wired.near, self.wired.far]
        self.clients = [Client() for _ in range(SESSIONS)]

    def click_through(self, fail, repair):
        """All sessions are written on both nodes while each server in turn fails for the far."""
        moments = []
        with Load(self.nodes, self.clients) as load:
            load.wait_for_round()
            for server in self.wired.servers:
                began = time.time()
                fail(server)
                moments.append((began, time.time()))
                time.sleep(CUT_S)
                load.wait_for_round()
                repair(server)
                load.settle()
                self.assertTrue(any(f"{server.address} is down" in line
                                    for line in self.wired.far.php_log()), "the far node noticed")
        for click in load.refused():
            self.assertTrue(any(click.overlaps(*moment) for moment in moments),
                            f"a warning although a copy answered: {click}")
        self.assertEqual(self.wired.near.php_log(), [], "the near node noticed nothing")
        for client in self.clients:
            for node in self.nodes:
                client.read(node)

    def test_server_cut_off_from_one_node_loses_nothing(self):
        self.click_through(self.wired.cut, self.wired.mend)

    def test_server_whose_answers_to_one_node_are_lost_loses_nothing(self):
        self.click_through(self.wired.lose_answers, self.wired.find_answers)

    def test_hiccup_of_one_nodes_network_loses_nothing(self):
        def hiccup(server):
            self.wired.cut(server)
            time.sleep(0.5 * TIMEOUT_S)
            self.wired.mend(server)
        with Load(self.nodes, self.clients) as load:
            for _ in range(ROUNDS_UNTIL_CONNECTED):
                load.wait_for_round()
            for server in self.wired.servers:
                load.wait_for_round()
                hiccup(server)
                load.settle()
            self.assertEqual(load.refused(), [])

    def clients_with_a_copy_on(self, server, wanted, count):
        """`count` clients whose session has a copy there, or has none."""
        clients = []
        while len(clients) < count:
            client = Client()
            for node in self.nodes:
                self.assertTrue(client.click(node).acknowledged)
            if bool(server.ask(f"get {client.visitor.session_id}")) == wanted:
                clients.append(client)
        return clients

    def test_node_cut_off_from_both_copies_fails_visibly_and_the_other_goes_on(self):
        seen_server = self.wired.servers[2]
        unreachable = self.clients_with_a_copy_on(seen_server, False, 2)
        reachable = self.clients_with_a_copy_on(seen_server, True, 2)
        for server in self.wired.servers[:2]:
            self.wired.cut(server)
        for client in unreachable:
            click = Click(client.visitor, self.wired.far, "read=1")
            self.assertIs(click.state["started"], False, click)
            self.assertTrue(click.state["messages"], click)
            self.assertEqual(click.answer.set_cookies, {}, "the visitor must keep the cookie")
            # First the servers of the session, then those that may have it too.
            self.assertLess(click.seconds, 2 * TIMEOUT_S + 0.3, click)
        for client in reachable:
            client.read(self.wired.far)
        for client in unreachable + reachable:
            client.click(self.wired.near)
        for server in self.wired.servers[:2]:
            self.wired.mend(server)
        # While it does not use both, the two nodes have no server in common for a lock.
        with Load([self.wired.far], [Client() for _ in range(SESSIONS)]) as load:
            load.settle()
        with Load(self.nodes, unreachable + reachable) as load:
            load.settle()
        self.assertEqual(load.refused(), [])
