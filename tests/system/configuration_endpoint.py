"""A double of ElastiCache's configuration endpoint, as AWS documents its answers:

    config get cluster                          engine 1.4.14 and later
        CONFIG cluster 0 <bytes>
        <version of the list>
        <host>|<address>|<port> <host>|<address>|<port> ...
        (an empty line)
        END
    get AmazonElastiCache:cluster               older ones, which answer the other with ERROR
        VALUE AmazonElastiCache:cluster 0 <bytes>, and the same lines
"""

import socketserver
import sys
import threading
import time


class _Conversation(socketserver.StreamRequestHandler):
    def setup(self):
        context = self.server.endpoint.tls
        if context is not None:
            self.request = context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self):
        endpoint = self.server.endpoint
        with endpoint.lock:
            endpoint.connections.add(self.connection)
        try:
            while line := self.rfile.readline(2048):
                self.wfile.write(endpoint.answer_to(line.decode("latin-1").strip()))
                self.wfile.flush()
        except OSError:
            pass
        finally:
            with endpoint.lock:
                endpoint.connections.discard(self.connection)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    endpoint = None

    def handle_error(self, request, client_address):
        """A client that breaks off, as one does who refuses the certificate, is no error here."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class ConfigurationEndpoint:
    """nodes: (host, address, port) of each node. is_old: it knows the older key alone.
    trouble: None, "silent", "slow", "nonsense", "empty" or "endless".
    tls: the ssl.SSLContext with which it speaks TLS; None: it does not."""

    SLOW_S = 0.7

    def __init__(self, address, port, nodes, tls=None):
        self.address, self.port = address, port
        self.lock = threading.Lock()
        self.connections = set()
        self._nodes, self._version = list(nodes), 1
        self.is_old = False
        self.trouble = None
        self.tls = tls
        self.asked = 0
        self._server = None
        self.start()

    def list(self, nodes):
        """From now on these are the nodes, in a new version of the list."""
        with self.lock:
            self._nodes, self._version = list(nodes), self._version + 1

    def start(self):
        self._server = _Server((self.address, self.port), _Conversation)
        self._server.endpoint = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        with self.lock:
            for connection in self.connections:
                try:
                    connection.shutdown(2)
                except OSError:
                    pass

    def answer_to(self, line):
        """The bytes that answer one command."""
        if line == "version":
            return b"VERSION 1.4.5\r\n" if self.is_old else b"VERSION 1.6.22\r\n"
        if line in ("mn", "quit"):
            return b"ERROR\r\n" if self.is_old else b"MN\r\n"
        wanted = "get AmazonElastiCache:cluster" if self.is_old else "config get cluster"
        if line != wanted:
            return b"END\r\n" if line.startswith("get ") else b"ERROR\r\n"
        self.asked += 1
        return self._list()

    def _list(self):
        trouble = self.trouble
        if trouble == "silent":
            time.sleep(60)
        if trouble == "slow":
            time.sleep(self.SLOW_S)
        if trouble == "nonsense":
            return b"CONFIG cluster 0 9999999999\r\n\0\xff|||\r\nVALUE\r\n"
        with self.lock:
            nodes = [] if trouble == "empty" else self._nodes
            text = f"{self._version}\n" + " ".join(
                f"{host}|{address}|{port}" for host, address, port in nodes) + "\n"
        if trouble == "endless":
            text = "1\n" + "a|10.0.0.1|1 " * 1000000 + "\n"
        head = "VALUE AmazonElastiCache:cluster" if self.is_old else "CONFIG cluster"
        return f"{head} 0 {len(text)}\r\n{text}\r\nEND\r\n".encode()
