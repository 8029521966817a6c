"""A name server of a test's own: dnsmasq, whose answers the test changes."""

import os
import signal
import socket
import struct

from process import Process, wait_until

REFRESH_S = 0  # of the answers: nobody may keep them


class NameServer:
    """Listens on port 53 of one address. It belongs into a network of its own.

    addresses: the addresses of each name.  services: (target, port) of each service, as
    `_memcached._tcp.cache`.
    """

    def __init__(self, folder, address):
        self.address = address
        self._log_path = os.path.join(folder, f"dnsmasq-{address}.log")
        self.addresses = {}
        self.services = {}
        self.process = None

    def _command(self):
        records = [f"--host-record={name},{address}" for name, addresses in self.addresses.items()
                   for address in addresses]
        # The order of the answers is the program's own; nobody may depend on it.
        records += [f"--srv-host={service},{target},{port}"
                    for service, targets in self.services.items() for target, port in targets]
        return ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv",
                "--no-hosts", "--bind-interfaces", f"--listen-address={self.address}",
                "--except-interface=none", "--pid-file", f"--local-ttl={REFRESH_S}",
                "--auth-ttl=0", "--local=/cloud.test/", "--user=root", *records]

    def answer(self, addresses=None, services=None):
        """From now on these are the answers."""
        if addresses is not None:
            self.addresses = addresses
        if services is not None:
            self.services = services
        if self.process is not None:
            self.process.kill()
        self.start()

    def start(self):
        self.process = Process(self._command(), self._log_path)
        wait_until(self._answers, "dnsmasq answers")

    def _answers(self):
        question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0)
        question += b"\x04none\x05cloud\x04test\0\0\x01\0\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.2)
            try:
                client.connect((self.address, 53))
                client.send(question)
                return len(client.recv(512)) > 11
            except OSError:
                return False

    def kill(self):
        if self.process is not None:
            self.process.kill()

    def hang(self):
        """It takes questions, and answers none."""
        self.process.send(signal.SIGSTOP)

    def resume(self):
        self.process.send(signal.SIGCONT)
