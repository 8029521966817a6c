"""The tests and documents that the documents name exist."""

import os
import re
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


def contents(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def tables(page):
    """The tables of a page: the cells of each row, the heading first."""
    found, inside = [], False
    for line in page.splitlines():
        if line.startswith("|"):
            if not inside:
                found.append([])
            found[-1].append([cell.strip() for cell in line.split("|")[1:-1]])
        inside = line.startswith("|")
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

    def test_every_row_that_is_to_be_shown_by_tests_names_tests_that_exist(self):
        rows = {}
        for page in sorted(os.listdir(os.path.join(ROOT, "docs"))):
            for heading, _, *others in tables(contents(f"docs/{page}")):
                if heading[-1] == "shown by":
                    rows[page] = rows.get(page, 0) + len(others)
                    for row in others:
                        self.check_row(page, heading, row)
        self.assertGreater(rows["failures.md"], 20)
        for page in ("apache.md", "nginx-php-fpm.md"):
            self.assertGreater(rows[page], 5, page)

    def check_row(self, page, heading, row):
        self.assertEqual(len(row), len(heading), f"{page}: {row}")
        named = re.findall(r"`([^`]+)`", row[-1])
        self.assertGreater(len(named), 0, f"{page}: no test is named: {row}")
        for name in named:
            with self.subTest(page=page, row=row[0], test=name):
                self.assertTrue(self.exists(name), "no such test")

    def test_links_between_pages_lead_somewhere(self):
        pages = ["README.md"] + [f"docs/{name}" for name in
                                 os.listdir(os.path.join(ROOT, "docs"))]
        for page in pages:
            for target in re.findall(r"\]\(([^)\s]+)\)", contents(page)):
                if "://" in target:
                    continue
                path, _, anchor = target.partition("#")
                path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
                with self.subTest(page=page, link=target):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, path)), "no such file")
                    if anchor:
                        self.assertIn(anchor, self.anchors(path))

    @staticmethod
    def anchors(path):
        headings = re.findall(r"(?m)^#+ (.*)$", contents(path))
        return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
