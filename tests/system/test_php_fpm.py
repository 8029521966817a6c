"""nginx with php-fpm: pools and hosts, memcacheds that restart, php-fpm that is reloaded."""

import signal
import threading
import time
from collections import namedtuple

from case import FarmTestCase
from clickers import click_while_servers_restart
from load import Click, Client, Load, Unanswered
from netns import PrivateNetworkTestCase, WiredFarm
from node import Node
from process import wait_until
from visitor import Visitor

CLICKERS = 10
RELOADS = 4
# Without the rule of the dead holder, a lock would last for its lease of 15 s.
AT_ONCE_S = 1


class Pool(namedtuple("Pool", "node name")):
    """One of the php-fpm masters behind the nginx of a node, in the place of a node."""

    def php_log(self):
        return self.node.php_log(self.name)


class PoolClient(Client):
    """Clicks on pools."""

    def click(self, node, query=""):
        return super().click(node.node, f"{query}&pool={node.name}")

    def read(self, node):
        click = Click(self.visitor, node.node, f"read=1&pool={node.name}")
        self.account.check_read(click)
        return click


class PoolsAndHosts(PrivateNetworkTestCase):
    def test_any_memcached_restarted_empty_under_ten_clickers_costs_no_visit(self):
        wired = WiredFarm(ini={"memcache.session_redundancy": 4}, pools=("shop", "forum"),
                          tls=self.tls)
        self.addCleanup(wired.close)
        self.farms.append(wired.farm)
        pools = [Pool(node, name) for node in (wired.near, wired.far)
                 for name in (node.name, "shop", "forum")]
        click_while_servers_restart(self, wired.servers, pools,
                                    [PoolClient() for _ in range(CLICKERS)])


class Hosts(FarmTestCase):
    def test_visitor_of_a_host_that_dies_goes_on_at_the_other(self):
        farm = self.start_farm(servers=3, nodes=2)
        visitor = Visitor()
        for number in range(1, 5, 2):
            self.count(visitor, farm.nodes[0], number)
            self.count(visitor, farm.nodes[1], number + 1)
        farm.nodes[0].nginx.kill()
        farm.nodes[0].php_fpm.kill()
        self.count(visitor, farm.nodes[1], 5)


class Reload(FarmTestCase):
    """Sends SIGUSR2 to php-fpm, as `systemctl reload` does."""

    def start_node(self, control_timeout_s):
        farm = self.start_farm(servers=3, nodes=0)
        node = Node(farm, "A", farm.settings, CLICKERS, "dynamic",
                    control_timeout_s=control_timeout_s)
        farm.nodes.append(node)
        return node

    def reload(self, node, before):
        """Returns when new workers serve; `before` are pids of old ones."""
        node.php_fpm.send(signal.SIGUSR2)

        def served_by_new_worker():
            try:
                return Client().click(node).state["worker"] not in before
            except Unanswered:
                return False
        wait_until(served_by_new_worker, "php-fpm is reloaded")

    def test_reloads_with_process_control_timeout_cost_no_visit(self):
        node = self.start_node(20)
        clients = [Client() for _ in range(CLICKERS)]
        with Load([node], clients, threads=CLICKERS, query="work_ms=30") as load:
            for _ in range(RELOADS):
                load.wait_for_round()
                self.reload(node, node.workers())
                load.wait_for_round()
        self.assertEqual(load.refused(), [])
        for client in clients:
            client.read(node)
        self.assertEqual(sum(client.account.lowest for client in clients), load.clicks)
        print(f"         {load.clicks} clicks, 0 lost, {RELOADS} reloads")

    def test_reloads_that_cut_requests_lose_no_session_and_leave_no_lock(self):
        node = self.start_node(0)
        clients = [Client() for _ in range(CLICKERS)]
        stop = threading.Event()
        clicks, cut, errors = [], [], []

        def run(client):
            try:
                while not stop.is_set():
                    try:
                        clicks.append(client.click(node, "work_ms=50"))
                    except Unanswered:
                        client.account.highest += 1  # the store may have been made before the cut
                        cut.append(client)
                        time.sleep(0.01)
            except BaseException as error:  # pylint: disable=broad-except
                errors.append(error)

        threads = [threading.Thread(target=run, args=(client,)) for client in clients]
        for client in clients:
            client.click(node)
        for thread in threads:
            thread.start()
        for _ in range(RELOADS):
            time.sleep(0.5)
            self.reload(node, node.workers())
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual([click for click in clicks if not click.acknowledged], [])
        self.assertGreater(len(cut), 0, "php-fpm cuts running requests")
        for client in clients:
            click = client.click(node)
            self.assertTrue(click.acknowledged, click)
            self.assertLess(click.seconds, AT_ONCE_S, click)
        slowest = max(clicks, key=lambda click: click.seconds)
        self.assertLess(slowest.seconds, 5, f"a lock was in the way: {slowest}")
        print(f"         {len(clicks)} clicks, {len(cut)} cut by php-fpm, 0 sessions lost, "
              f"{RELOADS} reloads")
