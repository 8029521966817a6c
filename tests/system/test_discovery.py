"""Pools that change by themselves: name servers and configuration endpoints whose answers change
under ten clickers, who go to two web nodes that learn of each change at different times.

MEMCACHE_SESSION_CHANGES=20 makes so many changes of each kind, where a quick run makes one.
"""

import os
import re
import time

from cloud import Cloud, REFRESH_S
from load import Client, Load
from netns import PrivateNetworkTestCase
from process import wait_until
from visitor import Visitor

CLICKERS = 10
CHANGES = int(os.environ.get("MEMCACHE_SESSION_CHANGES", "1"))
DELAYS_S = (1.5, 0, 3)  # between the times at which the two web nodes can learn of a change
SLOW_S = 0.05
TRIES = 3


def known_servers(node):
    """The memcached servers that phpinfo() of the node shows, by name if they have one.

    phpinfo() asks no source, but the requests before it do.
    """
    Client().click(node)
    return set(re.findall(r"(?m)^(10\.77\.\d+\.\d+|node\d+\.cloud\.test):\d+: ",
                          Visitor().get(node, "info.php").body))


def has_followed(node, since):
    """Whether the node has got its present list after that time of time.monotonic()."""
    elapsed = time.monotonic() - since
    age, = re.findall(r"(?m), unchanged for (\d+) s", Visitor().get(node, "info.php").body)
    return int(age) + 1 <= elapsed  # the age is rounded down


def has_failed(node, why):
    """Whether the node tells that its source gives no list, for a reason that has this word."""
    return re.search(rf"(?m); it has given no list for .*{why}",
                     Visitor().get(node, "info.php").body)


class ChangingPool(PrivateNetworkTestCase):
    kind = None
    tls = False
    load = None

    def start(self, **options):
        cloud = Cloud(self.kind, tls=self.tls, **options)
        self.addCleanup(cloud.close)
        self.farms.append(cloud.farm)
        return cloud

    def names(self, servers):
        """How phpinfo() shows them."""
        return {server.address if self.kind == "dns" else f"{server.name}.cloud.test"
                for server in servers}

    def wait_until_known(self, cloud):
        wanted = self.names(cloud.servers)
        for node in cloud.nodes:
            wait_until(lambda node=node: known_servers(node) == wanted,
                       f"node {node.name} knows {sorted(wanted)}")

    def tell(self, cloud, servers, delay_s=0):
        """Both web nodes follow, the second one later. Returns when both have."""
        cloud.servers = servers
        told = time.monotonic()
        cloud.views[0].tell(servers)
        time.sleep(delay_s)
        told_later = time.monotonic()
        cloud.views[1].tell(servers)
        self.wait_until_known(cloud)
        # A server that is renumbered keeps its name.
        for node, since in zip(cloud.nodes, (told, told_later)):
            wait_until(lambda node=node, since=since: has_followed(node, since),
                       f"node {node.name} has the new list")

    def check_account(self, load, clients, nodes):
        self.assertEqual(load.refused(), [], f"of {load.clicks} clicks")
        for client in clients:
            self.assertEqual(client.account.lowest, client.account.highest)
            for node in nodes:
                client.read(node)
        self.assertEqual(sum(client.account.lowest for client in clients), load.clicks)

    def change_again_and_again(self, *changes):
        """Each change(cloud, delay_s) makes a change; the clicks go on all the time."""
        cloud = self.start(servers=3)
        clients = [Client() for _ in range(CLICKERS)]
        with Load(cloud.nodes, clients, threads=CLICKERS) as load:
            self.load = load
            self.store_all()
            for change in changes:
                for number in range(CHANGES):
                    change(cloud, DELAYS_S[number % len(DELAYS_S)])
                    self.store_all()
        self.check_account(load, clients, cloud.nodes)
        for server in cloud.servers:
            self.assertGreater(server.items(), 0, server.name)
        print(f"         {self.kind}: {load.clicks} clicks, 0 lost, "
              f"{CHANGES} changes of {len(changes)} kinds")

    def store_all(self):
        """Returns when every session has been stored since, and the requests before have ended.

        The next change follows then.
        """
        self.load.wait_for_round()
        self.load.wait_for_round()

    def join(self, cloud, delay_s):
        self.tell(cloud, cloud.servers + [cloud.new_server()], delay_s)

    def leave(self, cloud, delay_s):
        """It ends when both web nodes know. The pool grows first, so that it does not end."""
        self.join(cloud, 0)
        self.store_all()
        leaving, *others = cloud.servers
        self.tell(cloud, others, delay_s)
        leaving.kill()

    def replace(self, cloud, delay_s):
        """An empty one at another address, with another name, takes the place of one that ends."""
        leaving, *others = cloud.servers
        self.tell(cloud, [*others, cloud.new_server()], delay_s)
        leaving.kill()

    def renumber(self, cloud, delay_s):
        """A pod is scheduled anew: it ends, and an empty one has its name and another address."""
        leaving, *others = cloud.servers
        leaving.kill()
        time.sleep(delay_s / 2)
        self.tell(cloud, [*others, cloud.new_server(leaving.name)], delay_s)


class ByAddress(ChangingPool):
    kind = "dns"
    kinds_of_changes = ["join", "leave", "replace", "renumber"]

    def test_servers_that_join_leave_are_replaced_or_renumbered_lose_no_click(self):
        kinds = ByAddress.kinds_of_changes if CHANGES > 1 else self.kinds_of_changes
        self.change_again_and_again(*(getattr(self, kind) for kind in kinds))


