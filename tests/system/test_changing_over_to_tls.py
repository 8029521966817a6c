"""A farm changes over from tcp:// to tls://, one web server after the other, and no click is lost.

Each memcached listens on port 11211 in the clear, and on 11212 for TLS. The steps are those of
docs/encryption.md.
"""

import signal

import pages
from load import Client, Load
from netns import PrivateNetworkTestCase, WiredFarm, WiredServer, run_in
from process import wait_until

CLICKERS = 10
PLAIN_PORT, TLS_PORT = 11211, 11212
PARAMETERS = "persistent=1&timeout=1&retry_interval=1"


class ServerOfBoth(WiredServer):
    """A memcached that listens in the clear and for TLS, at the ports of the page."""

    @property
    def interfaces(self):
        here = f"10.88.{self.number}.1"
        # 127.0.0.1 is where the test looks whether it is up.
        return f"127.0.0.1:{self.port},{here}:{TLS_PORT},notls:{here}:{PLAIN_PORT}"

    @interfaces.setter
    def interfaces(self, _):
        pass

    def entry(self, scheme, port):
        trust = f"&cafile={self._authority.path}" if scheme == "tls" else ""
        return f"{scheme}://10.88.{self.number}.1:{port}?{PARAMETERS}{trust}"


class ChangingOverToTls(PrivateNetworkTestCase):
    def start(self, strategy):
        self.strategy = strategy
        # The addresses are known before the servers are.
        plain = ",".join(f"tcp://10.88.{number}.1:{PLAIN_PORT}?{PARAMETERS}"
                         for number in (1, 2, 3))
        self.wired = WiredFarm(tls=True, server=ServerOfBoth, workers=CLICKERS,
                               control_timeout_s=20, ini={
                                   "session.save_path": plain, "memcache.hash_strategy": strategy})
        self.addCleanup(self.wired.close)
        self.farms.append(self.wired.farm)
        self.nodes = [self.wired.near, self.wired.far]
        self.clients = [Client() for _ in range(CLICKERS)]

    def change_over(self, node, port):
        """Writes the new save_path, and reloads php-fpm; returns when new workers serve."""
        node.configure({"session.save_path": ",".join(
            server.entry("tls", port) for server in self.wired.servers)})
        before = node.workers()
        node.php_fpm.send(signal.SIGUSR2)
        wait_until(lambda: node.workers() and not set(before) & set(node.workers()),
                   "php-fpm is reloaded")

    def assert_nothing_is_lost(self, load):
        self.assertEqual(load.refused(), [])
        for client in self.clients:
            for node in self.nodes:
                client.read(node)
        self.assertEqual(sum(client.account.lowest for client in self.clients), load.clicks)
        for node in self.nodes:
            self.assertEqual(node.php_log(), [])
        # Nobody speaks in the clear any more. The rule can hide the end of a worker from a server,
        # whose last bytes nobody acknowledges then: the second column.
        for server in self.wired.servers:
            plain = run_in(None, "ss", "-Htn", "state", "established", "src",
                           f"10.88.{server.number}.1:{PLAIN_PORT}")
            self.assertEqual([line for line in plain.splitlines() if line.split()[1] == "0"], [])
        print(f"         {load.clicks} clicks with {self.strategy}, 0 lost")

    def test_ports_that_the_kernel_exchanges_keep_each_session_at_its_place(self):
        self.start("consistent")
        rules = pages.block(pages.contents("docs/encryption.md"), "table ip sessions {")
        path = f"{self.wired.farm.folder}/rules"
        with open(path, "w", encoding="ascii") as file:
            file.write(self.at_our_addresses(rules))
        with Load(self.nodes, self.clients, threads=CLICKERS) as load:
            load.wait_for_round()
            for node, place in ((self.wired.far, self.wired.room), (self.wired.near, None)):
                load.visit([each for each in self.nodes if each is not node])
                run_in(place, "nft", "-f", path)
                self.change_over(node, PLAIN_PORT)
                load.visit(self.nodes)
                load.wait_for_round()
        self.assert_nothing_is_lost(load)

    @staticmethod
    def at_our_addresses(rules):
        for number in (1, 2, 3):
            rules = rules.replace(f"10.0.0.{number}", f"10.88.{number}.1")
        return rules

    def test_places_that_depend_on_the_order_alone_need_no_rule(self):
        self.start("standard")
        with Load(self.nodes, self.clients, threads=CLICKERS) as load:
            for node in self.nodes:
                load.wait_for_round()
                self.change_over(node, TLS_PORT)
            load.wait_for_round()
            load.wait_for_round()
        self.assert_nothing_is_lost(load)
