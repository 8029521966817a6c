"""A farm in a cloud: memcacheds with addresses of their own that come and go, and two web nodes
that are told of it at different times.

Each web node has a copy of /etc, whose resolver asks a name server for this node alone, and a
configuration endpoint for this node alone. So a test decides when each node learns of a change.
"""

import os
import shutil
import socket
import ssl
import tempfile
import unittest.mock

from certificates import Authority
from configuration_endpoint import ConfigurationEndpoint
from etc import Etc
from farm import Farm
from name_server import NameServer
from netns import run_ip
from node import Node
from process import Process, wait_until

PORT = 11211
ENDPOINT_PORT = 11210
SERVICE = "_memcached._tcp.cache.cloud.test"
NAME = "cache.cloud.test"
ENDPOINT = "config.cloud.test"
REFRESH_S = 1
WORKERS = 6


class Encryption:
    """What is needed to speak TLS: an authority that all web nodes trust."""

    def __init__(self, folder):
        self._authority = Authority(folder)
        self.path = self._authority.path

    def issue(self, name, *hosts):
        return self._authority.issue(name, [f"DNS:{host}" for host in hosts])

    def context(self, name, *hosts):
        """That of a server with a certificate for these hosts."""
        certificate = self.issue(name, *hosts)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.path, certificate.key_path)
        return context


class CloudServer:
    """A memcached at an address that only it has. `name`: of its pod, its node or its place.

    encryption: it speaks TLS, with a certificate for the names by which it can be found.
    """

    def __init__(self, folder, name, number, encryption=None):
        self.name = name
        self._encryption = encryption
        self.address = f"10.77.{number // 250}.{number % 250 + 1}"
        self._log_path = os.path.join(folder, f"memcached-{number}.log")
        run_ip("address", "add", f"{self.address}/32", "dev", "lo")
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        if encryption is not None:
            certificate = encryption.issue(f"server-{number}", f"{name}.cloud.test", NAME)
            user += ["-Z", "-o", f"ssl_chain_cert={certificate.path},"
                                 f"ssl_key={certificate.key_path}"]
        self.process = Process(["memcached", "-l", self.address, "-p", str(PORT), "-U", "0", "-m",
                                "64", "-t", "1", *user], self._log_path)
        wait_until(self._listens, f"memcached at {self.address} listens")

    def _listens(self):
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((self.address, PORT)) == 0

    def _connect(self):
        connection = socket.create_connection((self.address, PORT), timeout=5)
        if self._encryption is None:
            return connection
        context = ssl.create_default_context(cafile=self._encryption.path)
        return context.wrap_socket(connection, server_hostname=NAME)

    def items(self):
        """Counts its items."""
        with self._connect() as connection:
            connection.sendall(b"stats\r\nquit\r\n")
            with connection.makefile("r", encoding="ascii") as answer:
                for line in answer:
                    if line.startswith("STAT curr_items "):
                        return int(line.split()[2])
        raise AssertionError("memcached does not count its items")

    def kill(self):
        self.process.kill()


class View:
    """What one web node is told."""

    def __init__(self, folder, number, encryption=None):
        self.address = f"127.0.0.{number}"
        self.etc = Etc(self.address)
        self.names = NameServer(folder, self.address)
        tls = encryption and encryption.context(f"endpoint-{number}", ENDPOINT)
        self.endpoint = ConfigurationEndpoint(self.address, ENDPOINT_PORT, [], tls)
        self.etc.names({ENDPOINT: [self.address]})

    def tell(self, servers):
        """The addresses, services and nodes of all ways to ask are those of `servers`."""
        self.endpoint.list([(f"{server.name}.cloud.test", server.address, PORT)
                            for server in servers])
        self.names.answer(
            {NAME: [server.address for server in servers],
             **{f"{server.name}.cloud.test": [server.address] for server in servers}},
            {SERVICE: [(f"{server.name}.cloud.test", PORT) for server in servers]})

    def close(self):
        self.names.kill()
        self.endpoint.stop()
        self.etc.remove()


class Cloud:
    """`servers` memcacheds, and web nodes A and B.

    kind: "dns", "srv" or "elasticache". ini: settings over the Farm's. tls: all that has a port
    speaks TLS.
    """

    def __init__(self, kind, servers=3, ini=None, tell=True, tls=False):
        self.folder = tempfile.mkdtemp(prefix="memcache_session-cloud-")
        os.chmod(self.folder, 0o755)
        self.kind = kind
        self.farm = None
        self.views = []
        self._all = []  # of the servers that there ever were
        try:
            self.encryption = Encryption(self.folder) if tls else None
            self.servers = [self.new_server() for _ in range(servers)]
            self.views = [View(self.folder, number, self.encryption) for number in (1, 2)]
            for view in self.views if tell else []:
                view.tell(self.servers)
            self.farm = Farm(servers=0, nodes=0,
                             ini={"session.save_path": self.save_path(), **(ini or {})})
            for name, view in zip("AB", self.views):
                program = view.etc.started_with(os.environ.get("PHP_FPM", "php-fpm"))
                with unittest.mock.patch.dict(os.environ, {"PHP_FPM": program}):
                    self.farm.nodes.append(
                        Node(self.farm, name, self.farm.settings, WORKERS, "static"))
        except BaseException:
            self.close()
            raise

    @property
    def nodes(self):
        return self.farm.nodes

    def save_path(self):
        """The save_path of all web nodes."""
        parameters = f"persistent=1&timeout=1&retry_interval=1&refresh={REFRESH_S}"
        where = {"dns": f"{NAME}:{PORT}", "srv": SERVICE,
                 "elasticache": f"{ENDPOINT}:{ENDPOINT_PORT}"}[self.kind]
        if self.encryption is not None:
            return f"{self.kind}+tls://{where}?{parameters}&cafile={self.encryption.path}"
        scheme = self.kind if self.kind == "elasticache" else f"{self.kind}+tcp"
        return f"{scheme}://{where}?{parameters}"

    def new_server(self, name=None):
        """Starts a memcached that no web node knows of."""
        number = len(self._all) + 1
        server = CloudServer(self.folder, name or f"node{number}", number, self.encryption)
        self._all.append(server)
        return server

    def close(self):
        """Ends every process started here. Harmless when repeated."""
        if self.farm is not None:
            self.farm.close()
        for part in (*self.views, *self._all):
            part.close() if isinstance(part, View) else part.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
