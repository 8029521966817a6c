"""A farm that changes over from pecl/memcache to this extension, or back, loses no session.

Each click of a visitor meets the other extension than the last one. After each click the test reads
the servers: both extensions must leave the same items on the same servers.

MEMCACHE_SESSION_CLICKS is the number of clicks in each configuration. By default all together have
a thousand.
"""

import itertools
import os
import secrets
import time

from alternation import POOLS, RETRY_SECONDS, STEPS, Guest, Site, add_node_of_both, names, visit
from case import FarmTestCase, in_parallel
from load import servers_down
from process import wait_until
from visitor import Visitor

CLICKS = int(os.environ.get("MEMCACHE_SESSION_CLICKS", 0))
CLICKS_OF_A_GUEST = 2 * len(STEPS) - 1  # without the last step, a large session
LANES = 4  # visitors at once
PHASE = 2 * len(STEPS) // 3  # of a guest's clicks: before, while and after a server is down
PROBLEMS_SHOWN = 20
HOLD_MS = 700
HOST = "www.shop.example.com"
DAY = 86400


def static_key(key):
    return {"memcache.session_prefix_static_key": key}


def host_key(**more):
    return {"memcache.session_prefix_host_key": 1,
            **{f"memcache.session_prefix_host_key_{name}": value for name, value in more.items()}}


# Some configurations get each of these, in turn. They are 17, so none meets only the same ones.
VARIATIONS = (
    {},
    {"ini": {"memcache.allow_failover": 0}},
    {"ini": static_key("shop-"), "prefix": "shop-"},
    {"ini": host_key(), "prefix": "shop.example.com"},
    {"ini": host_key(remove_www=0), "prefix": HOST},
    {"ini": host_key(remove_subdomain=1), "prefix": "example.com"},
    {"ini": {**static_key("k-"), **host_key()}, "prefix": "k-shop.example.com"},
    {"ini": {"session.gc_maxlifetime": 600}},
    {"ini": {"session.gc_maxlifetime": 31 * DAY}},
    {"ini": {"session.gc_maxlifetime": 365 * DAY}},
    {"ini": {"memcache.compress_threshold": 0}},
    {"ini": {"memcache.compress_threshold": 100}},
    {"ini": {"memcache.compress_threshold": 500000}},
    {"weights": (3, 1, 2, 5, 1, 4, 2)},
    {"url": "persistent=0"},
    {"ini": {"session.lazy_write": 0}},
    {"ini": {"session.use_strict_mode": 0}},
)


def configurations(servers, redundancies):
    """Settings of sites: every combination, with the variations in turn."""
    combinations = itertools.product(servers, ("standard", "consistent"), ("crc32", "fnv"),
                                     redundancies)
    for combination, variation in zip(combinations, itertools.cycle(VARIATIONS)):
        count, strategy, function, redundancy = combination
        yield count, {"host": HOST, **variation, "ini": {
            "memcache.hash_strategy": strategy, "memcache.hash_function": function,
            "memcache.session_redundancy": redundancy, **variation.get("ini", {})}}


