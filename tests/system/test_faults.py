"""Servers fail in every way, one after another in every order, while visitors click."""

import itertools
import signal
import time

from case import FarmTestCase
from load import Client, Load
from process import wait_until

# Long enough for a busy machine not to take a slow server for a hung one.
TIMEOUT_S = 1
# How long a server that died stays away.
AWAY_S = 0.3

# Every kind of failure follows every other and itself.
KINDS = ("killed terminated hung restarted hung killed restarted killed hung terminated restarted "
         "terminated killed killed terminated terminated hung hung restarted restarted").split()


class Faults(FarmTestCase):
    # Each returns when the server was gone, or did not answer any more: seconds since 1970.

    def killed(self, server):
        server.kill()
        gone = time.time()
        time.sleep(AWAY_S)
        server.start()
        return gone

    def terminated(self, server):
        server.process.send(signal.SIGTERM)
        wait_until(lambda: not server.process.running(), "memcached ends")
        gone = time.time()
        time.sleep(AWAY_S)
        server.start()
        return gone

    def restarted(self, server):
        server.kill()
        gone = time.time()
        server.start()
        return gone

    def hung(self, server):
        server.hang()
        gone = time.time()
        time.sleep(TIMEOUT_S + AWAY_S)
        server.resume()
        return gone

    def test_all_kinds_of_failure_in_all_orders_of_servers_lose_nothing(self):
        self.assertEqual(set(itertools.product(set(KINDS), repeat=2)) - set(zip(KINDS, KINDS[1:])),
                         set(), "the pairs of kinds that do not occur")
        farm = self.start_farm(servers=3, nodes=2, url={"timeout": TIMEOUT_S, "retry_interval": 1})
        orders = itertools.cycle(itertools.chain(*itertools.permutations(farm.servers)))
        clients = [Client() for _ in range(12)]
        moments = []
        with Load(farm.nodes, clients) as load:
            load.wait_for_round()
            for kind, server in zip(KINDS, orders):
                began = time.time()
                moments.append((began, getattr(self, kind)(server)))
                load.settle()
        # A click that was under way when a server failed may be refused, by a warning. One that
        # began later may not, nor one that ended before.
        for click in load.refused():
            self.assertTrue(any(click.overlaps(*moment) for moment in moments),
                            f"a warning although a copy answered: {click}")
        self.assertGreater(load.clicks, 10 * len(moments))
        for client in clients:
            for node in farm.nodes:
                client.read(node)
