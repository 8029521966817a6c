"""Two servers that replicate to each other.

    with ReplicatingPair() as pair:
        pair.servers[0].kill()
        pair.servers[0].start()     # returns when it has all items from the other

They are test doubles (repcached.py). If MEMCACHE_SESSION_REPCACHED, in the environment, is the path
of a repcached, real ones run wherever a test does not need a feature of the double.
"""

import os
import sys

from memcached import Server
from process import ListenerFolder, free_port

DOUBLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "repcached.py")


def command_line(host, port, peer, replication_port, touch=True, delay_ms=0):
    """The program and arguments of one node; `peer` is the host of the other."""
    real = os.environ.get("MEMCACHE_SESSION_REPCACHED")
    if real and touch and not delay_ms:
        return [real, "-u", "nobody", "-l", host, "-p", str(port), "-U", "0", "-m", "64",
                "-x", peer, "-X", str(replication_port)]
    return [sys.executable, "-B", DOUBLE, "--host", host, "--port", str(port),
            "--peer", peer, "--replication-port", str(replication_port),
            "--delay-ms", str(delay_ms), *([] if touch else ["--no-touch"])]


class ReplicatingServer(Server):
    """One node of a pair, on loopback."""

    def __init__(self, folder, name, replication_port, **options):
        self._replication_port = replication_port
        self._options = options
        super().__init__(folder, name)

    def command(self):
        return command_line("127.0.0.1", self.port, "127.0.0.1", self._replication_port,
                            **self._options)

    def refused(self):
        """The lines that the double did not understand, except `mn`, which asks for meta."""
        with open(self.log_path, encoding="latin-1") as log:
            return [line for line in log.read().splitlines() if line != "mn"]


class ReplicatingPair(ListenerFolder):
    """Two nodes on loopback, in a folder of their own."""

    def __init__(self, **options):
        super().__init__("pair")
        # On one machine they share the port: the first one listens, the other connects.
        replication_port = free_port()
        self.servers = [self.add(ReplicatingServer, name, replication_port, **options)
                        for name in ("r1", "r2")]
