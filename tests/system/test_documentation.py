"""The tests that the documents name exist. Links and settings are checked by tools/check_tree."""

import os
import re
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


def contents(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def failures(page):
    """(heading, the tests that it is shown by, or None) of each section that tells a failure: one
    with a line "- Visitor:" or "- Effect:"."""
    found = []
    for section in re.split(r"(?m)^#+ ", page)[1:]:
        heading, _, body = section.partition("\n")
        if re.search(r"(?m)^- (?:Visitor|Effect): ", body):
            shown = re.search(r"(?m)^- Shown by:((?: .*)?\n(?:  .*\n)*)", body + "\n")
            found.append((heading, shown and re.findall(r"`([^`]+)`", shown[1])))
    return found


class Documentation(unittest.TestCase):
    def setUp(self):
        self.system = {name: contents(f"tests/system/{name}") for name in
                       os.listdir(os.path.join(ROOT, "tests/system")) if name.startswith("test_")}
        self.unit = "".join(contents(f"tests/unit/{name}") for name in
                            os.listdir(os.path.join(ROOT, "tests/unit"))
                            if name.endswith("_test.cpp"))

    def exists(self, name):
        if name.endswith(".phpt"):
            return os.path.exists(os.path.join(ROOT, "tests", name))
        if name.startswith("test_"):
            file, _, function = name.partition(" ")
            return f"def {function}(self" in self.system.get(file, "")
        suite, _, test = name.partition(".")
        return re.search(rf"TEST(_F)?\({suite},\s*{test}\)", self.unit) is not None

    def test_every_failure_names_tests_that_exist(self):
        count = {}
        pages = [name for name in os.listdir(os.path.join(ROOT, "docs")) if name.endswith(".md")]
        for page in sorted(pages):
            told = failures(contents(f"docs/{page}"))
            count[page] = len(told)
            for heading, tests in told:
                with self.subTest(page=page, failure=heading):
                    self.assertTrue(tests, "no test is named")
                    for name in tests:
                        self.assertTrue(self.exists(name), f"no such test: {name}")
        self.assertGreater(count["failures.md"], 30)
        self.assertGreater(count["memcached-proxy.md"], 9)
        for page in ("apache.md", "nginx-php-fpm.md", "moving-address.md",
                     "replicating-servers.md"):
            self.assertGreater(count[page], 4, page)
