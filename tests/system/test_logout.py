"""A visitor who logged out stays logged out."""

import time

from case import FarmTestCase
from visitor import Visitor

TIMEOUT_S = 0.5
RETRY_INTERVAL_S = 1


class Logout(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(
            url={"timeout": TIMEOUT_S, "retry_interval": RETRY_INTERVAL_S})

    def log_in(self):
        visitor = Visitor()
        self.session(visitor, self.farm.nodes[0], "set[user]=ann")
        _, state = self.session(visitor, self.farm.nodes[1])
        self.assertEqual(state["session"], {"user": "ann"})
        return visitor

    def log_out(self, visitor):
        _, state = self.session(visitor, self.farm.nodes[0], "destroy=1")
        self.assertIs(state["destroyed"], True)

    def assert_logged_out(self, cookies):
        for node in self.farm.nodes:
            thief = Visitor(cookies)
            answer, state = self.session(thief, node)
            self.assertIs(state["started"], True, answer)
            self.assertEqual(state["session"], [], "logged in by an old cookie")
            self.assertNotEqual(thief.session_id, cookies["PHPSESSID"],
                                "strict mode gives a new id")

    def test_old_cookie_does_not_log_in_after_logout(self):
        visitor = self.log_in()
        cookies = dict(visitor.cookies)
        self.log_out(visitor)
        self.assert_logged_out(cookies)

    def test_server_that_hung_during_logout_does_not_bring_the_session_back(self):
        for victim in self.farm.servers:
            with self.subTest(hung=victim.name):
                visitors = [self.log_in() for _ in range(5)]
                jars = [dict(visitor.cookies) for visitor in visitors]
                victim.hang()
                for visitor in visitors:
                    self.log_out(visitor)
                victim.resume()
                time.sleep(RETRY_INTERVAL_S + 0.2)
                for cookies in jars:
                    self.assert_logged_out(cookies)
