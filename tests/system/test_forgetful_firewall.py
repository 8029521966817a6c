"""A firewall that forgets connections: it drops their packets silently, and new ones work."""

import socket
import struct
import threading

from load import Client, Load
from netns import PrivateNetworkTestCase, WiredFarm, run_in
from process import FarmError

TIMEOUT_S = 1.5
SESSIONS = 8
WORKERS = 4
# A dead connection may cost a third of the timeout, and the request itself.
DEAD_S = TIMEOUT_S / 3 + 0.4
ESTABLISHED = "01"


class Firewall:
    """Drops the packets of given connections, on the far node's side."""

    def __init__(self, wired):
        self._wired = wired
        self._nft("add table inet firewall")
        self._nft("add chain inet firewall out { type filter hook output priority 0; }")
        self._nft("add chain inet firewall in { type filter hook input priority 0; }")

    def _nft(self, command):
        run_in(self._wired.room, "nft", command)

    def connections(self):
        """The far node's connections, as nft writes a server's address and the far port."""
        with open(f"/proc/{self._wired.room.pid}/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table.read().splitlines()[1:]]
        found = []
        for _, here, there, state, *_ in rows:
            address = socket.inet_ntoa(struct.pack("=I", int(there.split(":")[0], 16)))
            if state == ESTABLISHED and address.startswith("10.88."):
                found.append(f"{address} . {int(here.split(':')[1], 16)}")
        return found

    def forget(self, commands=True, answers=True):
        """Forgets all present connections, in one direction or both."""
        connections = self.connections()
        if not connections:
            raise FarmError("there is no connection to be forgotten")
        listed = "{ " + ", ".join(connections) + " }"
        if commands:
            self._nft(f"add rule inet firewall out ip daddr . tcp sport {listed} drop")
        if answers:
            self._nft(f"add rule inet firewall in ip saddr . tcp dport {listed} drop")


class ForgetfulFirewall(PrivateNetworkTestCase):
    def setUp(self):
        super().setUp()
        self.wired = WiredFarm(workers=WORKERS,
                               url=f"persistent=1&timeout={TIMEOUT_S}&retry_interval=1",
                               tls=self.tls)
        self.addCleanup(self.wired.close)
        self.farms.append(self.wired.farm)
        self.firewall = Firewall(self.wired)
        self.clients = [Client() for _ in range(SESSIONS)]

    def click_all(self, rounds=3):
        """Clicks in all sessions on both nodes; returns the clicks on the far one."""
        clicks = []
        for _ in range(rounds):
            for client in self.clients:
                self.assertTrue(client.click(self.wired.near).acknowledged)
                clicks.append(client.click(self.wired.far))
        self.assertEqual([click for click in clicks if not click.acknowledged], [])
        return clicks

    def assert_nobody_noticed_more_than_a_short_wait(self, clicks):
        slowest = max(clicks, key=lambda click: click.seconds)
        self.assertLess(slowest.seconds, DEAD_S, slowest)
        self.assertEqual(self.wired.far.php_log(), [], "no server was held to be down")
        for client in self.clients:
            client.read(self.wired.far)
            client.read(self.wired.near)

    def forget_while_idle(self, **directions):
        clicks = self.click_all()
        for _ in range(3):
            self.firewall.forget(**directions)
            clicks += self.click_all()
        self.assertGreater(max(click.seconds for click in clicks), TIMEOUT_S / 4,
                           "some connections were dead")
        self.assert_nobody_noticed_more_than_a_short_wait(clicks)

    def test_forgotten_connections_are_replaced_and_no_request_fails(self):
        self.forget_while_idle()

    def test_connections_whose_answers_are_dropped_are_replaced_and_no_request_fails(self):
        self.forget_while_idle(commands=False)

    def test_connections_forgotten_during_requests_are_replaced_and_the_sessions_stored(self):
        self.click_all()
        for _ in range(2):
            timer = threading.Timer(0.3, self.firewall.forget)
            timer.start()
            clicks = []
            threads = [threading.Thread(target=lambda client=client: clicks.append(
                client.click(self.wired.far, "work_ms=600"))) for client in self.clients[:WORKERS]]
            for thread in threads:
                thread.start()
            for thread in threads + [timer]:
                thread.join()
            self.assertEqual(len(clicks), WORKERS)
            self.assertEqual([click for click in clicks if not click.acknowledged], [])
            for click in clicks:
                self.assertLess(click.state["close_seconds"], DEAD_S, click)
        self.assert_nobody_noticed_more_than_a_short_wait(self.click_all())

    def test_connections_forgotten_again_and_again_under_load_cost_no_visit(self):
        with Load([self.wired.near, self.wired.far], self.clients) as load:
            for _ in range(4):
                load.wait_for_round()
                # Commands are answered, so that each store is either made or not.
                self.firewall.forget(answers=False)
                load.wait_for_round()
        self.assertEqual(load.refused(), [])
        self.assertEqual(self.wired.far.php_log(), [])
        for client in self.clients:
            client.read(self.wired.far)
