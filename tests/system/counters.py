"""Processes that add to the same counters, and the account of the values that these must have."""

import json
import os
import tempfile

from load import Click, servers_down
from process import FarmError, wait_until
from visitor import Visitor

SETTLE_SECONDS_MAX = 30


class Counters:
    """Processes of PHP that add to the tallies of some sessions until check().

    Each process has its own knowledge of the servers' health, as web nodes have, and its own log.
    pauses_ms: for each process, its longest pause after each addition.
    """

    def __init__(self, farm, node, sessions, pauses_ms):
        self.node = node
        self._folder = tempfile.mkdtemp(prefix="counters-", dir=farm.folder)
        os.chmod(self._folder, 0o777)
        self._visitors = [Visitor() for _ in range(sessions)]
        for visitor in self._visitors:
            Click(visitor, node)
        ids = [visitor.session_id for visitor in self._visitors]
        self._processes = [
            farm.start_php("tallies.php", self._folder, number, pause_ms, *ids, ini={
                "error_log": f"{self._folder}/{number}.log", "session.use_cookies": 0,
                "session.cache_limiter": ""})
            for number, pause_ms in enumerate(pauses_ms)]

    def end(self):
        """Ends the processes. Harmless when repeated."""
        with open(f"{self._folder}/stop", "w", encoding="ascii"):
            pass
        for process in self._processes:
            process.kill()
            process.wait()
            process.stdout.close()

    def logs(self):
        """The error log of each process, as lines."""
        logs = []
        for number in range(len(self._processes)):
            path = f"{self._folder}/{number}.log"
            lines = []
            if os.path.exists(path):
                with open(path, encoding="utf-8") as log:
                    lines = log.read().splitlines()
            logs.append(lines)
        return logs

    def _rounds(self):
        """How often each process has visited all sessions."""
        paths = [f"{self._folder}/{number}.rounds" for number in range(len(self._processes))]
        return [os.path.getsize(path) if os.path.exists(path) else 0 for path in paths]

    def wait_for_rounds(self, count=1):
        """Returns when each process has visited all sessions `count` times from first to last."""
        begun = self._rounds()

        def visited():
            if any(process.poll() is not None for process in self._processes):
                raise FarmError("a process ended: " + self._processes[0].stdout.read())
            return all(now > before + count for now, before in zip(self._rounds(), begun))
        wait_until(visited, "all processes visit all sessions", SETTLE_SECONDS_MAX)

    def settle(self):
        """Returns when every process uses every server and all sessions have been written since."""
        wait_until(lambda: not any(servers_down(log) for log in self.logs()),
                   "all processes use all servers", SETTLE_SECONDS_MAX)
        self.wait_for_rounds()

    def check(self, test):
        """Ends the processes and compares the results that they got with the stored values.

        Returns how many additions were acknowledged, refused, and not begun.
        """
        with open(f"{self._folder}/stop", "w", encoding="ascii"):
            pass
        reports = []
        for process in self._processes:
            output = process.communicate(timeout=60)[0]
            try:
                reports.append(json.loads(output))
            except ValueError:
                test.fail(f"not JSON: {output[-2000:]}")
        totals = [0, 0, 0]
        for visitor in self._visitors:
            tallies = [report["tallies"][visitor.session_id] for report in reports]
            acknowledged = sum((tally["acknowledged"] for tally in tallies), [1])
            refused = sum((tally["refused"] for tally in tallies), [])
            held = Click(visitor, self.node, "read=1")
            told = (f"session {visitor.session_id}: {len(acknowledged)} acknowledged, "
                    f"{len(refused)} refused; {[report['messages'] for report in reports]}")
            test.assertEqual(sum(tally["lost"] for tally in tallies), 0, f"lost: {told}")
            test.assertTrue(held.acknowledged, held)
            test.assertLessEqual(len(acknowledged), held.count, told)
            test.assertLessEqual(held.count, len(acknowledged) + len(refused), told)
            # Each value is made once: none occurs twice, and only refused ones are missing.
            test.assertEqual(len(set(acknowledged)), len(acknowledged), told)
            missing = set(range(1, held.count + 1)) - set(acknowledged)
            test.assertLessEqual(missing, set(refused), told)
            totals[0] += len(acknowledged)
            totals[1] += len(refused)
            totals[2] += sum(tally["unopened"] for tally in tallies)
        return totals
