"""Two servers that replicate to each other, one copy by this extension, and two web servers."""

import socket
import threading
import time

from case import FarmTestCase, in_parallel
from farm import Node
from load import Click, Client, Load
from process import wait_until
from replicating_pair import ReplicatingPair

SESSIONS = 16
REQUESTS = 8
RETRY_INTERVAL_S = 1
LEASE_S = 2
LATE_MS = 3000
ONE_COPY = {"memcache.session_redundancy": 1, "memcache.allow_failover": 1}


def save_path(servers, weights=(1, 1)):
    return ",".join(
        f"tcp://{server.address}?persistent=1&timeout=1&retry_interval={RETRY_INTERVAL_S}"
        f"&weight={weight}" for server, weight in zip(servers, weights))


def value_on(server, client, key_end=""):
    """The session as a server has it, or None."""
    lines = server.ask(f"get {client.visitor.session_id}{key_end}")
    return lines[1] if lines else None


def count_on(server, client):
    value = value_on(server, client)
    return None if value is None else int(value.removeprefix("count|i:").removesuffix(";"))


def store(server, key, flags, value):
    """Stores an item from outside."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(f"set {key} {flags} 0 {len(value)}\r\n{value}\r\n".encode())
        return connection.recv(100)


class ReplicatingServersTestCase(FarmTestCase):
    tls = False  # repcached has no TLS

    def start_pair(self, **options):
        self.pair = ReplicatingPair(**options)
        self.addCleanup(self.pair.close)

    def start_web_servers(self, **settings):
        self.nodes = self.start_farm(servers=0, nodes=2, ini={
            **ONE_COPY, "session.save_path": save_path(self.pair.servers), **settings}).nodes

    def click(self, client, node):
        click = client.click(node)
        self.assertTrue(click.acknowledged, click)
        return click


class FailingNodes(ReplicatingServersTestCase):
    def setUp(self):
        super().setUp()
        self.start_pair()

    def test_each_node_killed_and_back_costs_no_visit(self):
        self.start_web_servers()
        clients = [Client() for _ in range(SESSIONS)]
        kills = []
        with Load(self.nodes, clients) as load:
            load.wait_for_round()
            for server in self.pair.servers:
                began = time.time()
                server.kill()
                kills.append((began, time.time()))
                load.wait_for_round()
                time.sleep(RETRY_INTERVAL_S)  # so that it is tried again in vain
                load.wait_for_round()
                server.start()
                load.settle()
        for click in load.refused():
            self.assertTrue(any(click.overlaps(*kill) for kill in kills),
                            f"a warning although a node answered: {click}")
        log = "".join(line for node in self.nodes for line in node.php_log())
        for server in self.pair.servers:
            self.assertIn(f"{server.address} is down", log, "it was somebody's first node")
        for client in clients:
            for node in self.nodes:
                client.read(node)
            for server in self.pair.servers:
                wait_until(lambda on=(server, client): count_on(*on) == on[1].account.lowest and
                           value_on(*on, ".lock") is None, "both nodes have what was acknowledged")

    def test_request_that_is_open_when_its_node_is_killed_is_refused_and_costs_a_lease(self):
        victim = self.pair.servers[0]
        self.start_web_servers(**{
            "session.save_path": save_path(self.pair.servers, (1000, 1)),
            "memcache.lock_timeout": LEASE_S})
        clients = [Client() for _ in range(REQUESTS)]
        for client in clients:
            self.click(client, self.nodes[0])
        killing = threading.Timer(0.3, victim.kill)
        killing.start()
        clicks = in_parallel(REQUESTS, lambda i: clients[i].click(self.nodes[i % 2], "work_ms=600"))
        killing.join()
        refused = [click for click in clicks if not click.acknowledged]
        self.assertGreater(len(refused), 0)
        for click in refused:
            self.assertTrue(click.state["started"], click)
            self.assertIn("no server of its set replied", click.state["messages"][0])
        # The other node also has the lock of the refused request.
        reads = in_parallel(REQUESTS, lambda i: clients[i].read(self.nodes[(i + 1) % 2]))
        for read in reads:
            self.assertLess(read.seconds, LEASE_S + 2, read)
        for client in clients:
            self.click(client, self.nodes[0])


class OldCommands(ReplicatingServersTestCase):
    def test_nothing_is_sent_that_the_servers_do_not_understand(self):
        self.start_pair()
        self.start_web_servers()
        client = Client()
        for node in self.nodes:
            self.click(client, node)
            client.read(node)
        self.assertTrue(self.session(client.visitor, self.nodes[0], "destroy=1")[1]["destroyed"])
        self.assertEqual([server.refused() for server in self.pair.servers], [[], []])

    def test_sessions_that_are_only_read_live_on_where_touch_is_not_known(self):
        self.start_pair(touch=False)
        lifetime = 3
        self.start_web_servers(**{"session.gc_maxlifetime": lifetime})
        client = Client()
        self.click(client, self.nodes[0])
        end = time.time() + lifetime + 1.5
        while time.time() < end:
            client.read(self.nodes[0])
            client.read(self.nodes[1])
            time.sleep(0.2)
        refused = sum((server.refused() for server in self.pair.servers), [])
        self.assertGreater(len(refused), 0)
        self.assertEqual({line.split()[0] for line in refused}, {"touch"})

    def test_flags_that_are_shown_as_a_negative_number_are_understood(self):
        self.start_pair()
        self.start_web_servers()
        client = Client()
        self.click(client, self.nodes[0])
        for server in self.pair.servers:
            store(server, client.visitor.session_id, 40000 << 16, "count|i:1;")
            self.assertIn(" -", server.ask(f"get {client.visitor.session_id}")[0])
        client.read(self.nodes[0])
        self.click(client, self.nodes[0])

    def test_session_that_has_been_stored_ever_so_often_is_still_passed_on(self):
        self.start_pair()
        self.start_web_servers()
        client = Client()
        self.click(client, self.nodes[0])
        for server in self.pair.servers:
            store(server, client.visitor.session_id, 32767 << 16, "count|i:1;")
        self.click(client, self.nodes[0])
        wait_until(lambda: all(count_on(server, client) == 2 for server in self.pair.servers),
                   "both nodes have the second count")


class FirstNode(ReplicatingServersTestCase):
    """The node that a web server uses first for a session must be the same on all of them."""

    def agreements(self, farm, strategy, weights=((1, 1), (1, 1)), turned=False):
        """Counts the sessions for which two web servers use the same node first.

        The servers here do not replicate, so that the test sees where a session is written.
        """
        nodes = []
        for name in ("one", "other"):
            servers = farm.servers[::-1] if turned and nodes else farm.servers
            nodes.append(Node(farm, f"{name}-{len(farm.nodes)}", {
                **farm.settings, "memcache.session_hash_strategy": strategy,
                "session.save_path": save_path(servers, weights[len(nodes)])}, 1, "static"))
            farm.nodes.append(nodes[-1])
        agreed = 0
        for _ in range(SESSIONS):
            client = Client()
            self.click(client, nodes[0])
            before = [count_on(server, client) for server in farm.servers]
            self.assertIn(None, before)
            self.click(client, nodes[1])
            agreed += before.index(1) == [
                count_on(server, client) for server in farm.servers].index(2)
        return agreed

    def test_equal_lists_agree_and_other_weights_and_orders_may_not(self):
        farm = self.start_farm(servers=2, nodes=0, ini=ONE_COPY)
        for strategy in ("consistent", "standard", "ketama", "modula"):
            with self.subTest(strategy=strategy):
                self.assertEqual(self.agreements(farm, strategy), SESSIONS)
        self.assertEqual(self.agreements(farm, "consistent", turned=True), SESSIONS)
        self.assertEqual(self.agreements(farm, "standard", turned=True), 0)
        self.assertLess(self.agreements(farm, "consistent", ((1000, 1), (1, 1000))), SESSIONS / 2)

    def start_late_pair(self, *weights):
        """A pair that takes seconds to pass on a change, and web servers with these weights."""
        self.start_pair(delay_ms=LATE_MS)
        farm = self.start_farm(servers=0, nodes=0, ini=ONE_COPY)
        for number, both in enumerate(weights):
            farm.nodes.append(Node(farm, f"web{number}", {
                **farm.settings, "session.save_path": save_path(self.pair.servers, both)},
                1, "static"))
        self.nodes = farm.nodes

    def client_on_first(self):
        """A session of which node 1 is the first for web server 0, when both nodes have it."""
        while True:
            client = Client()
            self.click(client, self.nodes[0])
            if count_on(self.pair.servers[0], client) == 1:
                wait_until(lambda: count_on(self.pair.servers[1], client) == 1, "it is passed on")
                return client

    def test_same_node_first_sees_every_update(self):
        self.start_late_pair((1, 1), (1, 1))
        client = self.client_on_first()
        for node in self.nodes * 2:
            self.click(client, node)
        self.assertEqual([count_on(server, client) for server in self.pair.servers], [5, 1])

    def test_own_node_first_loses_updates_that_are_not_passed_on_yet(self):
        self.start_late_pair((1000, 1), (1, 1000))
        client = self.client_on_first()
        self.click(client, self.nodes[0])
        self.assertEqual(Click(client.visitor, self.nodes[1]).count, 2, "not 3")

    def test_update_that_is_not_passed_on_dies_with_its_node_and_the_session_does_not(self):
        self.start_late_pair((1, 1))
        client = self.client_on_first()
        self.click(client, self.nodes[0])
        self.pair.servers[0].kill()
        self.assertEqual(Click(client.visitor, self.nodes[0]).count, 2, "not 3, and not 1")


class LeavingThem(ReplicatingServersTestCase):
    def test_plain_servers_with_two_copies_take_over_without_a_logout(self):
        self.start_pair()
        self.start_web_servers()
        clients = [Client() for _ in range(SESSIONS)]
        for client in clients:
            self.click(client, self.nodes[0])
        plain = self.start_farm(servers=2, nodes=0)
        both = save_path(plain.servers + self.pair.servers, (1000, 1000, 1, 1))
        for name, path in (("between", both), ("after", plain.settings["session.save_path"])):
            node = Node(plain, name, {**plain.settings, "session.save_path": path}, 1, "static")
            plain.nodes.append(node)
            for client in clients:
                self.click(client, node)
        for client in clients:
            self.assertEqual([count_on(server, client) for server in plain.servers], [3, 3])
