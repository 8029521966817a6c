"""A session seen from outside: a plain socket reads PHP's own format, and PHP reads its stores."""

from case import FarmTestCase
from visitor import Visitor


class OutsideView(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(servers=3, nodes=1, redundancy=2)
        self.node, = self.farm.nodes

    def holders(self, visitor):
        return [server for server in self.farm.servers if server.item(visitor.session_id)]

    def test_get_by_the_session_id_shows_what_php_serialized(self):
        visitor = Visitor()
        self.session(visitor, self.node, "set[name]=abc")
        values = [server.ask(f"get {visitor.session_id}")[1] for server in self.holders(visitor)]
        self.assertEqual(values, ['name|s:3:"abc";'] * 2)
        self.session(visitor, self.node, "set[name]=x&set[list][]=1")
        values = [server.ask(f"get {visitor.session_id}")[1] for server in self.holders(visitor)]
        self.assertEqual(values, ['name|s:1:"x";list|a:1:{i:0;s:1:"1";}'] * 2)

    def test_session_set_from_outside_is_read_and_goes_on(self):
        visitor = Visitor()
        self.session(visitor, self.node, "set[name]=abc")
        for server in self.holders(visitor):
            self.assertEqual(server.set(visitor.session_id, 'name|s:7:"outside";'), "STORED")
        _, state = self.session(visitor, self.node)
        self.assertEqual(state["session"], {"name": "outside"})
        _, state = self.session(visitor, self.node, "set[more]=1")
        self.assertEqual(state["session"], {"name": "outside", "more": "1"})

    def test_session_that_began_outside_is_read_from_whichever_server_has_it(self):
        for server in self.farm.servers:
            visitor = Visitor({"PHPSESSID": f"madeoutside{server.name}"})
            self.assertEqual(server.set(visitor.session_id, 'name|s:3:"abc";'), "STORED")
            answer, state = self.session(visitor, self.node, "set[more]=1")
            self.assertEqual(answer.set_cookies, {}, "the id is a known one")
            self.assertEqual(state["session"], {"name": "abc", "more": "1"})