class ByService(ByAddress):
    kind = "srv"
    kinds_of_changes = ["join", "renumber"]  # in a quick run


class ByEndpoint(ByAddress):
    kind = "elasticache"
    kinds_of_changes = ["leave", "renumber"]

    def test_endpoint_that_knows_the_older_key_alone_is_understood(self):
        cloud = self.start(tell=False)
        for view in cloud.views:
            view.endpoint.is_old = True
            view.tell(cloud.servers)
        self.wait_until_known(cloud)
        client = Client()
        for node in cloud.nodes * 3:
            client.click(node)
        self.assertEqual(client.account.lowest, 6)


class OverTls(ChangingPool):
    tls = True

    def change(self, kind):
        self.kind = kind
        self.change_again_and_again(self.replace)

    def test_addresses_have_the_name_of_their_source_in_their_certificates(self):
        self.change("dns")

    def test_services_have_their_own_names_in_their_certificates(self):
        self.change("srv")

    def test_nodes_have_their_own_names_in_their_certificates(self):
        self.change("elasticache")

    def test_endpoint_with_the_certificate_of_another_is_not_believed(self):
        self.kind = "elasticache"
        cloud = self.start(servers=2)
        for node in cloud.nodes:
            self.assertEqual(known_servers(node), self.names(cloud.servers))
        joining = cloud.new_server()
        for number, view in enumerate(cloud.views):
            view.endpoint.tls = cloud.encryption.context(f"other-{number}", "other.cloud.test")
            view.tell(cloud.servers + [joining])
        for node in cloud.nodes:
            wait_until(lambda node=node: known_servers(node) and has_failed(node, "certificate"),
                       f"node {node.name} refuses the certificate")
        time.sleep(2 * REFRESH_S)
        for node in cloud.nodes:
            self.assertEqual(known_servers(node), self.names(cloud.servers))
        self.assertEqual(joining.items(), 0)


class Trouble(ChangingPool):
    """Sources without a good answer. Nothing changes, and nobody waits for them."""

    def click_through(self, kind, troubles):
        """Each trouble is made, lasts for several questions, and is ended."""
        self.kind = kind
        cloud = self.start(servers=3)
        clients = [Client() for _ in range(CLICKERS)]
        with Load(cloud.nodes, clients, threads=2) as load:
            load.wait_for_round()
            for name, begin, end in troubles(cloud.views):
                load.wait_for_round()
                for act in begin:
                    act()
                time.sleep(3 * REFRESH_S)
                for node in cloud.nodes:
                    self.assertEqual(known_servers(node), self.names(cloud.servers), name)
                for act in end:
                    act()
                time.sleep(REFRESH_S)
        self.check_account(load, clients, cloud.nodes)
        return cloud

    def slowest(self, cloud, seconds):
        """The longest times of session_start() and of the close, in seconds."""
        client, slowest = Client(), 0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for node in cloud.nodes:
                state = client.click(node).state
                slowest = max(slowest, state["start_seconds"], state["close_seconds"])
        return slowest

    def test_name_server_that_is_dead_hangs_or_answers_nothing_changes_nothing(self):
        def troubles(views):
            yield ("dead", [view.names.kill for view in views],
                   [view.names.start for view in views])
            yield ("hung", [view.names.hang for view in views],
                   [view.names.resume for view in views])
            known = [(view.names.addresses, view.names.services) for view in views]
            yield ("empty", [lambda view=view: view.names.answer({}, {}) for view in views],
                   [lambda view=view, old=old: view.names.answer(*old)
                    for view, old in zip(views, known)])
        self.click_through("dns", troubles)

    def test_endpoint_that_is_dead_silent_slow_empty_or_talks_nonsense_changes_nothing(self):
        def troubles(views):
            def act(trouble):
                return [lambda view=view: setattr(view.endpoint, "trouble", trouble)
                        for view in views]
            yield ("dead", [view.endpoint.stop for view in views],
                   [view.endpoint.start for view in views])
            for trouble in ("silent", "slow", "empty", "nonsense", "endless"):
                yield trouble, act(trouble), act(None)
        self.click_through("elasticache", troubles)

    def check_no_request_waits(self, kind):
        """A busy machine has pauses of its own, now and then. A source that hangs, and is asked
        each second, would be waited for in each try."""
        self.kind = kind
        cloud = self.start(servers=3)
        for _ in range(TRIES):
            calm = self.slowest(cloud, 4 * REFRESH_S)
            for view in cloud.views:
                view.names.hang()
                view.endpoint.trouble = "silent"
            hung = self.slowest(cloud, 4 * REFRESH_S)
            for view in cloud.views:
                view.names.resume()
                view.endpoint.trouble = None
            print(f"         {kind}: slowest {calm * 1000:.1f} ms, and {hung * 1000:.1f} ms while "
                  "the source hangs")
            if hung < SLOW_S:
                return
        self.assertLess(hung, max(SLOW_S, calm))

    def test_no_request_waits_for_a_name_server_that_hangs(self):
        self.check_no_request_waits("dns")

    def test_no_request_waits_for_an_endpoint_that_hangs(self):
        self.check_no_request_waits("elasticache")
