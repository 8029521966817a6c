"""Servers die and come back, and visitors see no failure."""

import itertools
import time

from case import FarmTestCase
from visitor import Visitor

RETRY_INTERVAL_S = 1
# Every node tries a dead server again after this time.
RETRY_PASSED_S = RETRY_INTERVAL_S + 0.2


class Failover(FarmTestCase):
    def test_counter_goes_on_while_servers_are_killed_and_restarted_empty(self):
        farm = self.start_farm(url={"retry_interval": RETRY_INTERVAL_S})
        visitors = [Visitor() for _ in range(20)]
        shown = 0

        def click_all(rounds):
            nonlocal shown
            for _ in range(rounds):
                shown += 1
                for index, visitor in enumerate(visitors):
                    self.count(visitor, farm.nodes[(index + shown) % 2], shown)

        click_all(2)
        for victim in farm.servers + farm.servers[:1]:
            victim.kill()
            click_all(2)
            victim.start()
            time.sleep(RETRY_PASSED_S)
            click_all(2)

    def test_any_killed_server_costs_none_of_200_sessions(self):
        farm = self.start_farm(url={"retry_interval": RETRY_INTERVAL_S})
        visitors = [Visitor() for _ in range(200)]
        nodes = itertools.cycle(farm.nodes)

        def write(round_number):
            for index, visitor in enumerate(visitors):
                answer, state = self.session(
                    visitor, next(nodes), f"set[name]=visitor-{index}&set[round]={round_number}")
                self.assertTrue(state["started"], answer)

        def read(round_number):
            lost = []
            for index, visitor in enumerate(visitors):
                _, state = self.session(visitor, next(nodes))
                if state["session"] != {"name": f"visitor-{index}", "round": str(round_number)}:
                    lost.append((index, state))
            self.assertEqual(lost, [], f"{len(lost)} sessions lost or old")

        round_number = 1
        write(round_number)
        for victim in farm.servers:
            with self.subTest(killed=victim.name):
                victim.kill()
                read(round_number)
                round_number += 1
                write(round_number)
                self.assertEqual(
                    [server.sessions() for server in farm.servers if server is not victim],
                    [200, 200], "two copies on the two servers that are left")
                read(round_number)
                victim.start()
                time.sleep(RETRY_PASSED_S)
                round_number += 1
                write(round_number)

    def test_log_gets_one_line_when_a_server_goes_down_and_one_when_it_is_back(self):
        farm = self.start_farm(nodes=1, url={"retry_interval": RETRY_INTERVAL_S})
        node, victim = farm.nodes[0], farm.servers[0]
        visitors = [Visitor() for _ in range(10)]
        shown = 0

        def click_for(seconds):
            nonlocal shown
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                shown += 1
                for visitor in visitors:
                    self.count(visitor, node, shown)

        click_for(0.2)
        self.assertEqual(node.php_log(), [])
        victim.kill()
        click_for(2.5 * RETRY_INTERVAL_S)  # two vain attempts log nothing new
        log = node.php_log()
        self.assertEqual(len(log), 1, log)
        self.assertIn(victim.address, log[0])
        victim.start()
        click_for(RETRY_PASSED_S + 0.5)
        log = node.php_log()
        self.assertEqual(len(log), 2, log)
        self.assertIn(victim.address, log[1])
