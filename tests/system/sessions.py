"""Sessions whose first server is known."""

from farm import Node
from load import Client
from process import FarmError


def clients_on(farm, server, count):
    """`count` clients whose sessions are stored on `server`, the first of their servers.

    A node that keeps one copy creates sessions, and those that are stored there are taken.
    """
    node = Node(farm, f"one-copy-{server.name}",
                {**farm.settings, "memcache.session_redundancy": 1}, 1, "static")
    try:
        clients = []
        while len(clients) < count:
            client = Client()
            if not client.click(node).acknowledged:
                raise FarmError("a session cannot be created")
            if server.ask(f"get {client.visitor.session_id}"):
                clients.append(client)
        return clients
    finally:
        node.stop()
