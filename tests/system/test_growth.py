"""The memory of a worker that serves for days must not grow."""

import json

from case import FarmTestCase

CYCLES = 20000
# A leak of 8 bytes a cycle would show.
RESIDENT_KB_SLACK = 128


class Growth(FarmTestCase):
    def test_twenty_thousand_cycles_in_one_process_grow_nothing(self):
        farm = self.start_farm(nodes=0)
        process = farm.start_php("cycles.php", CYCLES, ini={
            "session.use_cookies": 0, "session.use_strict_mode": 0, "session.cache_limiter": ""})
        output = process.communicate(timeout=300)[0]
        self.assertEqual(process.returncode, 0, output)
        measured = json.loads(output)
        early, late = measured["early"], measured["late"]
        self.assertEqual(late["files"], early["files"])
        self.assertLessEqual(late["php_bytes"], early["php_bytes"] + 4096)
        self.assertLessEqual(late["resident_kb"], early["resident_kb"] + RESIDENT_KB_SLACK)
