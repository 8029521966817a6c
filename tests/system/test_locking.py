"""Many requests change one session at the same time, and no change is lost."""

from case import FarmTestCase, in_parallel
from visitor import Visitor

WORKERS = 20
ADDITIONS = 10


class Locking(FarmTestCase):
    def test_twenty_processes_adding_ten_times_each_make_exactly_200(self):
        farm = self.start_farm(nodes=1)
        visitor = Visitor()
        self.session(visitor, farm.nodes[0], "set[count]=0")
        processes = [farm.start_php("add.php", visitor.session_id, ADDITIONS,
                                    ini={"session.use_cookies": 0, "session.cache_limiter": ""})
                     for _ in range(WORKERS)]
        outputs = [process.communicate(timeout=120)[0] for process in processes]
        self.assertEqual(outputs, [str(ADDITIONS)] * WORKERS)
        _, state = self.session(visitor, farm.nodes[0])
        self.assertEqual(state["session"], {"count": WORKERS * ADDITIONS})

    def test_twenty_tabs_clicking_ten_times_each_over_two_nodes_make_exactly_200(self):
        farm = self.start_farm(workers=WORKERS // 2)
        visitor = Visitor()
        self.count(visitor, farm.nodes[0], 1)

        def click(index):
            tab = visitor.tab()
            return [tab.get(farm.nodes[(index + turn) % 2], "counter.php").body
                    for turn in range(ADDITIONS)]

        seen = sum(in_parallel(WORKERS, click), [])
        # Exactly one tab sees each number.
        self.assertEqual(sorted(seen, key=lambda text: (len(text), text)),
                         [str(number) for number in range(2, WORKERS * ADDITIONS + 2)])
