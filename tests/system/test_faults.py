"""Servers fail in every way, one after another in every order, while visitors click."""

import itertools
import os
import signal
import time

from case import FarmTestCase
from load import Client, Load, servers_marked
from process import wait_until

# So long that a busy machine does not take a slow server for a hung one.
TIMEOUT_S = 1
# The time until a dead server is started again.
AWAY_S = 0.3

# So long at least: dev/soak asks for more than one failure of each kind after each other.
SECONDS = int(os.environ.get("SOAK_SECONDS", "0"))

# Each kind of failure follows each other and itself.
KINDS = ("killed terminated hung restarted hung killed restarted killed hung terminated restarted "
         "terminated killed killed terminated terminated hung hung restarted restarted").split()


class Faults(FarmTestCase):
    # Each returns the time at which the server stopped answering, in seconds since 1970.

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
            end = time.time() + SECONDS
            while time.time() < end or not moments:
                for kind, server in zip(KINDS, orders):
                    began = time.time()
                    moments.append((began, getattr(self, kind)(server)))
                    # The log need not tell each of so many outages.
                    wait_until(lambda: not any(servers_marked(node) for node in farm.nodes),
                               "no server is left alone")
                    load.settle()
        # A click during which a server failed may be refused with a warning. One that began later
        # may not, and neither may one that ended before.
        for click in load.refused():
            self.assertTrue(any(click.overlaps(*moment) for moment in moments),
                            f"a warning although a copy answered: {click}")
        self.assertGreater(load.clicks, 10 * len(moments))
        print(f"         {len(moments)} failures, {load.clicks} clicks, {len(load.refused())} of "
              "them refused at a failure, 0 lost, 0 empty")
        for client in clients:
            for node in farm.nodes:
                client.read(node)
