"""Servers that save_path calls by name. The web node has its own /etc and resolver."""

import os
import socket
import unittest.mock

from certificates import Authority
from etc import Etc
from farm import Farm
from load import Client, Load
from memcached import Server
from netns import PrivateNetworkTestCase, run_in, run_ip
from node import Node

SERVERS = 3
TIMEOUT_S = 1
WORKERS = 4
SESSIONS = 12


class NamedServer(Server):
    """A memcached called by a name. It listens on the last of its addresses only."""

    def __init__(self, folder, number, authority):
        self.subjects = (f"DNS:cache{number}",)
        self.addresses = [f"10.77.{number}.{host}" for host in (1, 2, 3)]
        self.listens_on = self.addresses[1]
        for address in self.addresses:
            run_ip("address", "add", f"{address}/32", "dev", "lo")
        super().__init__(folder, f"cache{number}", authority)

    @property
    def interfaces(self):
        # 127.0.0.1 too, because the test looks into the server from there.
        return f"127.0.0.1,{self.listens_on}"

    @property
    def address(self):
        return f"{self.name}:{self.port}"


class NameResolution(PrivateNetworkTestCase):
    def setUp(self):
        super().setUp()
        self.etc = Etc()
        self.addCleanup(self.etc.remove)
        authority = Authority(self.etc.folder) if self.tls else None
        self.servers = []
        for number in range(1, SERVERS + 1):
            self.servers.append(NamedServer(self.etc.folder, number, authority))
            self.addCleanup(self.servers[-1].kill)  # the server, which may have a new process then
        self.clients = [Client() for _ in range(SESSIONS)]

    def names(self, addresses_of):
        self.etc.names({server.name: addresses_of(server) for server in self.servers})

    def start_node(self, workers=WORKERS, url="persistent=1&retry_interval=1"):
        farm = Farm(servers=0, nodes=0, ini={"session.save_path": ",".join(
            server.url(f"timeout={TIMEOUT_S}&{url}") for server in self.servers)})
        self.addCleanup(farm.close)
        self.farms.append(farm)
        program = self.etc.started_with(os.environ.get("PHP_FPM", "php-fpm"))
        with unittest.mock.patch.dict(os.environ, {"PHP_FPM": program}):
            node = Node(farm, "A", farm.settings, workers, "static")
        farm.nodes.append(node)
        return node

    def click_all(self, node, rounds=5):
        clicks = [client.click(node) for _ in range(rounds) for client in self.clients]
        self.assertEqual([click for click in clicks if not click.acknowledged], [])
        return clicks

    def test_addresses_of_a_name_are_tried_in_order_until_one_answers(self):
        self.names(lambda server: server.addresses[:2])  # the first address refuses
        node = self.start_node()
        for click in self.click_all(node):
            self.assertLess(click.seconds, TIMEOUT_S / 2, click)
        self.assertEqual(node.php_log(), [])

    def test_address_that_swallows_packets_leaves_time_for_the_next(self):
        run_in(None, "nft", "add table inet firewall")
        run_in(None, "nft", "add chain inet firewall in { type filter hook input priority 0; }")
        for server in self.servers:
            run_in(None, "nft",
                   f"add rule inet firewall in ip daddr {server.addresses[0]} counter drop")
        self.names(lambda server: server.addresses[:2])
        node = self.start_node()
        clicks = self.click_all(node)
        slowest = max(click.seconds for click in clicks)
        self.assertGreater(slowest, TIMEOUT_S / 2 - 0.05, "the first address had its share of time")
        self.assertLess(slowest, 2 * TIMEOUT_S)
        self.assertEqual(node.php_log(), [])

    def test_changed_hosts_file_counts_for_new_connections(self):
        self.names(lambda server: server.addresses[1:2])
        node = self.start_node()
        with Load([node], self.clients) as load:
            for server in self.servers:
                load.wait_for_round()
                server.kill()
                server.listens_on = server.addresses[2]
                server.start()
                self.names(lambda each: [each.listens_on])
                load.settle()
        self.assertEqual(load.refused(), [])
        for client in self.clients:
            client.read(node)
            holders = [server for server in self.servers
                       if server.item(client.visitor.session_id)]
            self.assertGreaterEqual(len(holders), 2, "copies at the new addresses")

    def test_name_that_stops_resolving_is_a_server_that_is_down_until_it_resolves_again(self):
        self.names(lambda server: server.addresses[1:2])
        node = self.start_node(workers=1)
        self.click_all(node)
        self.etc.names({server.name: server.addresses[1:2] for server in self.servers[1:]})
        self.click_all(node)
        self.assertEqual(node.php_log(), [], "kept connections need no name")
        self.servers[0].kill()
        self.servers[0].start()
        with Load([node], self.clients) as load:
            load.wait_for_round()
            self.assertTrue(any("cache1" in line and "the host name was not resolved" in line
                                for line in node.php_log()), node.php_log())
            self.names(lambda server: server.addresses[1:2])
            load.settle()
        self.assertEqual(load.refused(), [])
        for client in self.clients:
            client.read(node)

    def test_silent_name_server_costs_each_name_the_timeout_and_the_next_request_nothing(self):
        # Nobody reads this socket. The resolver by itself would wait for 5 s, twice.
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silent.close)
        silent.bind(("127.0.0.1", 53))
        self.etc.names({"cache1": self.servers[0].addresses[1:2]})
        node = self.start_node(workers=1, url="persistent=0&retry_interval=60")
        first, *others = self.click_all(node)
        self.assertGreater(first.seconds, 2 * TIMEOUT_S - 0.2, "two names were asked for")
        self.assertLess(first.seconds, 2 * TIMEOUT_S + 2)
        for click in others:
            self.assertLess(click.seconds, TIMEOUT_S / 2, click)
        lines = node.php_log()
        self.assertEqual(sum("the host name was not resolved" in line for line in lines), 2)
        print(f"         {first.seconds:.2f} s for two names that nobody resolves")
