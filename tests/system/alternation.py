"""A visitor of one site who meets pecl/memcache and this extension in turn.

Both run in php-fpm pools behind one nginx. A site is a folder of pages with a .user.ini that both
pools read, as sites of a real farm do, so both get the same settings.
"""

import hashlib
import json
import os
import shutil
import zlib

from node import Node, render_ini
from visitor import Visitor

POOLS = ("ours", "pecl")
EMPTY = hashlib.md5(b"").hexdigest()
TOMBSTONE = 1 << 15
COMPRESSED = 2
RETRY_SECONDS = 1
SLACK = 60  # seconds between a click and the check of the servers, on a slow machine

# The steps of a visitor, in turn. Their number is odd, so each step meets both pools in two rounds.
# The sizes lie around the default compress_threshold, and reach the largest that fits in an item.
STEPS = ("bytes=1", "bytes=0", "bytes=300", "", "bytes=19900", "bytes=20100", "", "bytes=0",
         "bytes=300000", "random=40000", "bytes=900000", "random=900000", "bytes=5")


def add_node_of_both(farm, workers=4):
    """A node whose pages are served by ?pool=ours or ?pool=pecl."""
    node = Node(farm, "ours", farm.settings, workers, "static",
                pools={"pecl": {**farm.settings, "extension": "memcache"}})
    farm.nodes.append(node)
    return node


class Site:
    """Pages with settings of their own.

    ini: settings over the farm's. weights: those of the servers. url: parameters of each server.
    host, prefix: the host name that is visited, and the expected prefix of session ids in keys.
    """

    def __init__(self, farm, name, servers, ini=None, url="persistent=1", weights=None, host=None,
                 prefix=""):
        self.name = name
        self.servers = servers
        self.host = host
        self.prefix = prefix
        weights = weights or [1] * len(servers)
        self.ini = {
            "session.save_path": ",".join(
                f"tcp://{server.address}?{url}&weight={weight}&timeout=10"
                f"&retry_interval={RETRY_SECONDS}"
                for server, weight in zip(servers, weights)),
            "session.gc_maxlifetime": 1440,
            "memcache.session_redundancy": 2,
            "memcache.compress_threshold": 20000,
            **(ini or {})}
        self.threshold = self.ini["memcache.compress_threshold"]
        self.lifetime = self.ini["session.gc_maxlifetime"]
        self.redundancy = min(self.ini["memcache.session_redundancy"], len(servers))
        folder = os.path.join(farm.pages, name)
        os.mkdir(folder)
        shutil.copy(os.path.join(farm.pages, "replace.php"), folder)
        with open(os.path.join(folder, ".user.ini"), "w", encoding="ascii") as file:
            file.write(render_ini(self.ini))


def visit(visitor, node, site, pool, step):
    """Returns the report of replace.php, and the answer that has it."""
    answer = visitor.get(node, f"{site.name}/replace.php?pool={pool}&{step}")
    try:
        state = json.loads(answer.body)
    except ValueError:
        state = {"started": False, "found": None, "left": None, "bytes": 0, "messages": []}
    # pecl/memcache shows the visitor a message for each server that is down.
    state["messages"] = [text for text in state["messages"]
                         if pool == "ours" or "Connection refused" not in text]
    return state, answer


class Guest:
    """A visitor of one site, who knows what its session must hold, and meets the pool `first`.

    It counts its clicks, how often it lost what it had stored, and how often it got another id.
    `problems` has these and all other errors.
    """

    def __init__(self, node, site, first, session_id=None):
        self._node, self.site = node, site
        self._visitor = Visitor({"PHPSESSID": session_id} if session_id else None, site.host)
        self.meet_next(first)
        self._expected = EMPTY
        self.clicks = self.lost = self.reset = 0
        self.problems = []

    @property
    def key(self):
        return self.site.prefix + self._visitor.session_id

    def note(self, text):
        self.problems.append(
            f"site {self.site.name}, {self.key}, click {self.clicks}: {text}")

    def click(self, homes=None):
        """One click, which must show the session as the last one left it.

        homes: for each pool the servers where the session belongs then; None allows any.
        Returns whom it met, the servers that hold what it left, and those that hold something else
        under its key.
        """
        pool = POOLS[self._turn % 2]
        step = STEPS[self.clicks % len(STEPS)]
        known = self._visitor.session_id is not None
        state, answer = self._get(pool, step)
        self.clicks += 1
        self._turn += 1
        if state["found"] != self._expected:
            self.lost += 1
            self.note(f"on {pool} ({step}) found something else: {answer}")
        if known and answer.set_cookies:
            self.reset += 1
            self.note(f"on {pool} ({step}) got another id: {answer}")
        if not state["started"] or state["messages"]:
            self.note(f"on {pool} ({step}) saw {answer}")
        self._expected = state["left"]
        return (pool, *self._look(pool, step, state, homes and homes[pool]))

    def meet_next(self, pool):
        self._turn = POOLS.index(pool)

    def log_out(self):
        """Logs out on the next pool; the session must be deleted for the other one too."""
        pool, other = POOLS[self._turn % 2], POOLS[(self._turn + 1) % 2]
        key = self.key
        self._get(pool, "destroy=1")
        items = [server.item(key) for server in self.site.servers if server.process.running()]
        if not all(item is None or item[0] & TOMBSTONE for item in items):
            self.note(f"logged out on {pool}, and left {items}")
        state, answer = self._get(other, "")
        if not state["started"] or state["found"] != EMPTY:
            self.note(f"logged out on {pool}, and saw on {other} {answer}")

    def _get(self, pool, step):
        return visit(self._visitor, self._node, self.site, pool, step)

    def _look(self, pool, step, state, home):
        """Reads the servers themselves."""
        holders, others = [], []
        for server in self.site.servers:
            if not server.process.running():
                continue
            item, lock = server.items_of(self.key, self.key + ".lock")
            if lock is not None and (pool == "ours" or lock[1].strip() != b"0"):
                self.note(f"on {pool} ({step}) left its lock on {server.name}: {lock}")
            if item is None:
                continue
            flags, value = item
            if flags & COMPRESSED:
                value = zlib.decompress(value)
            if hashlib.md5(value).hexdigest() == state["left"]:
                holders.append(server)
                if home is None or server in home:
                    self._examine(pool, step, server, flags, len(value))
            else:
                others.append(server)
        return holders, others

    def _examine(self, pool, step, server, flags, size):
        compress = not step.startswith("random") and 0 < self.site.threshold < size
        if step and bool(flags & COMPRESSED) != compress:
            self.note(f"on {pool} ({step}) left {size} bytes with flags {flags:#x}")
        seconds = server.seconds_left(self.key)
        if not self.site.lifetime - SLACK < seconds <= self.site.lifetime + SLACK:
            self.note(f"on {pool} ({step}) left what expires in {seconds} s on {server.name}")


def names(servers):
    return " ".join(server.name for server in servers) or "no server"
