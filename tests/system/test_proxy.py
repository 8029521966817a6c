"""Sessions behind a proxy: twemproxy (nutcracker), and a double of magent."""

import json
import os
import re
import subprocess
import tempfile
import textwrap
import time

from case import FarmTestCase
from counters import Counters
from load import Click, Client, Load
from proxies import NUTCRACKER_RETRY_MS, ProxiedServers
from visitor import Visitor

DOCUMENTATION = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             "../../docs/memcached-proxy.md")
CLIENTS = 10
PROCESSES = 4
AWAY_S = 0.3
RETRY_INTERVAL_S = 1
UNKNOWN_PARAMETER = "persistent=1&timeout=0.5&retry_interval=0"


class ProxyTestCase(FarmTestCase):
    def start_servers(self):
        self.proxied = ProxiedServers(2)
        self.addCleanup(self.proxied.close)

    def start_web_servers(self, proxies, parameters=None, **ini):
        path = self.proxied.save_path(proxies, *[parameters] if parameters else [])
        self.farm = self.start_farm(servers=0, nodes=2, ini={"session.save_path": path, **ini})
        self.nodes = self.farm.nodes

    def read_all(self, clients):
        for client in clients:
            for node in self.nodes:
                client.read(node)

    def click_through(self, *failures):
        """Visitors click during one failure after the other, and no click fails."""
        clients = [Client() for _ in range(CLIENTS)]
        with Load(self.nodes, clients) as load:
            load.wait_for_round()
            for fail in failures:
                fail()
                # The first click may have begun earlier.
                load.wait_for_round()
                load.wait_for_round()
        self.assertEqual(load.refused(), [])
        self.read_all(clients)

    def restart_in_turn(self, proxies):
        for proxy in proxies:
            proxy.kill()
            time.sleep(AWAY_S)
            proxy.start()
            time.sleep(RETRY_INTERVAL_S + 0.2)


class Magent(ProxyTestCase):
    """One command at a time, and a copy on the backup."""

    def start(self, magents=1, **ini):
        self.start_servers()
        self.magents = [self.proxied.start_magent() for _ in range(magents)]
        self.start_web_servers(self.magents, **ini)

    def assert_understood(self):
        self.assertEqual(self.proxied.complaints(), [])

    def test_visitors_click_on_when_the_main_server_dies(self):
        self.start()
        self.click_through(self.proxied.servers[0].kill, lambda: time.sleep(1))
        self.assert_understood()

    def test_visitors_click_on_when_the_backup_server_dies(self):
        self.start()
        self.click_through(self.proxied.servers[1].kill)
        self.assert_understood()

    def test_processes_adding_at_once_lose_nothing_when_the_main_server_dies(self):
        self.start()
        counters = Counters(self.farm, self.nodes[0], 3, [5] * PROCESSES)
        self.addCleanup(counters.end)
        counters.wait_for_rounds(3)
        self.proxied.servers[0].kill()
        counters.wait_for_rounds(3)
        acknowledged, refused, unopened = counters.check(self)
        self.assertGreater(acknowledged, 6 * PROCESSES)
        self.assertEqual((refused, unopened), (0, 0))
        self.assert_understood()

    def test_visitors_click_on_when_one_of_two_proxies_dies(self):
        self.start(magents=2)
        self.click_through(lambda: self.restart_in_turn(self.magents))
        self.assert_understood()

    def test_dead_main_server_returns_as_the_backup_and_serves_when_the_other_dies(self):
        self.start(magents=2)
        servers = self.proxied.servers

        def exchange_roles():
            servers.reverse()
            self.restart_in_turn(self.magents)
            servers[1].start()
        self.click_through(servers[0].kill, exchange_roles, lambda: servers[0].kill())
        self.assert_understood()

    def test_all_that_a_session_goes_through_is_understood(self):
        self.start(**{"memcache.compress_threshold": 1000})
        visitor = Visitor()
        first, second = self.nodes
        self.session(visitor, first, "set[user]=ann&set[text]=" + "t" * 5000)
        _, state = self.session(visitor, second, "read_only=1")
        self.assertEqual(state["session"], {"user": "ann", "text": "t" * 5000})
        self.session(visitor, second)
        _, state = self.session(visitor, first, "destroy=1")
        self.assertTrue(state["destroyed"])
        _, state = self.session(visitor, second)
        self.assertEqual(state["session"], [])
        self.assert_understood()

    def test_taken_for_memcached_it_fails_visibly_and_the_warning_names_the_parameter(self):
        self.start_servers()
        self.magents = [self.proxied.start_magent()]
        self.start_web_servers(self.magents, UNKNOWN_PARAMETER)
        click = Click(Visitor(), self.nodes[0])
        self.assertFalse(click.state["started"])
        self.assertIn("proxy=1", click.state["messages"][0])
        self.assertNotEqual(self.proxied.complaints(), [], "the double takes whatever comes")


