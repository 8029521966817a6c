"""The ways of docs/migration.md from phpredis and from PHP's files, with the PHP code of that page.
Its lists of settings must name all settings of the extensions.
"""

import os
import re
import subprocess
import time

from case import FarmTestCase, in_parallel
from farm import Node
from process import Process, accepts, free_port, wait_until
from visitor import Visitor

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
VISITORS = 20
TABS, CLICKS = 4, 5
EXTENSIONS = {"memcache": ["memcache"], "memcached": ["igbinary", "msgpack", "memcached"],
              "redis": ["igbinary", "redis"]}
CLASS = "// Fetches the sessions of another store, each once, when its visitor comes."


def page():
    with open(os.path.join(ROOT, "docs/migration.md"), encoding="utf-8") as file:
        return file.read()


def code(first_line):
    """The indented block of the page that begins with these words."""
    lines = page().splitlines()
    begin = next(number for number, line in enumerate(lines) if line.strip() == first_line)
    taken = []
    for line in lines[begin:]:
        if line and not line.startswith("    "):
            break
        taken.append(line[4:])
    return "\n".join(taken)


class OldSettings(FarmTestCase):
    def test_every_setting_of_the_old_extensions_has_its_item(self):
        items = re.findall(r"^- \*\*(.*?)\*\*", page(), re.MULTILINE)
        named = {name for item in items for name in re.findall(r"`([^`]+)`", item)}
        for extension, needed in EXTENSIONS.items():
            load = [part for name in needed for part in ("-d", f"extension={name}")]
            said = subprocess.run(
                [os.environ.get("PHP", "php"), "-n", *load, "--ri", extension],
                stdout=subprocess.PIPE, text=True, check=True).stdout
            settings = re.findall(rf"^({extension}\.\S+) =>", said, re.MULTILINE)
            self.assertGreater(len(settings), 10)
            for setting in settings:
                group = ".".join(setting.split(".")[:2]) + ".*"
                with self.subTest(setting=setting):
                    self.assertTrue(setting in named or group in named, "no item")


