"""A server that replicates to another one, as repcached 2.3.1 does: a test double.

    python3 repcached.py --host HOST --port PORT --peer HOST --replication-port PORT

It behaves as measured on the real one:

- A change is passed on without asking the other side: `add` on both at once succeeds on both, and
  afterwards each of them has the other's item. The real one answers first, and loses the changes
  that it has not passed on when it is killed. With --delay-ms this one does too, otherwise not.
- It connects to its peer when it starts, and takes everything over before it listens to clients.
  Without a peer it listens at once, to clients and for a peer. It never connects later.
- Classic commands only. It shows flags from 2^31 on as negative numbers, and does not understand
  such flags when its peer passes them on: it drops the item and runs its value as commands.

Lines that it does not understand go to its log. --no-touch makes it repcached 2.2.
"""

import argparse
import collections
import selectors
import socket
import sys
import time

RELATIVE_EXPTIME_MAX = 30 * 24 * 3600
VALUE_LENGTH_MAX = 1024 * 1024
COPY_SECONDS_MAX = 3
LINE_END = b"\r\n"
STORES = {b"set": 5, b"add": 5, b"cas": 6}  # with their number of words


class Item:
    def __init__(self, value, flags, expires, cas):
        self.value = value
        self.flags = flags  # signed, as it is shown
        self.expires = expires  # seconds since 1970, 0 for never
        self.cas = cas


def signed(flags):
    return flags - 2**32 if flags >= 2**31 else flags


def expiry(exptime):
    """Seconds since 1970. An exptime before the start of the program has passed."""
    if exptime == 0:
        return 0
    if exptime < 0:
        return 1
    return time.time() + exptime if exptime <= RELATIVE_EXPTIME_MAX else exptime


class Connection:
    """A connection to a client, or to the other node."""

    def __init__(self, node, stream):
        self.node = node
        self.stream = stream
        self.input = b""
        self.output = b""
        self.closed = False
        stream.setblocking(False)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        node.selector.register(stream, selectors.EVENT_READ, self.on_ready)

    def on_ready(self, events):
        if events & selectors.EVENT_READ:
            # Changes of the other node are read before the next command of a client.
            if self.node.other not in (None, self):
                self.node.other.receive()
            self.receive()
        if events & selectors.EVENT_WRITE:
            self.send(b"")

    def receive(self):
        while not self.closed:
            try:
                received = self.stream.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError:
                received = b""
            if not received:
                self.close()
                return
            self.input += received
            while not self.closed and self.run_one():
                pass

    def run_one(self):
        """Runs the first command of the input; False if it is not complete."""
        line, end, rest = self.input.partition(LINE_END)
        if not end:
            return False
        words = line.split()
        length = self.node.block_length(words, self)
        if length is None:
            self.input = rest
            self.node.run(words, b"", self)
        elif len(rest) < length + len(LINE_END):
            return False
        else:
            self.input = rest[length + len(LINE_END):]
            self.node.run(words, rest[:length], self)
        return True

    def send(self, data):
        if self.closed:
            return
        self.output += data
        try:
            self.output = self.output[self.stream.send(self.output):] if self.output else b""
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        self.node.selector.modify(
            self.stream,
            selectors.EVENT_READ | (selectors.EVENT_WRITE if self.output else 0), self.on_ready)

    def close(self):
        if not self.closed:
            self.closed = True
            self.node.selector.unregister(self.stream)
            self.stream.close()
            self.node.on_closed(self)


