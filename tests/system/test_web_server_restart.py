"""php-fpm is reloaded, or its workers die, in the middle of requests: no lock is left."""

import json
import os
import signal
import threading

from case import FarmTestCase, in_parallel
from load import Client
from process import wait_until

WORKERS = 4
WORK_MS = 600
# Without the rule of the dead holder, a lock would last for its lease of 15 s.
AT_ONCE_S = 0.5


class WebServerRestart(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(servers=3, nodes=1, workers=WORKERS)
        self.node = self.farm.nodes[0]
        self.clients = [Client() for _ in range(WORKERS)]
        for client in self.clients:
            client.click(self.node)

    def interrupt(self, action):
        """Runs `action` while all workers are within a request. Returns how many got no answer."""
        def work(index):
            client = self.clients[index]
            answer = client.visitor.tab().get(self.node, f"tally.php?work_ms={WORK_MS}")
            client.account.highest = 2
            if answer.status != 200:
                return 1  # it may still have stored
            state = json.loads(answer.body)
            self.assertEqual((state["count"], state["messages"]), (2, []))
            client.account.lowest = 2
            return 0
        def interrupting():
            wait_until(self.all_work, "all workers are within a request")
            action()
        interrupter = threading.Thread(target=interrupting)
        interrupter.start()
        interrupted = in_parallel(WORKERS, work)
        interrupter.join()
        return sum(interrupted)

    def all_work(self):
        locks = [f"{client.visitor.session_id}.lock" for client in self.clients]
        locked = [server.items_of(*locks) for server in self.farm.servers]
        return all(any(items) for items in zip(*locked))

    def assert_all_go_on_at_once(self):
        for client in self.clients:
            click = client.click(self.node)
            self.assertTrue(click.acknowledged, click)
            self.assertLess(click.seconds, AT_ONCE_S, click)

    def test_reload_of_php_fpm_loses_no_session_and_leaves_no_lock(self):
        cut_short = self.interrupt(lambda: self.node.php_fpm.send(signal.SIGUSR2))
        self.assertGreater(cut_short, 0)
        self.assert_all_go_on_at_once()

    def test_killed_workers_leave_no_lock(self):
        with open(f"/proc/{self.node.php_fpm.pid}/task/{self.node.php_fpm.pid}/children",
                  encoding="ascii") as children:
            workers = [int(pid) for pid in children.read().split()]

        def kill():
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
        self.assertEqual(self.interrupt(kill), WORKERS)
        self.assert_all_go_on_at_once()
