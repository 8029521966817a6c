"""A session larger than memcached's item size limit."""

from case import FarmTestCase
from load import Click, Client

SIZE = 2 * 1024 * 1024


class LargeSession(FarmTestCase):
    def test_two_megabytes_are_refused_with_sizes_and_the_old_session_stays(self):
        farm = self.start_farm(servers=3, nodes=2)
        client = Client()
        for node in farm.nodes:
            client.click(node)
        # Random bytes cannot be compressed.
        click = Click(client.visitor, farm.nodes[0], f"random={SIZE}")
        self.assertTrue(click.state["started"])
        ours, theirs = click.state["messages"]
        self.assertRegex(ours, "the session was not stored, and its previous state is kept: "
                               r"127\.0\.0\.1:\d+ refused \d{7} bytes in place of \d+: .*too large")
        refused = int(ours.split(" refused ")[1].split()[0])
        self.assertGreater(refused, SIZE)
        self.assertIn("memcached -I, 1 MB if not set", ours)
        self.assertIn("Failed to write session data", theirs)
        for node in farm.nodes:
            client.read(node)
            self.assertEqual(client.click(node).state["messages"], [])
            self.assertEqual(node.php_log(), [], "no server is taken for dead because of it")