class Node:
    """One of the two servers."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.selector = selectors.DefaultSelector()
        self.items = {}
        self.last_cas = 0
        self.other = None
        self.for_other = collections.deque()  # (when, key)
        self.for_clients = self.for_peer = None
        self.commands = {b"get": self.get, b"gets": self.get, b"delete": self.delete,
                         b"version": self.version}
        if arguments.touch:
            self.commands[b"touch"] = self.touch

    def serve(self):
        self.join()
        while True:
            due = max(0, self.for_other[0][0] - time.monotonic()) if self.for_other else None
            for key, events in self.selector.select(due):
                if key.fileobj.fileno() >= 0:  # not closed by an earlier event
                    key.data(events)
            self.pass_on()

    # The following functions serve the other node.

    def join(self):
        """Takes everything from the other node, if there is one."""
        try:
            connection = socket.create_connection(
                (self.arguments.peer, self.arguments.replication_port), timeout=COPY_SECONDS_MAX)
        except OSError:
            self.listen_for_peer()
            self.listen_for_clients()
        else:
            self.other = Connection(self, connection)

    def listen(self, host, port, accepted):
        listener = socket.create_server((host, port), backlog=511)

        def on_ready(_):
            connection, _ = listener.accept()
            accepted(connection)
        self.selector.register(listener, selectors.EVENT_READ, on_ready)
        return listener

    def listen_for_clients(self):
        if self.for_clients is None:
            self.for_clients = self.listen(self.arguments.host, self.arguments.port,
                                           lambda connection: Connection(self, connection))

    def listen_for_peer(self):
        self.for_peer = self.listen("", self.arguments.replication_port, self.peer_has_come)

    def peer_has_come(self, connection):
        self.selector.unregister(self.for_peer)
        self.for_peer.close()
        self.other = Connection(self, connection)
        for key in list(self.items):
            self.other.send(self.replica(key))
        self.other.send(b"copied" + LINE_END)

    def on_closed(self, connection):
        if connection is self.other:
            self.other = None
            self.for_other.clear()
            self.listen_for_peer()
            self.listen_for_clients()

    def changed(self, key):
        if self.other:
            self.for_other.append((time.monotonic() + self.arguments.delay_ms / 1000, key))
            if not self.arguments.delay_ms:
                self.pass_on()  # before another client can see the change

    def pass_on(self):
        while self.other and self.for_other and self.for_other[0][0] <= time.monotonic():
            self.other.send(self.replica(self.for_other.popleft()[1]))

    def replica(self, key):
        item = self.item(key)
        if item is None:
            return b"delete %s\r\n" % key
        return b"rep %s %d %d %d %d\r\n%s\r\n" % (key, item.flags, item.expires, len(item.value),
                                                  item.cas, item.value)

    # The following functions run commands.

    def item(self, key):
        item = self.items.get(key)
        if item and 0 < item.expires <= time.time():
            del self.items[key]
            return None
        return item

    def block_length(self, words, connection):
        """The length of the data block after a line; None if there is none, or it is not seen."""
        verb = words[0] if words else b""
        stores = len(words) == STORES.get(verb) or (
            verb == b"rep" and connection is self.other and len(words) == 6 and
            not words[2].startswith(b"-"))
        return int(words[4]) if stores else None

    def run(self, words, block, connection):
        verb = words[0] if words else b""
        if self.block_length(words, connection) is not None:
            answer = self.store(verb, words, block)
        elif verb == b"copied" and connection is self.other:
            self.listen_for_clients()
            return
        elif verb == b"quit":
            connection.close()
            return
        elif verb in self.commands and len(words) > (verb != b"version"):
            answer = self.commands[verb](words, connection)
        else:
            print(b" ".join(words).decode("latin-1"), file=sys.stderr, flush=True)
            answer = b"ERROR"
        if connection is not self.other:
            connection.send(answer + LINE_END)

    def store(self, verb, words, block):
        key, flags, exptime = words[1], int(words[2]), int(words[3])
        if verb == b"rep":
            self.items[key] = Item(block, flags, exptime, int(words[5]))
            return b""
        old = self.item(key)
        if len(block) > VALUE_LENGTH_MAX:
            return b"SERVER_ERROR object too large for cache"
        if verb == b"add" and old:
            return b"NOT_STORED"
        if verb == b"cas" and not old:
            return b"NOT_FOUND"
        if verb == b"cas" and old.cas != int(words[5]):
            return b"EXISTS"
        self.last_cas += 1
        self.items[key] = Item(block, signed(flags), int(expiry(exptime)), self.last_cas)
        self.changed(key)
        return b"STORED"

    def get(self, words, _):
        answer = b""
        for key in words[1:]:
            item = self.item(key)
            if item:
                cas = b" %d" % item.cas if words[0] == b"gets" else b""
                answer += b"VALUE %s %d %d%s\r\n%s\r\n" % (key, item.flags, len(item.value), cas,
                                                         item.value)
        return answer + b"END"

    def touch(self, words, _):
        item = self.item(words[1])
        if item is None:
            return b"NOT_FOUND"
        item.expires = int(expiry(int(words[2])))
        self.changed(words[1])
        return b"TOUCHED"

    def delete(self, words, connection):
        if self.item(words[1]) is None:
            return b"NOT_FOUND"
        del self.items[words[1]]
        if connection is not self.other:
            self.changed(words[1])
        return b"DELETED"

    def version(self, *_):
        return b"VERSION 1.4.13"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--replication-port", type=int, required=True)
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--no-touch", dest="touch", action="store_false")
    Node(parser.parse_args()).serve()


if __name__ == "__main__":
    main()
