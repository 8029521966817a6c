"""Network namespaces: a web node whose wires to the servers can be cut one by one.

A test of PrivateNetworkTestCase runs in a network of its own, which has only the loopback: it
affects no other program of this machine. The cut-off node runs in a second network
inside, joined to the first by one wire (a veth pair) for each server:

    test's network, with memcached m1 on 10.88.1.1, m2 on 10.88.2.1 ..., and the other web node
        wire1 ---------- wire1    network of the cut-off node
        wire2 ---------- wire2

Only root may make networks.
"""

import ctypes
import os
import shutil
import stat
import subprocess
import tempfile
import threading
import unittest.mock

from case import FarmTestCase
from certificates import Authority
from farm import Farm, Node
from memcached import Server
from process import FarmError, Process, wait_until

CLONE_NEWNET = 0x40000000


def run_in(process, *command):
    """Runs a program in the network of `process`, by default in this one; returns its output."""
    enter = ["nsenter", f"--net=/proc/{process.pid}/ns/net"] if process else []
    done = subprocess.run([*enter, *command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise FarmError(f"{' '.join(command)}: {done.stdout}")
    return done.stdout


def run_ip(*arguments, inside=None):
    """Runs ip(8), in the network of the process `inside` if given."""
    run_in(inside, "ip", *arguments)


def network_of(pid):
    return os.readlink(f"/proc/{pid}/ns/net")


def another_network(log_path):
    """A process in a network of its own, which lasts as long as a process is in it."""
    process = Process(["unshare", "--net", "sleep", "infinity"], log_path)
    here = network_of("thread-self")
    wait_until(lambda: network_of(process.pid) != here, "there is another network")
    run_ip("link", "set", "lo", "up", inside=process)
    return process


class PrivateNetworkTestCase(FarmTestCase):
    """Its tests run in a network of their own, and so do the threads and programs they start."""

    def run(self, result=None):
        # A single thread can move to another network.
        done = threading.Event()  # because a join() that a signal interrupts cannot be repeated
        thread = threading.Thread(target=self._run_in_private_network, args=(result, done))
        thread.start()
        try:
            done.wait()
        except KeyboardInterrupt:
            # Only the main thread gets signals: the other one must end its test and clean up.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident), ctypes.py_object(KeyboardInterrupt))
            done.wait()
            raise

    def _run_in_private_network(self, result, done):
        libc = ctypes.CDLL(None, use_errno=True)
        self._refusal = None
        if libc.unshare(CLONE_NEWNET) != 0:
            self._refusal = os.strerror(ctypes.get_errno())
        try:
            super().run(result)
        except KeyboardInterrupt:
            self.doCleanups()
        finally:
            done.set()

    def setUp(self):
        super().setUp()
        if self._refusal:
            self.skipTest(f"no network of its own: {self._refusal}; only root may make one")
        run_ip("link", "set", "lo", "up")


class WiredServer(Server):
    """A memcached with an address of its own, which other networks can reach by a wire."""

    def __init__(self, folder, number, authority=None, more=()):
        self.number = number
        # 127.0.0.1 too, because the test looks into the server from there.
        self.interfaces = f"127.0.0.1,10.88.{number}.1"
        self.subjects = (f"IP:10.88.{number}.1",)
        run_ip("address", "add", f"10.88.{number}.1/32", "dev", "lo")
        super().__init__(folder, f"m{number}", authority, more)

    @property
    def address(self):
        return f"10.88.{self.number}.1:{self.port}"


class WiredFarm:
    """Servers, one web node beside them (`near`), and one behind wires (`far`).

    `farm` is the Farm they belong to, `room` a process in the network of `far`. A cut wire is
    silent: it refuses no connection, and delivers the bytes sent meanwhile when it is mended.
    ini: settings over the Farm's. pools: names of further php-fpm masters of each node. tls: as
    for the Farm. server: the class of the servers. control_timeout_s: as for a Node.
    """

    def __init__(self, servers=3, workers=4, url="persistent=1&timeout=1&retry_interval=1",
                 ini=None, pools=(), tls=False, server=WiredServer, control_timeout_s=0):
        self._folder = tempfile.mkdtemp(prefix="memcache_session-wired-")
        self._control_timeout_s = control_timeout_s
        self.room = None
        self.farm = None
        os.chmod(self._folder, 0o755)
        self.servers = []
        try:
            authority = Authority(self._folder) if tls else None
            for number in range(1, servers + 1):
                self.servers.append(server(self._folder, number, authority))
            self.farm = Farm(servers=0, nodes=0, ini={
                "session.save_path": ",".join(server.url(url) for server in self.servers),
                **(ini or {})})
            self.near = self._add_node("near", workers, pools)
            self._make_room()
            with unittest.mock.patch.dict(os.environ, {"PHP_FPM": self._php_fpm_in_room()}):
                self.far = self._add_node("far", workers, pools)
        except BaseException:
            self.close()
            raise

    def _add_node(self, name, workers, pools):
        node = Node(self.farm, name, self.farm.settings, workers, "static",
                    pools={pool: self.farm.settings for pool in pools},
                    control_timeout_s=self._control_timeout_s)
        self.farm.nodes.append(node)
        return node

    def close(self):
        if self.farm is not None:
            self.farm.close()
        for process in [server.process for server in self.servers] + [self.room]:
            if process is not None:
                process.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make_room(self):
        self.room = another_network(os.path.join(self._folder, "room.log"))
        for server in self.servers:
            wire, number = f"wire{server.number}", server.number
            run_ip("link", "add", wire, "type", "veth", "peer", "name", wire, "netns",
                   str(self.room.pid))
            run_ip("address", "add", f"10.88.{number}.254/24", "dev", wire)
            run_ip("address", "add", f"10.88.{number}.2/24", "dev", wire, inside=self.room)
            run_ip("link", "set", wire, "up")
            run_ip("link", "set", wire, "up", inside=self.room)

    def _php_fpm_in_room(self):
        path = os.path.join(self._folder, "php-fpm")
        with open(path, "w", encoding="ascii") as script:
            script.write(f"#!/bin/sh\nexec nsenter --net=/proc/{self.room.pid}/ns/net "
                         f"{os.environ.get('PHP_FPM', 'php-fpm')} \"$@\"\n")
        os.chmod(path, stat.S_IRWXU)
        return path

    # Each of these acts on the wire between the far node and one server.

    def cut(self, server):
        """Acts like a pulled cable."""
        run_ip("link", "set", f"wire{server.number}", "down")

    def mend(self, server):
        run_ip("link", "set", f"wire{server.number}", "up")

    def lose_answers(self, server):
        """The server still gets and runs commands, but its answers are lost."""
        run_ip("route", "add", "blackhole", f"10.88.{server.number}.2/32")

    def find_answers(self, server):
        run_ip("route", "del", "blackhole", f"10.88.{server.number}.2/32")