class Moving(FarmTestCase):
    """One pool is on the old handler, one on this extension with the code of the page before it."""

    def start_moving_farm(self, old, adapter):
        """Sets farm.node, with the pools "old" and "new"."""
        farm = self.farms[0]
        prepended = os.path.join(farm.folder, "moving_sessions.php")
        with open(prepended, "w", encoding="utf-8") as file:
            file.write(f"<?php\n{code(CLASS)}\n{adapter}\n")
        loaded = old.get("extension", [])
        new = {**farm.settings, "extension": [*loaded, farm.settings["extension"]],
               "auto_prepend_file": prepended}
        farm.node = Node(farm, "new", new, TABS, "static",
                         {"old": {**farm.settings, "extension": loaded, **old}})
        farm.nodes.append(farm.node)
        return farm

    def start_files_farm(self):
        """The farm, and a function that gives the old file of a visitor."""
        farm = self.start_farm(servers=2, nodes=0)
        folder = os.path.join(farm.folder, "sessions")
        os.mkdir(folder)
        os.chmod(folder, 0o777)
        adapter = code("// files")
        self.assertEqual(adapter.count("/var/lib/php/sessions"), 1)
        self.start_moving_farm({"session.save_handler": "files", "session.save_path": folder},
                               adapter.replace("/var/lib/php/sessions", folder))
        return farm, lambda visitor: os.path.join(folder, f"sess_{visitor.session_id}")

    def start_redis_farm(self):
        """The farm, and a function that says whether a visitor's session is in Redis."""
        farm = self.start_farm(servers=2, nodes=0)
        port = free_port()
        process = Process(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                           "--dir", farm.folder], os.path.join(farm.folder, "redis.log"))
        self.addCleanup(process.kill)
        wait_until(lambda: accepts(port), "redis listens")
        adapter = code("// phpredis")
        self.assertEqual(adapter.count("'10.0.0.9', 6379"), 1)
        self.start_moving_farm(
            {"extension": EXTENSIONS["redis"], "session.save_handler": "redis",
             "session.save_path": f"tcp://127.0.0.1:{port}", "redis.session.locking_enabled": 1},
            adapter.replace("'10.0.0.9', 6379", f"'127.0.0.1', {port}"))

        def in_redis(visitor):
            said = subprocess.run(
                ["redis-cli", "-p", str(port), "exists", f"PHPREDIS_SESSION:{visitor.session_id}"],
                stdout=subprocess.PIPE, text=True, check=True).stdout
            return said.strip() == "1"
        return farm, in_redis

    def count_in(self, pool, farm, visitor, expected):
        answer = visitor.get(farm.node, f"counter.php?pool={pool}")
        self.assertEqual((answer.status, answer.body), (200, str(expected)))
        return answer

    def move_all(self, farm, is_old):
        """Visitors click on the old pool, then on the new one, and log out there."""
        visitors = [Visitor() for _ in range(VISITORS)]
        for visitor in visitors:
            for number in (1, 2):
                self.count_in("old", farm, visitor, number)
        for visitor in visitors:
            self.assertTrue(is_old(visitor))
            for number in (3, 4):
                answer = self.count_in("new", farm, visitor, number)
                self.assertEqual(answer.set_cookies, {}, "the id is kept")
            self.assertFalse(is_old(visitor))
            self.assertEqual([server.item(visitor.session_id)[1] for server in farm.servers],
                             [b"count|i:4;"] * 2)
        for visitor in visitors:
            tab = visitor.tab()
            self.assertEqual(visitor.get(farm.node, "session.php?destroy=1").status, 200)
            for pool in ("new", "old"):
                self.assertIn('"session":[]', tab.get(farm.node, f"session.php?pool={pool}").body)
        self.assertEqual(farm.node.php_log(), [])

    def test_sessions_of_phpredis_move_when_their_visitors_come(self):
        self.move_all(*self.start_redis_farm())

    def test_sessions_in_files_move_when_their_visitors_come(self):
        farm, file_of = self.start_files_farm()
        self.move_all(farm, lambda visitor: os.path.exists(file_of(visitor)))

    def test_session_that_is_only_read_moves_too(self):
        farm, file_of = self.start_files_farm()
        visitor = Visitor()
        self.count_in("old", farm, visitor, 1)
        for _ in range(2):
            answer = visitor.get(farm.node, "session.php?")
            self.assertIn('"session":{"count":1}', answer.body)
            self.assertFalse(os.path.exists(file_of(visitor)))
        self.count_in("new", farm, visitor, 2)

    def test_tabs_that_come_at_once_see_each_number_once(self):
        farm, _ = self.start_files_farm()
        visitor = Visitor()
        self.count_in("old", farm, visitor, 1)

        def click(_):
            tab = visitor.tab()
            return [int(tab.get(farm.node, "counter.php").body) for _ in range(CLICKS)]
        seen = sum(in_parallel(TABS, click), [])
        self.assertEqual(sorted(seen), list(range(2, TABS * CLICKS + 2)))

    def test_session_destroyed_before_it_has_moved_is_gone(self):
        farm, file_of = self.start_files_farm()
        visitor = Visitor()
        self.count_in("old", farm, visitor, 1)
        tab = visitor.tab()
        self.assertEqual(visitor.get(farm.node, "session.php?destroy=1").status, 200)
        self.assertFalse(os.path.exists(file_of(tab)))
        self.count_in("new", farm, tab, 1)

    def test_session_destroyed_and_started_again_in_one_request_is_empty(self):
        farm, _ = self.start_files_farm()
        with open(os.path.join(farm.pages, "again.php"), "w", encoding="ascii") as file:
            file.write("<?php ini_set('session.use_strict_mode', $_GET['strict']);"
                       "session_start(); session_destroy(); session_start();"
                       "echo json_encode($_SESSION);")
        for strict in (0, 1):
            visitor = Visitor()
            self.count_in("old", farm, visitor, 1)
            answer = visitor.get(farm.node, f"again.php?strict={strict}")
            self.assertEqual(answer.body, "[]", f"strict mode {strict}")

    def test_old_session_that_has_expired_does_not_come_back(self):
        farm, file_of = self.start_files_farm()
        visitor = Visitor()
        self.count_in("old", farm, visitor, 1)
        os.utime(file_of(visitor), (time.time() - 90000, time.time() - 90000))
        self.count_in("new", farm, visitor, 1)

    def test_unknown_ids_are_replaced_and_hostile_ones_open_no_file(self):
        farm, file_of = self.start_files_farm()
        known = Visitor()
        self.count_in("old", farm, known, 1)
        os.mkdir(file_of(Visitor({"PHPSESSID": "x"})))  # so that sess_x/../ would be a path
        for forged in ("unknown1234567890123456789", f"x/../sess_{known.session_id}", "x"):
            with self.subTest(forged=forged):
                visitor = Visitor({"PHPSESSID": forged})
                self.count_in("new", farm, visitor, 1)
                self.assertNotEqual(visitor.session_id, forged)
                self.count_in("new", farm, visitor, 2)
