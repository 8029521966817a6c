"""Sessions destroyed while a server that has them hangs: they do not come back with it."""

import time

from case import FarmTestCase
from load import Click
from sessions import clients_on
from visitor import Visitor

TIMEOUT_S = 0.5
RETRY_INTERVAL_S = 1
SESSIONS = 60


class Destroyed(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(
            servers=3, nodes=1, url={"timeout": TIMEOUT_S, "retry_interval": RETRY_INTERVAL_S})
        self.node = self.farm.nodes[0]
        self.victim = self.farm.servers[0]
        self.clients = clients_on(self.farm, self.victim, SESSIONS)
        for client in self.clients:
            client.click(self.node)

    def holders(self, client):
        """Counts the servers that have the session; tombstones do not count."""
        key = client.visitor.session_id
        return sum(any(line.startswith("count|") for line in server.ask(f"get {key}"))
                   for server in self.farm.servers)

    def come_back(self):
        """Returns the sessions that an old cookie still finds."""
        found = []
        for client in self.clients:
            visitor = Visitor(client.visitor.cookies)
            click = Click(visitor, self.node, "read=1")
            self.assertTrue(click.acknowledged, click)
            if click.count != 0 or visitor.session_id == client.visitor.session_id:
                found.append(click)
        return found

    def test_sixty_sessions_destroyed_while_their_first_server_hangs_stay_destroyed(self):
        self.victim.hang()
        for client in self.clients:
            click = Click(client.visitor.tab(), self.node, "destroy=1")
            self.assertTrue(click.acknowledged, click)
        self.victim.resume()
        self.assertEqual([self.holders(client) for client in self.clients], [1] * SESSIONS,
                         "the old copies are there")
        self.assertEqual(self.come_back(), [], "at once")
        time.sleep(RETRY_INTERVAL_S + 0.2)
        self.assertEqual(self.come_back(), [], "when the server is used again")
