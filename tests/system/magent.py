"""A proxy that makes the copies, as magent 0.6 does: a test double.

    python3 magent.py --port PORT --main PORT --backup PORT --complaints FILE

It behaves as measured on the real one:

- It understands add, get, set and delete, of one key, without noreply, and one at a time: it does
  not answer a command that arrives before the last answer was sent.
- It sends a store and a delete to both servers, and the main one answers. Reads go to the main
  server. If that is dead, the backup serves, and the answer to an add that it stores is NOT_STORED.

Every other line that it receives is written to FILE, so a test can check that there was none.
"""

import argparse
import re
import select
import socket
import socketserver
import threading

COMMAND = re.compile(rb"(?P<verb>get|delete) \S{1,250}\r\n|"
                     rb"(?P<store>add|set) \S{1,250} \d+ \d+ (?P<length>\d+)\r\n")
VALUE = re.compile(rb"VALUE \S+ \d+ (\d+)\r\n")
SERVER_SECONDS_MAX = 1
NO_SERVER = b"SERVER_ERROR OUT OF CONNECTION\r\n"


class Stream:
    """A connection, read by lines and blocks. Raises OSError when it ends."""

    def __init__(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._input = b""
        self.send = connection.sendall

    def line(self):
        """Returns the next line, with its end."""
        while b"\n" not in self._input:
            self._receive()
        return self._take(self._input.index(b"\n") + 1)

    def block(self, length):
        while len(self._input) < length:
            self._receive()
        return self._take(length)

    def has_more(self):
        """True if there are bytes to read."""
        try:
            return bool(self._input or select.select([self._socket], [], [], 0)[0]
                        and self._socket.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def ignore_the_rest(self):
        self._input = b""
        while True:
            self._receive()
            self._input = b""

    def _receive(self):
        received = self._socket.recv(1 << 16)
        if not received:
            raise ConnectionError("closed")
        self._input += received

    def _take(self, length):
        taken, self._input = self._input[:length], self._input[length:]
        return taken


class Backend:
    """One memcached."""

    def __init__(self, port):
        self._port = port
        self._stream = None

    def ask(self, message):
        """The answer, or None if the server is dead."""
        for _ in range(2):  # because a connection may be older than a restart
            try:
                if self._stream is None:
                    self._stream = Stream(
                        socket.create_connection(("127.0.0.1", self._port), SERVER_SECONDS_MAX))
                self._stream.send(message)
                return self._answer()
            except OSError:
                self._stream = None
        return None

    def _answer(self):
        line = self._stream.line()
        value = VALUE.fullmatch(line)
        return line + self._stream.block(int(value[1]) + len(b"\r\nEND\r\n")) if value else line


class Client(socketserver.BaseRequestHandler):
    def handle(self):
        stream = Stream(self.request)
        try:
            while True:
                self.serve_one(stream)
        except OSError:
            pass

    def serve_one(self, stream):
        line = stream.line()
        command = COMMAND.fullmatch(line)
        if not command:
            self.server.complain("not understood", line)
            stream.send(b"ERROR\r\n")
            return
        block = stream.block(int(command["length"]) + 2) if command["store"] else b""
        answer = self.server.run(command["store"] or command["verb"], line + block)
        hurried = stream.has_more()
        stream.send(answer)
        if hurried:
            self.server.complain("did not wait for the answer", line)
            stream.ignore_the_rest()


class Magent(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 511

    def __init__(self, arguments):
        self._main = Backend(arguments.main)
        self._backup = Backend(arguments.backup)
        self._complaints = arguments.complaints
        self._turn = threading.Lock()  # because it has one thread, for one command after the other
        super().__init__(("127.0.0.1", arguments.port), Client)

    def complain(self, what, line):
        with self._turn, open(self._complaints, "a", encoding="ascii") as file:
            print(f"{what}: {line!r}", file=file)

    def run(self, verb, message):
        """The answer to a whole command."""
        with self._turn:
            main = self._main.ask(message)
            if main is not None and verb == b"get":
                return main
            backup = self._backup.ask(message)
            if main is not None:
                return main
            if verb == b"add" and backup == b"STORED\r\n":
                return b"NOT_STORED\r\n"
            return NO_SERVER if backup is None else backup


def main():
    parser = argparse.ArgumentParser()
    for name in ("port", "main", "backup"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--complaints", required=True)
    Magent(parser.parse_args()).serve_forever()


if __name__ == "__main__":
    main()
