"""Servers hang, or no server is left."""

import time

from case import FarmTestCase
from visitor import Visitor

# The time that nginx, php-fpm and a busy machine may add to a request.
OVERHEAD_S = 0.3


class HungServer(FarmTestCase):
    TIMEOUT_S = 0.5
    RETRY_INTERVAL_S = 1

    def test_hung_server_costs_a_request_no_more_than_the_timeout(self):
        farm = self.start_farm(
            url={"timeout": self.TIMEOUT_S, "retry_interval": self.RETRY_INTERVAL_S})
        visitors = [Visitor() for _ in range(60)]
        shown = 0

        def click_all(slowest_s_max):
            nonlocal shown
            shown += 1
            for index, visitor in enumerate(visitors):
                answer = self.count(visitor, farm.nodes[(index + shown) % 2], shown)
                self.assertLess(answer.seconds, slowest_s_max)

        click_all(OVERHEAD_S)
        for victim in farm.servers:
            with self.subTest(hung=victim.name):
                victim.hang()
                click_all(self.TIMEOUT_S + OVERHEAD_S)
                click_all(self.TIMEOUT_S + OVERHEAD_S)
                victim.resume()
                time.sleep(self.RETRY_INTERVAL_S + 0.2)
                # The server now runs the commands that it was sent meanwhile. Nobody may see old
                # data, and its late locks may last for about a second.
                click_all(self.TIMEOUT_S + OVERHEAD_S + 1)
                # The first requests of that round found the server marked down still.
                click_all(self.TIMEOUT_S + OVERHEAD_S + 1)
                click_all(self.TIMEOUT_S + OVERHEAD_S)


class NoServer(FarmTestCase):
    def assert_fails_visibly(self, visitor, node, slowest_s_max, warning):
        answer, state = self.session(visitor, node)
        self.assertIs(state["started"], False, answer)
        self.assertFalse(state["session"], answer)
        self.assertRegex(answer.body, r"Warning: session_start\(\): " + warning)
        self.assertEqual(answer.set_cookies, {}, "the visitor must keep the cookie")
        self.assertLess(answer.seconds, slowest_s_max)

    def test_all_servers_dead_is_a_visible_failure_not_an_empty_session(self):
        farm = self.start_farm()
        visitor = Visitor()
        self.count(visitor, farm.nodes[0], 1)
        for server in farm.servers:
            server.kill()
        for node in farm.nodes + farm.nodes:
            self.assert_fails_visibly(visitor, node, OVERHEAD_S,
                                      "no memcached server could be used for the session")

    def test_all_servers_hung_is_a_visible_failure_and_the_session_returns_with_them(self):
        timeout_s, retry_interval_s = 0.3, 1
        farm = self.start_farm(url={"timeout": timeout_s, "retry_interval": retry_interval_s})
        visitor = Visitor()
        self.count(visitor, farm.nodes[0], 1)
        self.count(visitor, farm.nodes[1], 2)
        for server in farm.servers:
            server.hang()
        for node in farm.nodes + farm.nodes:
            # A request waits for the two copies at the same time, then for the third server.
            self.assert_fails_visibly(visitor, node, 2 * timeout_s + OVERHEAD_S,
                                      "no memcached server could be used for the session")
        for server in farm.servers:
            server.resume()
        time.sleep(retry_interval_s + 0.2)
        self.count(visitor, farm.nodes[0], 3)
        self.count(visitor, farm.nodes[1], 4)
