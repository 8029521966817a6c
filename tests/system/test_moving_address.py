"""An address that moves between two hosts, with sessions behind it, during clicks.

There are three arrangements. The data behind the address must be equal on both hosts, or not be
needed.
"""

import os
import time

from load import Client, Load
from netns import PrivateNetworkTestCase, WiredServer
from replicating_pair import command_line
from virtual_address import ADDRESS, PORT, Host, VirtualAddress

TIMEOUT_S = 1
RETRY_INTERVAL_S = 1
LEASE_S = 2
SESSIONS = 8
# After this time a keepalived that comes back and wants the address has it.
COME_BACK_S = 1.5
URL = f"persistent=1&timeout={TIMEOUT_S}&retry_interval={RETRY_INTERVAL_S}"
# Clicks may fail for this time after the new host has the address: 1. A request that began before
# waits for its timeout. 2. The server then counts as down for the retry_interval. 3. The next
# request may wait for the lock of one that was cut short.
RECOVERY_S = TIMEOUT_S + RETRY_INTERVAL_S + LEASE_S

NUTCRACKER_YML = """sessions:
  listen: 0.0.0.0:{port}
  hash: fnv1a_64
  distribution: ketama
  timeout: 500
  auto_eject_hosts: false
  servers:
{servers}
"""


class MovingAddress(PrivateNetworkTestCase):
    def start(self, command, behind=0, beside=0, parameters=URL):
        """The two hosts, which run what `command` makes of a Host; memcacheds that do not move, and
        of which the web servers know those `beside` the address; two web servers."""
        fixed = self.start_farm(servers=0, nodes=0)
        for number in range(1, behind + beside + 1):
            fixed.servers.append(WiredServer(fixed.folder, number))
        self.servers = fixed.servers
        self.address = VirtualAddress(fixed.folder, command)
        self.addCleanup(self.address.close)
        known = [f"{ADDRESS}:{PORT}", *(server.address for server in self.servers[behind:])]
        self.nodes = self.start_farm(servers=0, nodes=2, redundancy=len(known), ini={
            "session.save_path": ",".join(f"tcp://{address}?{parameters}" for address in known),
            "memcache.lock_timeout": LEASE_S}).nodes
        self.clients = [Client() for _ in range(SESSIONS)]
        self.address.wait_for_owner(self.address.hosts[0])

    def move_by(self, fail):
        """The address moves during clicks. Returns the clicks that were refused."""
        old = self.address.owner()
        new = self.address.other(old)
        with Load(self.nodes, self.clients) as load:
            load.wait_for_round()
            began = time.time()
            fail(old)
            self.address.wait_for_owner(new)
            moved = time.time()
            load.wait_for_round()
            time.sleep(TIMEOUT_S)  # requests that began before have timed out
            load.wait_for_round()
        time.sleep(RETRY_INTERVAL_S)
        for click in load.refused():
            self.assertTrue(click.overlaps(began, moved + RECOVERY_S),
                            f"refused when the address had moved: {click}")
            self.assertEqual(click.answer.set_cookies, {}, "the visitor keeps the cookie")
        for client in self.clients:
            for node in self.nodes:
                client.read(node)
        return load.refused()

    def move_and_repair(self, fail, repair):
        """The host that had the address comes back, and does not get it back."""
        old = self.address.owner()
        refused = self.move_by(fail)
        with Load(self.nodes, self.clients) as load:
            repair(old)
            time.sleep(COME_BACK_S)
            self.assertFalse(old.owns_address())
            old.kill_service()
            load.wait_for_round()
            load.wait_for_round()
            old.start_service()
            load.wait_for_round()
        self.assertEqual(load.refused(), [], "connections to the old host are not used any more")
        return refused

    def move_in_two_ways(self):
        return (self.move_and_repair(Host.pull_cable, Host.plug_cable) +
                self.move_by(Host.kill_service))

    def move_in_all_ways(self):
        return (self.move_and_repair(Host.stop_keepalived, Host.start_keepalived) +
                self.move_in_two_ways())

    def test_nutcrackers_in_front_of_the_same_servers_lose_nothing(self):
        def nutcracker(host):
            with open(host.path("nutcracker.yml"), "w", encoding="ascii") as file:
                file.write(NUTCRACKER_YML.format(port=PORT, servers="\n".join(
                    f"   - {server.address}:1 {server.name}" for server in self.servers)))
            return ["nutcracker", "--conf-file", host.path("nutcracker.yml"),
                    "--output", host.path("nutcracker.log"), "--stats-addr", "127.0.0.1"]
        self.start(nutcracker, behind=2, parameters=URL + "&proxy=1")
        self.move_in_two_ways()

    def test_replicating_servers_lose_nothing(self):
        self.start(lambda host: command_line("0.0.0.0", PORT, host.peer, PORT + 1))
        for host in self.address.hosts:
            # A change that a host could not pass on for that long must not overwrite later ones.
            host.give_up_unanswered(2)
        self.move_in_two_ways()

    def test_memcacheds_with_a_second_copy_elsewhere_do_not_even_fail(self):
        self.start(lambda _: ["memcached", "-u", "nobody", "-l", "0.0.0.0", "-p", str(PORT),
                              "-U", "0"], beside=1)
        for click in self.move_in_all_ways():
            self.assertTrue(click.state["started"], click)
