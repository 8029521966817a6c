"""The base of the system tests."""

import json
import os
import threading
import unittest

from farm import Farm


class FarmTestCase(unittest.TestCase):
    """A test with farms of its own. The runner shows their logs when it fails.

    MEMCACHE_SESSION_TLS=1 runs it over TLS, unless its class says that its farms are plain.
    """

    tls = os.environ.get("MEMCACHE_SESSION_TLS", "0") == "1"

    def setUp(self):
        self.farms = []

    def start_farm(self, **options):
        farm = Farm(**{"tls": self.tls, **options})
        self.addCleanup(farm.close)
        self.farms.append(farm)
        return farm

    def logs(self):
        return "\n".join(farm.logs() for farm in self.farms)

    def count(self, visitor, node, expected):
        """Clicks on the visit counter, which must show `expected` and nothing else."""
        answer = visitor.get(node, "counter.php")
        self.assertEqual((answer.status, answer.body), (200, str(expected)),
                         f"node {node.name}, session {visitor.session_id}")
        return answer

    def session(self, visitor, node, query=""):
        """Asks session.php; returns the answer and the content of its last line."""
        answer = visitor.get(node, "session.php?" + query)
        self.assertEqual(answer.status, 200, answer)
        return answer, json.loads(answer.body.strip().rsplit("\n", 1)[-1])


def in_parallel(count, work):
    """Runs work(0) ... work(count - 1), each in a thread of its own; returns their results.

    Raises the first exception that one of them raised.
    """
    results, errors = [None] * count, []

    def run(index):
        try:
            results[index] = work(index)
        except BaseException as error:  # pylint: disable=broad-except
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
