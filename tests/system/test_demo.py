"""./dev/demo, the first thing that README asks a newcomer to run."""

import os
import subprocess
import sys
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../dev/demo.py")


def play(*arguments):
    return subprocess.run([sys.executable, "-B", SCRIPT, *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
                          check=False)


class Demo(unittest.TestCase):
    def test_demo_loses_no_click_with_two_copies(self):
        done = play()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("lost 0", done.stdout)
        self.assertEqual(done.stdout.splitlines()[-1], "No click was lost.")

    def test_demo_tells_of_lost_clicks_when_there_is_only_one_copy(self):
        done = play("--copies", "1")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("LOST: ", done.stdout)
        self.assertIn("clicks were lost.", done.stdout)

    def test_demo_over_tls_loses_no_click(self):
        done = play("--tls")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("tls://127.0.0.1", done.stdout)
        self.assertEqual(done.stdout.splitlines()[-1], "No click was lost.")
