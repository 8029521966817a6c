"""Listeners in this process that stand between PHP and a server, or in place of a server."""

import socket
import ssl
import threading

READ_MAX = 65536


class ThreadedListener:
    """Accepts on a free loopback port, and serves each connection in a thread of its own.

    Use it by `with`. serve(connection) may raise OSError; the connection is closed after it.
    """

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._connections = []
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._accept_all)]

    def serve(self, connection):
        raise NotImplementedError

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        for connection in self._connections:
            self._shut(connection)
        for thread in self._threads[1:]:
            thread.join()
        self._listener.close()

    @property
    def closing(self):
        """An Event: set once the block is left."""
        return self._closing

    def also_closed_at_end(self, connection):
        self._connections.append(connection)

    @staticmethod
    def _shut(connection):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is closed

    def _accept_all(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection):
        try:
            self.serve(connection)
        except OSError:
            pass  # ssl.SSLError is one too
        finally:
            self._shut(connection)
            connection.close()


class Middle(ThreadedListener):
    """Passes bytes on to the port `server`, and records those of the client.

    certificate: what it shows as a TLS server; the bytes behind the handshake are decrypted,
    recorded, and passed on in the clear. Without one it passes on and records the bytes as they
    are. version: the only one of TLS, instead of 1.2 and 1.3. server: None for a listener that
    records and does not answer. delay_s: of answers.
    """

    def __init__(self, server, certificate=None, version=None, delay_s=0.0):
        super().__init__()
        self._server = server
        self._delay_s = delay_s
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate.path, certificate.key_path)
            if version is not None:
                self._context.minimum_version = self._context.maximum_version = version
        self._guard = threading.Lock()
        self._last_was_answer = True
        self.heard = b""  # all bytes of all clients
        self.connections = 0
        self.resumed = 0  # connections that began with a session of an earlier one
        # How often a client spoke first or after an answer: its round trips, if answers are so late
        # that it has sent all that it can send without them.
        self.turns = 0

    def serve(self, connection):
        with self._guard:
            self.connections += 1
            self._last_was_answer = True
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_side=True)
            self.also_closed_at_end(connection)
            with self._guard:
                self.resumed += connection.session_reused
        if self._server is None:
            self._pass_on(connection, None, self._note_command)
            return
        with socket.create_connection(("127.0.0.1", self._server)) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.also_closed_at_end(server)
            answers = threading.Thread(target=self._pass_on,
                                       args=(server, connection, self._note_answer))
            answers.start()
            self._pass_on(connection, server, self._note_command)
            self._shut(server)
            answers.join()

    def _note_command(self, received):
        with self._guard:
            self.heard += received
            self.turns += self._last_was_answer
            self._last_was_answer = False

    def _note_answer(self, _):
        self._closing.wait(self._delay_s)
        with self._guard:
            self._last_was_answer = True

    def _pass_on(self, source, target, note):
        try:
            while received := source.recv(READ_MAX):
                note(received)
                if target is not None:
                    target.sendall(received)
        except OSError:
            pass
        if target is not None:
            self._shut(target)


class Staller(ThreadedListener):
    """A TLS server whose bytes come one by one, or stop.

    pause_s: the time between two bytes. bytes_max: it falls silent after so many. half_closed: it
    then closes its direction and goes on reading.
    """

    def __init__(self, server, pause_s=0.0, bytes_max=None, half_closed=False):
        super().__init__()
        self._server = server
        self._pause_s = pause_s
        self._bytes_max = bytes_max
        self._half_closed = half_closed

    def serve(self, connection):
        with socket.create_connection(("127.0.0.1", self._server)) as server:
            self.also_closed_at_end(server)
            commands = threading.Thread(target=self._pass_on, args=(connection, server))
            commands.start()
            left = self._bytes_max
            while left != 0 and (byte := server.recv(1)):
                connection.sendall(byte)
                left = left and left - 1
                if self._closing.wait(self._pause_s):
                    break
            if self._half_closed:
                connection.shutdown(socket.SHUT_WR)
            if left == 0:
                self._closing.wait()
            self._shut(connection)
            self._shut(server)
            commands.join()

    @staticmethod
    def _pass_on(source, target):
        try:
            while received := source.recv(READ_MAX):
                target.sendall(received)
        except OSError:
            pass
