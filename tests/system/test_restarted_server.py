"""A server that was restarted empty gets its copies again, so that the next one may die."""

from case import FarmTestCase
from load import Load, servers_down
from process import wait_until
from sessions import clients_on

SESSIONS = 60


class RestartedServer(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(servers=3, nodes=1, url={"retry_interval": 1})
        self.node = self.farm.nodes[0]
        self.restarted = self.farm.servers[0]
        self.clients = clients_on(self.farm, self.restarted, SESSIONS)
        for client in self.clients:
            client.click(self.node)

    def use_it_again(self):
        """Reads only until the node uses the restarted server."""
        def up():
            self.clients[0].read(self.node)
            return not servers_down(self.node.php_log())
        wait_until(up, "the restarted server is used", 5)

    def assert_others_may_die(self):
        self.assertGreaterEqual(self.restarted.sessions(), SESSIONS)
        for other in self.farm.servers[1:]:
            other.kill()
            for client in self.clients:
                client.read(self.node)
                client.click(self.node)
                client.read(self.node)
            other.start()
            with Load([self.node], self.clients, threads=2) as load:
                load.settle()

    def test_sixty_sessions_written_since_the_restart_outlive_the_next_server(self):
        self.restarted.kill()
        for client in self.clients:
            client.click(self.node)
        self.restarted.start()
        self.use_it_again()
        for client in self.clients:
            client.click(self.node)
        self.assert_others_may_die()

    def test_sixty_sessions_only_read_since_the_restart_outlive_the_next_server(self):
        self.restarted.kill()
        self.restarted.start()
        for client in self.clients:
            client.read(self.node)
        self.assert_others_may_die()