class ChangingOver(FarmTestCase):
    tls = False  # pecl/memcache has no TLS

    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(servers=7, nodes=0)
        self.node = add_node_of_both(self.farm)

    def make_sites(self, servers, redundancies):
        return [Site(self.farm, f"s{number}-{count}", self.farm.servers[:count], **settings)
                for number, (count, settings) in enumerate(configurations(servers, redundancies))]

    def check(self, guests, sites):
        clicks, lost, reset = (sum(getattr(guest, name) for guest in guests)
                               for name in ("clicks", "lost", "reset"))
        figures = f"{clicks} clicks, {lost} lost, {reset} reset in {len(sites)} configurations"
        if CLICKS:
            print(f"         {figures}", flush=True)
        problems = sum((guest.problems for guest in guests), [])
        if problems:
            self.fail("\n".join([figures, f"{len(problems)} problems", *problems[:PROBLEMS_SHOWN]]))
        self.assertEqual((lost, reset), (0, 0))

    def test_every_click_meets_the_other_extension_and_none_is_lost(self):
        sites = self.make_sites((1, 2, 3, 7), (1, 2, 3))
        clicks = CLICKS or -(-1000 // len(sites))

        def stay(lane):
            guests = []
            for turn, site in enumerate(sites[lane::LANES], lane):
                for done in range(0, clicks, CLICKS_OF_A_GUEST):
                    guests.append(Guest(self.node, site, POOLS[(turn + len(guests)) % 2]))
                    self.stay_at_home(guests[-1], min(CLICKS_OF_A_GUEST, clicks - done))
                    guests[-1].log_out()
            return guests

        self.check(sum(in_parallel(LANES, stay), []), sites)

    def stay_at_home(self, guest, clicks):
        """Both store the session on the same servers, and nowhere else."""
        home = None
        for _ in range(clicks):
            pool, holders, others = guest.click()
            home = home or holders
            if holders != home or others or len(holders) != guest.site.redundancy:
                guest.note(f"of {pool} stands on {names(holders)}, and on {names(others)} "
                           f"something older; it stood on {names(home)}")

    def test_each_waits_for_a_lock_of_the_other_wherever_it_stands(self):
        sites = self.make_sites((1, 2, 3, 7), (2,))

        def meet(lane):
            for site in sites[lane::LANES]:
                self.hold_and_meet(site, "ours", "pecl")
                self.hold_and_meet(site, "pecl", "ours")

        in_parallel(LANES, meet)

    def hold_and_meet(self, site, holder, other):
        """The other reads the holder's change; pecl/memcache locks the first server only."""
        visitor = Visitor(host=site.host)
        visit(visitor, self.node, site, holder, "bytes=100")
        key = site.prefix + visitor.session_id

        locks_expected = 1 if holder == "pecl" else site.redundancy

        def locked():
            locks = [server.item(key + ".lock") for server in site.servers]
            places = [number for number, lock in enumerate(locks)
                      if lock is not None and lock[1].strip() != b"0"]
            return places if len(places) >= locks_expected else None

        def work(index):
            tab = visitor.tab()
            if index == 0:
                return visit(tab, self.node, site, holder, f"bytes=200&work_ms={HOLD_MS}")[0]
            places = wait_until(locked, "the session is locked")
            return visit(tab, self.node, site, other, "")[0], places

        held, (met, places) = in_parallel(2, work)
        what = f"site {site.name}, {other} meets {holder}"
        self.assertEqual(met["found"], held["left"], what)
        self.assertEqual((met["messages"], held["messages"]), ([], []), what)
        homes = [number for number, server in enumerate(site.servers) if server.item(key)]
        self.assertLessEqual(set(places), set(homes), what)
        self.assertEqual(len(places), locks_expected, what)

    def test_one_server_down_and_back_costs_no_click_and_both_fail_over_alike(self):
        """There are two or three copies: with one copy the sessions of a dead server are lost.

        pecl/memcache has two limits. It keeps no copies on other servers, so it writes fewer than R
        while a server is down. Up to version 8.0 it takes a first server that is back without its
        items for proof that there is no session. So visitors come to this extension first, which
        writes the missing copies.
        """
        sites = self.make_sites((2, 3, 7), (2, 3))
        clicks = CLICKS or -(-1000 // len(sites))
        dead = self.farm.servers[0]

        def arrive(lane):
            stays = []
            for site in sites[lane::LANES]:
                orders = self.make_order_sites(site)
                for done in range(0, clicks, 3 * PHASE):
                    session_id, order = self.find_one_on(dead, site, orders)
                    guest = Guest(self.node, site, "pecl", session_id)
                    stays.append((guest, order, min(PHASE, -(-(clicks - done) // 3))))
            return stays

        lanes = in_parallel(LANES, arrive)

        def stay(lane):
            for guest, order, phase in lanes[lane]:
                self.stay_where_they_fail_over(guest, order, phase)

        in_parallel(LANES, stay)
        dead.kill()
        in_parallel(LANES, stay)
        dead.start()
        self.wait_until_both_use_it_again(sites[0])
        guests = [guest for lane in lanes for guest, _, _ in lane]
        for guest in guests:
            guest.meet_next("ours")
        in_parallel(LANES, stay)
        self.check(guests, sites)

    def wait_until_both_use_it_again(self, site):
        time.sleep(RETRY_SECONDS + 1)  # pecl/memcache counts whole seconds, in each worker

        def back():
            visit(Visitor(host=HOST), self.node, site, "ours", "bytes=1")
            return not servers_down(self.node.php_log())
        wait_until(back, "this extension uses the server again")

    def make_order_sites(self, site):
        """The same site with more and more copies: up to one more than there ever are."""
        return [Site(self.farm, f"{site.name}-{copies}-copies", site.servers,
                     {**site.ini, "memcache.session_redundancy": copies},
                     host=site.host, prefix=site.prefix)
                for copies in range(1, min(4, len(site.servers)) + 1)]

    def find_one_on(self, server, site, orders):
        """A session id that has the server among the first R, and all its servers in order.

        pecl/memcache shows the order: with one more copy it uses one more server.
        """
        while True:
            session_id = secrets.token_hex(16)
            order = []
            for numbered in orders:
                visitor = Visitor({"PHPSESSID": session_id}, site.host)
                visitor.get(self.node, f"{numbered.name}/replace.php?pool=pecl&bytes=1")
                order += [holder for holder in site.servers if holder not in order
                          and holder.item(site.prefix + session_id)]
            visitor.get(self.node, f"{orders[-1].name}/replace.php?pool=pecl&destroy=1")
            if server in order[:site.redundancy]:
                return session_id, order

    def stay_where_they_fail_over(self, guest, order, clicks):
        """The session is on the first R servers that are up, or on the live ones of the first R."""
        site = guest.site
        first = [server for server in order[:site.redundancy] if server.process.running()]
        usable = [server for server in order if server.process.running()][:site.redundancy]
        stand_ins = usable if site.ini.get("memcache.allow_failover", 1) else first
        homes = {"pecl": first, "ours": stand_ins}
        for _ in range(clicks):
            pool, holders, others = guest.click(homes)
            home = set(homes[pool])
            if not home <= set(holders) or home & set(others):
                guest.note(f"of {pool} stands on {names(holders)}, not on {names(homes[pool])}")
