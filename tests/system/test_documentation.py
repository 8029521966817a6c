"""The tests that docs/failures.md names exist."""

import os
import re
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


def contents(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


class Documentation(unittest.TestCase):
    def test_every_row_of_the_failures_page_names_tests_that_exist(self):
        system = {name: contents(f"tests/system/{name}") for name in
                  os.listdir(os.path.join(ROOT, "tests/system")) if name.startswith("test_")}
        unit = "".join(contents(f"tests/unit/{name}") for name in
                       os.listdir(os.path.join(ROOT, "tests/unit")) if name.endswith("_test.cpp"))
        rows = [line.split("|")[1:-1] for line in contents("docs/failures.md").splitlines()
                if line.startswith("| ")]
        rows = [row for row in rows if row[0].strip() != "what happens"]
        self.assertGreater(len(rows), 20)
        for row in rows:
            self.assertEqual(len(row), 5, row)
            named = re.findall(r"`([^`]+)`", row[4])
            self.assertGreater(len(named), 0, f"no test is named: {row}")
            for name in named:
                with self.subTest(row=row[0].strip(), test=name):
                    if name.endswith(".phpt"):
                        found = os.path.exists(os.path.join(ROOT, "tests", name))
                    elif name.startswith("test_"):
                        file, _, function = name.partition(" ")
                        found = f"def {function}(self" in system.get(file, "")
                    else:
                        suite, _, test = name.partition(".")
                        found = re.search(rf"TEST(_F)?\({suite},\s*{test}\)", unit) is not None
                    self.assertTrue(found, "no such test")
