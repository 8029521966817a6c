"""Visitors who click without pause while servers fail, and the account of their sessions.

Every session holds a tally, to which each click adds one. A click is acknowledged if it showed no
warning. The acknowledged clicks tell the value that a session must hold: nothing is lost or undone,
and no session is empty.
"""

import json
import re
import threading
import time

from process import wait_until
from visitor import Visitor

ROUND_SECONDS_MAX = 30
PAUSE_S = 0.002


class Unanswered(AssertionError):
    """The web server itself reports that it has no answer."""


class Click:
    """One visit of tally.php. Times are seconds since 1970."""

    def __init__(self, visitor, node, query=""):
        self.began = time.time()
        self.answer = visitor.get(node, "tally.php?" + query)
        self.ended = time.time()
        if self.answer.status != 200:
            raise Unanswered(f"node {node.name} answered {self.answer}")
        self.state = json.loads(self.answer.body)
        self.node = node

    @property
    def seconds(self):
        return self.answer.seconds

    @property
    def count(self):
        return self.state["count"]

    @property
    def acknowledged(self):
        return self.state["started"] and not self.state["messages"]

    def overlaps(self, began, ended):
        return self.began <= ended and began <= self.ended

    def __repr__(self):
        return f"{self.seconds:.3f} s from {self.began:.3f}: {self.state}"


class Account:
    """The values that the tally of one session may have, after the clicks of its visitor."""

    def __init__(self):
        self.lowest = self.highest = 0

    def enter(self, click):
        """Raises AssertionError if the click showed an impossible value."""
        if not click.state["started"]:
            return  # nothing was stored
        before = click.count - 1
        if not self.lowest <= before <= self.highest:
            raise AssertionError(f"the session held {before}, not {self.lowest} to {self.highest}: "
                                 f"{click}")
        # A refused store may still have reached a server.
        self.lowest = click.count if click.acknowledged else before
        self.highest = click.count

    def check_read(self, click):
        if not (click.acknowledged and self.lowest <= click.count <= self.highest):
            raise AssertionError(f"not {self.lowest} to {self.highest}: {click}")


class Client:
    """A visitor and the account of his session."""

    def __init__(self):
        self.visitor = Visitor()
        self.account = Account()

    def click(self, node, query=""):
        """One addition, entered into the account."""
        click = Click(self.visitor, node, query)
        self.account.enter(click)
        return click

    def read(self, node):
        """Reads the session and checks it; nothing is changed."""
        click = Click(self.visitor, node, "read=1")
        self.account.check_read(click)
        return click


class Load:
    """Clients that click on all nodes in turn until the block is left, in some threads.

    Leaving the block raises the first error of any of them.
    """

    def __init__(self, nodes, clients, threads=4, query=""):
        self._nodes = nodes
        self._clients = clients
        self._query = query
        self._acknowledged_began = [0.0] * len(clients)
        self._stop = threading.Event()
        self._errors = []
        self._refused = []
        self.clicks = 0
        self._threads = [
            threading.Thread(target=self._run, args=(range(first, len(clients), threads),))
            for first in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if kind is None:
            self._raise_error()

    def _raise_error(self):
        if self._errors:
            raise self._errors[0]

    def visit(self, nodes):
        """From now on the clicks are on these nodes; those under way are done at the return."""
        self._nodes = nodes
        self.wait_for_round()

    def _run(self, indexes):
        turn = 0
        try:
            while not self._stop.is_set():
                for index in indexes:
                    nodes = self._nodes
                    click = self._clients[index].click(nodes[(turn + index) % len(nodes)],
                                                       self._query)
                    self.clicks += 1
                    if click.acknowledged:
                        self._acknowledged_began[index] = click.began
                    else:
                        self._refused.append(click)
                    time.sleep(PAUSE_S)
                turn += 1
        except BaseException as error:  # pylint: disable=broad-except
            self._errors.append(error)
            self._stop.set()

    def refused(self):
        """The clicks so far that showed a warning."""
        return list(self._refused)

    def wait_for_round(self):
        """Returns when every session has been written by a click that began after this call."""
        since = time.time()

        def all_written():
            self._raise_error()
            return all(began > since for began in self._acknowledged_began)
        wait_until(all_written, "every session is written again", ROUND_SECONDS_MAX)

    def settle(self):
        """Returns when all nodes use all servers, and every session has been written since.

        Another server may fail only after that, because two copies survive one failure at a time.
        """
        def no_server_down():
            self._raise_error()
            return not any(servers_down(node.php_log()) for node in self._nodes)
        wait_until(no_server_down, "all nodes use all servers", ROUND_SECONDS_MAX)
        # The first round may have begun earlier.
        self.wait_for_round()
        self.wait_for_round()


def servers_marked(node):
    """The servers that the workers of a node leave alone now."""
    return set(re.findall(r"(?m)^(\S+): down for ", Visitor().get(node, "info.php").body))


def servers_down(log):
    """The servers that are down according to an error log."""
    down = set()
    for line in log:
        before, said, _ = line.partition(" is down: ")
        if said:
            down.add(before.rsplit(" ", 1)[1])
        before, said, _ = line.partition(" is back; ")
        if said:
            down.discard(before.rsplit(" ", 1)[1])
    return down
