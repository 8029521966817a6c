"""Proxies, and the memcached servers behind them.

    with ProxiedServers(2) as proxied:
        nutcracker = proxied.start_nutcracker(auto_eject_hosts=False)
        path = proxied.save_path([nutcracker])
        proxied.servers[0].kill()
"""

import os
import sys

from memcached import Server
from process import Listener, ListenerFolder, free_port

DOUBLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "magent.py")
NUTCRACKER_TIMEOUT_MS = 400
NUTCRACKER_RETRY_MS = 1000


class Proxy(Listener):
    def __init__(self, folder, name, command_of):
        self._command_of = command_of
        super().__init__(name, os.path.join(folder, f"{name}.log"))

    def command(self):
        return self._command_of(self.port)


class ProxiedServers(ListenerFolder):
    """Some memcached servers and the proxies in front of them, in a folder of their own."""

    def __init__(self, servers):
        super().__init__("proxies")
        self.complaints_path = os.path.join(self.folder, "complaints")
        self.servers = [self.add(Server, f"b{number}") for number in range(1, servers + 1)]
        self.proxies = []

    def start_magent(self):
        """Starts the double: its main server is the first one, its backup the second."""
        def command(port):
            main, backup = self.servers
            return [sys.executable, "-B", DOUBLE, "--port", str(port), "--main", str(main.port),
                    "--backup", str(backup.port), "--complaints", self.complaints_path]
        return self._started(command)

    def complaints(self):
        """The lines that a double received and the real one does not understand."""
        if not os.path.exists(self.complaints_path):
            return []
        with open(self.complaints_path, encoding="ascii") as file:
            return file.read().splitlines()

    def start_nutcracker(self, auto_eject_hosts):
        conf_path = os.path.join(self.folder, f"nutcracker-{len(self.proxies)}.yml")

        def command(port):
            with open(conf_path, "w", encoding="ascii") as file:
                file.write(self._nutcracker_conf(port, auto_eject_hosts))
            return ["nutcracker", "-c", conf_path, "-a", "127.0.0.1", "-s", str(free_port()),
                    "-o", f"{conf_path}.log", "-p", f"{conf_path}.pid"]
        return self._started(command)

    def _nutcracker_conf(self, port, auto_eject_hosts):
        # The configuration of docs/memcached-proxy.md, with the test's own ports and shorter times.
        servers = "".join(f"    - {server.address}:1\n" for server in self.servers)
        return (f"sessions:\n"
                f"  listen: 127.0.0.1:{port}\n"
                f"  hash: fnv1a_64\n"
                f"  distribution: ketama\n"
                f"  timeout: {NUTCRACKER_TIMEOUT_MS}\n"
                f"  auto_eject_hosts: {str(auto_eject_hosts).lower()}\n"
                f"  server_failure_limit: 1\n"
                f"  server_retry_timeout: {NUTCRACKER_RETRY_MS}\n"
                f"  servers:\n{servers}")

    def _started(self, command):
        self.proxies.append(self.add(Proxy, f"proxy-{len(self.proxies)}", command))
        return self.proxies[-1]

    @staticmethod
    def save_path(proxies, parameters="proxy=1&persistent=1&timeout=1&retry_interval=1"):
        return ",".join(f"tcp://127.0.0.1:{proxy.port}?{parameters}" for proxy in proxies)
