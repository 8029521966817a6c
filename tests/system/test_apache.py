"""Apache with mod_php, where a site's .htaccess has the settings of sessions."""

import json
import os

from case import FarmTestCase
from clickers import click_while_servers_restart
from load import Client
from visitor import Visitor
from webservers import Apache

CLICKERS = 10
PHP_SESSION_NONE, PHP_SESSION_ACTIVE = 1, 2
SHOW_PHP = """<?php
// The visit counter, and the settings in force.
session_start();
$_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
echo json_encode(['save_path' => ini_get('session.save_path'),
                  'memcache_save_path' => ini_get('memcache.session_save_path'),
                  'status' => session_status(), 'count' => $_SESSION['count']]);
"""


class ApacheWithHtaccess(FarmTestCase):
    def start_apaches(self, count, htaccess, open_basedir=False):
        """A farm, and Apaches whose session settings are only in .htaccess."""
        farm = self.start_farm(servers=3, nodes=0)
        sessions = {name: value for name, value in farm.settings.items()
                    if name.startswith(("session.", "memcache."))}
        others = {name: value for name, value in farm.settings.items() if name not in sessions}
        with open(os.path.join(farm.pages, ".htaccess"), "w", encoding="ascii") as file:
            for name, value in htaccess(sessions).items():
                file.write(f'php_value {name} "{value}"\n')
        with open(os.path.join(farm.pages, "show.php"), "w", encoding="ascii") as file:
            file.write(SHOW_PHP)
        if open_basedir:
            trusted = [farm.authority.path] if farm.authority else []
            others["open_basedir"] = ":".join([farm.pages, *trusted])
        nodes = []
        for number in range(1, count + 1):
            nodes.append(Apache(farm, CLICKERS, name=f"apache{number}",
                                settings=others))
            self.addCleanup(nodes[-1].stop)
        return farm, nodes

    def start_two_apaches(self):
        return self.start_apaches(2, lambda sessions: {
            "session.save_handler": "memcache",
            "session.save_path": sessions["session.save_path"],
            "memcache.session_redundancy": 4})  # three servers and one

    def test_visitor_of_an_apache_that_is_stopped_goes_on_at_the_other(self):
        _, (first, second) = self.start_two_apaches()
        visitor = Visitor()
        for number in range(1, 5, 2):
            self.count(visitor, first, number)
            self.count(visitor, second, number + 1)
        first.stop()
        self.count(visitor, second, 5)

    def test_any_memcached_restarted_empty_under_ten_clickers_costs_no_visit(self):
        farm, nodes = self.start_two_apaches()
        click_while_servers_restart(self, farm.servers, nodes,
                                    [Client() for _ in range(CLICKERS)])
        for server in farm.servers:
            self.assertEqual(server.sessions(), CLICKERS, "each server has every session")

    def test_with_open_basedir_htaccess_cannot_set_session_save_path(self):
        farm, (node,) = self.start_apaches(1, lambda sessions: {
            "session.save_handler": "memcache",
            "session.save_path": sessions["session.save_path"]}, open_basedir=True)
        answer = Visitor().get(node, "show.php")
        shown = json.loads(answer.body.splitlines()[-1])
        self.assertNotIn("://", shown["save_path"], "PHP refuses it")
        self.assertEqual(shown["status"], PHP_SESSION_NONE, "no session, and nothing but a warning")
        self.assertIn("session_start(): no memcached server could be used", answer.body)
        scheme = "tls" if self.tls else "tcp"
        self.assertTrue(any(f"open_basedir restriction in effect. File({scheme}://" in line
                            for line in node.php_log()), "only the log says why")
        self.assertEqual([server.sessions() for server in farm.servers], [0, 0, 0])

    def test_php_admin_value_may_name_files_outside_of_open_basedir(self):
        farm = self.start_farm(servers=2, nodes=0, tls=True)
        for name in ("session.save_path", "memcache.session_save_path"):
            with self.subTest(name):
                sessions = {"session.save_handler": "memcache",
                            name: farm.settings["session.save_path"]}
                others = {key: value for key, value in farm.settings.items()
                          if not key.startswith("session.save_")}
                with open(os.path.join(farm.pages, "show.php"), "w", encoding="ascii") as file:
                    file.write(SHOW_PHP)
                node = Apache(farm, 1, name=f"admin-{name}",
                              settings={**others, "open_basedir": farm.pages}, admin=sessions)
                self.addCleanup(node.stop)
                visitor = Visitor()
                for number in range(1, 4):
                    answer = visitor.get(node, "show.php")
                    shown = json.loads(answer.body)
                    self.assertEqual((shown["status"], shown["count"]),
                                     (PHP_SESSION_ACTIVE, number), answer)
                self.assertEqual(node.php_log(), [])

    def test_with_open_basedir_htaccess_can_set_the_session_save_path_of_memcache(self):
        farm, (node,) = self.start_apaches(1, lambda sessions: {
            "session.save_handler": "memcache",
            "memcache.session_save_path": sessions["session.save_path"]}, open_basedir=True)
        visitor = Visitor()
        for number in range(1, 6):
            shown = json.loads(visitor.get(node, "show.php").body)
            self.assertEqual((shown["status"], shown["count"]), (PHP_SESSION_ACTIVE, number))
        self.assertEqual(shown["memcache_save_path"], farm.settings["session.save_path"])
        self.assertEqual(sum(server.sessions() for server in farm.servers), 2)
        self.assertEqual(node.php_log(), [])