class Nutcracker(ProxyTestCase):
    """One copy, on one of two servers."""

    def start(self, auto_eject_hosts=False, nutcrackers=1, parameters=None):
        self.start_servers()
        self.nutcrackers = [self.proxied.start_nutcracker(auto_eject_hosts)
                            for _ in range(nutcrackers)]
        self.start_web_servers(self.nutcrackers, parameters)

    def login(self, count):
        """Returns visitors whose sessions have their names."""
        visitors = [Visitor() for _ in range(count)]
        for number, visitor in enumerate(visitors):
            self.session(visitor, self.nodes[number % 2], f"set[owner]=visitor-{number}")
        return visitors

    def see(self, visitors):
        """Returns the content of each visitor's session, or None if it could not be opened."""
        seen = []
        for number, visitor in enumerate(visitors):
            answer = visitor.get(self.nodes[number % 2], "session.php?")
            state = json.loads(answer.body.strip().rsplit("\n", 1)[-1])
            seen.append(state["session"] if state["started"] else None)
        return seen

    def servers_of(self, visitors):
        """Returns for each visitor the number of the server that has the session."""
        found = []
        for visitor in visitors:
            found.append([bool(server.ask(f"get {visitor.session_id}"))
                          for server in self.proxied.servers].index(True))
        self.assertEqual(set(found), {0, 1}, "one of the servers has no session")
        return found

    def test_a_hung_server_costs_its_sessions_the_outage_and_the_others_nothing(self):
        self.start()
        hung = self.proxied.servers[0]
        visitors = self.login(16)
        servers = self.servers_of(visitors)
        hung.hang()
        seen = self.see(visitors)
        for number, server in enumerate(servers):
            self.assertIn(seen[number], [None] if server == 0 else
                          # The lock may be on the other server.
                          [None, {"owner": f"visitor-{number}"}])
        self.assertTrue(any(session is not None for session in seen), seen)
        hung.resume()
        time.sleep(NUTCRACKER_RETRY_MS / 1000 + 0.2)
        self.assertEqual(self.see(visitors),
                         [{"owner": f"visitor-{number}"} for number in range(len(visitors))])

    def test_without_ejection_sessions_of_a_dead_server_fail_visibly(self):
        self.start()
        visitors = self.login(16)
        servers = self.servers_of(visitors)
        self.proxied.servers[0].kill()
        for _ in range(2):
            for number, session in enumerate(self.see(visitors)):
                if servers[number] == 0:
                    self.assertIsNone(session)
                elif session is not None:
                    self.assertEqual(session, {"owner": f"visitor-{number}"})
        click = Click(visitors[servers.index(0)], self.nodes[0])
        self.assertIn('it said "SERVER_ERROR Connection refused"', click.state["messages"][0])
        self.assertEqual(click.answer.set_cookies, {}, "the cookie was not kept")

    def test_with_ejection_sessions_of_a_dead_server_begin_anew_and_none_is_anothers(self):
        self.start(auto_eject_hosts=True)
        visitors = self.login(16)
        servers = self.servers_of(visitors)
        self.proxied.servers[0].kill()
        owners = [{"owner": f"visitor-{number}"} for number in range(len(visitors))]
        self.see(visitors)  # the first requests after that fail
        seen = self.see(visitors)
        for number, server in enumerate(servers):
            self.assertIn(seen[number], [None, owners[number]] if server == 1 else [None, []])
        self.assertIn([], seen, "nothing went over to the other server")

    def test_visitors_click_on_when_one_of_two_proxies_dies(self):
        self.start(nutcrackers=2)
        self.click_through(lambda: self.restart_in_turn(self.nutcrackers))

    def test_processes_adding_at_once_lose_nothing(self):
        self.start()
        counters = Counters(self.farm, self.nodes[0], 3, [2] * PROCESSES)
        self.addCleanup(counters.end)
        counters.wait_for_rounds(5)
        acknowledged, refused, unopened = counters.check(self)
        self.assertGreater(acknowledged, 5 * PROCESSES)
        self.assertEqual((refused, unopened), (0, 0))

    def test_configuration_in_the_documentation_is_one(self):
        with open(DOCUMENTATION, encoding="utf-8") as file:
            conf = re.search(r"nutcracker\.yml.*?:\n\n((?:    .*\n)+)", file.read())[1]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(textwrap.dedent(conf))
            file.flush()
            tested = subprocess.run(["nutcracker", "-t", "-c", file.name], capture_output=True,
                                    text=True, check=False)
        self.assertIn("syntax is ok", tested.stdout + tested.stderr)

    def test_without_the_parameter_one_request_after_the_other_is_served(self):
        self.start(parameters="persistent=1&timeout=1")
        clients = [Client() for _ in range(CLIENTS)]
        for turn in range(4):
            for client in clients:
                self.assertTrue(client.click(self.nodes[turn % 2]).acknowledged)
        self.read_all(clients)
