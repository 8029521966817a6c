"""One memcached server of a farm."""

import contextlib
import os
import pathlib
import signal
import socket
import ssl
import time

from process import FarmError, Listener, wait_until


class Server(Listener):
    """One memcached. It keeps its port through kill() and start(), but not its items.

    authority: of its certificate; a server that has one speaks TLS. more: further options.
    """

    interfaces = "127.0.0.1"
    options = ("-c", "1024")
    subjects = ("IP:127.0.0.1",)

    def __init__(self, folder, name, authority=None, more=()):
        self._authority = authority
        self._more = list(more)
        self.certificate = None
        if authority is not None:
            self.certificate = authority.issue(name, self.subjects)
            self._more += ["-Z", "-o", f"ssl_chain_cert={self.certificate.path},"
                                       f"ssl_key={self.certificate.key_path}"]
        super().__init__(name, os.path.join(folder, f"memcached-{name}.log"))

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def url(self, parameters):
        """Its entry in a save_path. `parameters`: "name=value", joined by &."""
        if self._authority is None:
            return f"tcp://{self.address}?{parameters}"
        return f"tls://{self.address}?{parameters}&cafile={self._authority.path}"

    @property
    def pid(self):
        return self.process.pid

    def command(self):
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        return ["memcached", "-l", self.interfaces, "-p", str(self.port), "-U", "0", "-m", "64",
                "-t", "2", *self.options, *self._more, *user]

    @contextlib.contextmanager
    def connected(self, timeout=5):
        """A connection of the test's own, to look into the server."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as plain:
            if self._authority is None:
                yield plain
                return
            context = ssl.create_default_context(cafile=self._authority.path)
            context.check_hostname = False
            with context.wrap_socket(plain) as encrypted:
                yield encrypted

    def hang(self):
        """Sends SIGSTOP: the kernel still accepts connections, and nobody answers."""
        self.process.send(signal.SIGSTOP)

        # Each thread stops when it runs next, which takes a while on a busy machine.
        def stopped():
            for thread in pathlib.Path(f"/proc/{self.pid}/task").glob("*/stat"):
                if thread.read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "T":
                    return False
            return True
        wait_until(stopped, "memcached stops")

    def resume(self):
        """Sends SIGCONT: the server runs all commands that it was sent meanwhile."""
        self.process.send(signal.SIGCONT)

    def ask(self, line):
        """Sends one command, and returns the lines of its answer up to END, without it."""
        lines = []
        with self.connected(timeout=2) as connection:
            connection.sendall(line.encode() + b"\r\n")
            with connection.makefile("r", encoding="latin-1") as answer:
                for text in answer:
                    if text == "END\n":
                        return lines
                    if text.startswith(("ERROR", "CLIENT_ERROR", "SERVER_ERROR", "BUSY")):
                        return []
                    lines.append(text.strip())
        raise FarmError(f"memcached closed the connection after {line}")

    def item(self, key):
        """Flags and value of an item, or None."""
        return self.items_of(key)[0]

    def items_of(self, *keys):
        """Returns for each key the flags and the value of its item, or None."""
        found = {}
        with self.connected() as connection:
            connection.sendall(f"get {' '.join(keys)}\r\n".encode())
            with connection.makefile("rb") as answer:
                while (head := answer.readline().split())[0] == b"VALUE":
                    found[head[1].decode()] = int(head[2]), answer.read(int(head[3]))
                    answer.readline()
        return [found.get(key) for key in keys]

    def set(self, key, value):
        """Stores an item as any other program would; returns the answer."""
        with self.connected() as connection:
            connection.sendall(f"set {key} 0 0 {len(value)}\r\n{value}\r\n".encode())
            with connection.makefile("r", encoding="ascii") as answer:
                return answer.readline().strip()

    def seconds_left(self, key):
        """Returns the seconds until the item expires, or None without an item."""
        with self.connected() as connection:
            connection.sendall(f"mg {key} t\r\n".encode())
            with connection.makefile("r", encoding="ascii") as answer:
                head, *flags = answer.readline().split()
                return int(flags[0].removeprefix("t")) if head == "HD" else None

    def sessions(self):
        """Counts its sessions: the items that have not expired and are no locks."""
        # The hash table is listed, because a walk through the LRU lists misses items that are moved
        # meanwhile. While memcached's own crawler runs, there is no list for a moment.
        lines = wait_until(lambda: self.ask("lru_crawler metadump hash") or self.items() == 0,
                           "memcached lists its items")
        now = time.time()
        count = 0
        for line in lines if isinstance(lines, list) else []:
            if line == "OK":  # newer versions of memcached begin with it
                continue
            fields = dict(field.split("=", 1) for field in line.split())
            expired = 0 < int(fields["exp"]) <= now
            count += not expired and not fields["key"].endswith(".lock")
        return count

    def items(self):
        """Counts its items, with expired ones that nobody has read since."""
        for line in self.ask("stats"):
            if line.startswith("STAT curr_items "):
                return int(line.split()[2])
        raise FarmError("memcached does not say how many items it holds")
