"""A server hangs: it accepts connections, does not answer, and later runs all its commands."""

import threading
import time

from case import FarmTestCase, in_parallel
from load import Account, Click, Client, servers_down
from process import wait_until
from sessions import clients_on

TIMEOUT_S = 0.5
RETRY_INTERVAL_S = 2
OUTAGE_S = 2 * RETRY_INTERVAL_S + 1
WORKERS = 8
SESSIONS = 60
# The time that a request may take beyond the timeout.
OVERHEAD_S = 0.2
# A lock that nobody holds is examined after a second, by a request that polls every 50 ms. Its own
# php-fpm knows at once that nobody holds it.
ORPHAN_S = 1


class HungServer(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(
            servers=3, nodes=1, workers=WORKERS,
            url={"timeout": TIMEOUT_S, "retry_interval": RETRY_INTERVAL_S})
        self.node = self.farm.nodes[0]
        self.victim = self.farm.servers[0]

    def click_until(self, clients, end):
        """All workers are busy with clicks until then, and each client clicks at least once."""
        clicks = []
        guard = threading.Lock()

        def run(worker):
            first = True
            while first or time.monotonic() < end:
                for client in clients[worker::WORKERS]:
                    click = client.click(self.node)
                    with guard:
                        clicks.append(click)
                first = False
        in_parallel(WORKERS, run)
        return clicks

    def test_sixty_sessions_are_written_through_the_outage_and_never_stale(self):
        clients = clients_on(self.farm, self.victim, SESSIONS)
        self.click_until(clients, 0)  # writes the second copies
        self.victim.hang()
        clicks = self.click_until(clients, time.monotonic() + OUTAGE_S)
        self.assertEqual([click for click in clicks if not click.acknowledged], [])
        self.victim.resume()
        for client in clients:
            client.read(self.node)
        # Requests of other sessions bring the server back into use.
        wait_until(lambda: Client().click(self.node) and not servers_down(self.node.php_log()),
                   "the server is used again")
        for read_or_click in (Client.read, Client.click, Client.read):
            in_parallel(len(clients), lambda index, call=read_or_click: call(clients[index],
                                                                             self.node))

        slowest = max(clicks, key=lambda click: click.seconds)
        self.assertLess(slowest.seconds, TIMEOUT_S + OVERHEAD_S, slowest)
        self.assert_nobody_waits_for_a_server_that_was_found_hung(clicks)

    def assert_nobody_waits_for_a_server_that_was_found_hung(self, clicks):
        # A request that waited for the server found it hung at the end of its wait.
        waited = [click for click in clicks if click.state["start_seconds"] > TIMEOUT_S / 2]
        self.assertGreater(len(waited), 0, "somebody finds out")
        found_hung = min(click.state["began"] + click.state["start_seconds"] for click in waited)
        later = [click for click in waited if click.state["began"] > found_hung]
        self.assertEqual(later, [], "probes are at the cost of no request")

    def test_request_that_was_open_when_its_server_hung_is_stored_within_the_timeout(self):
        clients = clients_on(self.farm, self.victim, WORKERS)
        self.click_until(clients, 0)
        hanging = threading.Timer(0.2, self.victim.hang)
        hanging.start()
        clicks = in_parallel(WORKERS, lambda index: clients[index].click(self.node, "work_ms=400"))
        hanging.join()
        self.assertEqual([click for click in clicks if not click.acknowledged], [])
        for click in clicks:
            self.assertLess(click.state["close_seconds"], TIMEOUT_S + OVERHEAD_S, click)


class Replay(FarmTestCase):
    """A server that continues runs commands of connections that are closed."""

    RETRY_INTERVAL_S = 1

    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(
            servers=3, nodes=2, workers=WORKERS,
            url={"timeout": TIMEOUT_S, "retry_interval": self.RETRY_INTERVAL_S})
        self.node = self.farm.nodes[0]
        self.victim = self.farm.servers[0]
        self.clients = clients_on(self.farm, self.victim, WORKERS)

    def click_all(self, query=""):
        clicks = in_parallel(len(self.clients),
                             lambda index: self.clients[index].click(self.node, query))
        self.assertEqual([click for click in clicks if not click.acknowledged], [])
        return clicks

    def use_victim_again(self):
        """Requests of other sessions probe it; over TLS that takes some of them."""
        wait_until(lambda: Client().click(self.node) and not servers_down(self.node.php_log()),
                   "the server is used again")

    def on_victim(self, client, key_end=""):
        """The value that the victim has, or None."""
        lines = self.victim.ask(f"get {client.visitor.session_id}{key_end}")
        return lines[1] if lines else None

    def test_late_locks_cost_nothing_in_their_php_fpm_and_about_a_second_elsewhere(self):
        self.click_all("work_ms=200")  # all at once: each worker has a connection of its own
        self.victim.hang()
        self.click_all()  # each worker sends it an `add` of the lock, and gives up
        self.victim.resume()
        wait_until(lambda: all(self.on_victim(client, ".lock") for client in self.clients),
                   "the late locks stand", 2)
        self.use_victim_again()
        self.clients[0].click(self.node)
        half = len(self.clients) // 2
        clicks = in_parallel(len(self.clients), lambda index: self.clients[index].click(
            self.farm.nodes[index >= half]))
        for click in clicks[1:half]:
            self.assertLess(click.seconds, OVERHEAD_S)
        for click in clicks[half:]:
            self.assertGreater(click.seconds, ORPHAN_S, "the lock was in the way")
            self.assertLess(click.seconds, ORPHAN_S + 0.1 + OVERHEAD_S)
        for client in self.clients:
            self.assertIsNone(self.on_victim(client, ".lock"))
            client.read(self.node)

    def test_late_stores_overwrite_nothing(self):
        self.click_all()
        hanging = threading.Timer(0.15, self.victim.hang)
        hanging.start()
        late = [f"count|i:{click.count};" for click in self.click_all("work_ms=300")]
        hanging.join()
        self.click_all()
        self.victim.resume()
        wait_until(lambda: [self.on_victim(client) for client in self.clients] == late,
                   "the late stores are run", 2)
        for client in self.clients:
            client.read(self.node)
        self.use_victim_again()
        for client in self.clients:
            client.read(self.node)
        self.click_all()
        for client in self.clients:
            self.assertEqual(self.on_victim(client), f"count|i:{client.account.lowest};")


class BothInTurn(FarmTestCase):
    """One server of a session hangs, and later both at once."""

    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(
            servers=3, nodes=1, workers=2, url={"timeout": TIMEOUT_S, "retry_interval": 1},
            ini={"session.use_strict_mode": 0})  # a login keeps the id, and so the servers
        self.node = self.farm.nodes[0]
        self.client = Client()

    def item_on(self, server):
        return server.item(self.client.visitor.session_id)

    def click(self):
        click = self.client.click(self.node)
        self.assertTrue(click.acknowledged, click)

    def servers_of_session(self):
        """Its first servers, and the stand-in."""
        firsts = [server for server in self.farm.servers if self.item_on(server)]
        stand_in, = set(self.farm.servers) - set(firsts)
        return firsts, stand_in

    def outage(self, servers, query=""):
        """They hang during one request of the session, which is returned."""
        for server in servers:
            server.hang()
        click = Click(self.client.visitor, self.node, query) if query else (
            self.client.click(self.node))
        for server in servers:
            server.resume()
        wait_until(lambda: Client().click(self.node) and not servers_down(self.node.php_log()),
                   "the servers are used again")
        return click

    def test_old_copy_on_a_stand_in_is_not_served_when_both_first_servers_hang_later(self):
        self.click()
        firsts, stand_in = self.servers_of_session()
        self.assertTrue(self.outage(firsts[:1]).acknowledged)
        self.assertIsNotNone(self.item_on(stand_in), "it stands in")
        self.click()
        self.click()
        self.assertIsNone(self.item_on(stand_in), "its copy is removed")
        self.assertFalse(self.outage(firsts).state["started"])
        self.click()
        self.assertEqual(self.item_on(firsts[0]), self.item_on(firsts[1]))

    def test_tombstone_on_a_stand_in_makes_no_empty_session_then(self):
        self.click()
        firsts, stand_in = self.servers_of_session()
        self.assertTrue(self.outage(firsts[:1], "destroy=1").acknowledged)
        self.assertIsNotNone(self.item_on(stand_in), "the tombstone")
        self.client.account = Account()  # a login under the same id
        self.click()
        self.assertFalse(self.outage(firsts).state["started"])
        self.click()
