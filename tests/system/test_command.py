"""The command memcache-session, with sessions that a web server keeps."""

import contextlib
import json
import os
import re
import socketserver
import subprocess
import threading
import time

from case import FarmTestCase
from process import wait_until
from status_page import ROOT, StatusPage
from visitor import Visitor

COMMAND = os.path.join(ROOT, "bin/memcache-session")
DONE, NOT_FOUND, WRONG_USAGE, UNKNOWN = range(4)
NO_SESSION = "6140e1265477d620d082fcab02403c18"


@contextlib.contextmanager
def endless_page(part, pause_s):
    """The URL of a page that sends a part after the other."""
    class Page(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(65536)
            with contextlib.suppress(OSError):
                self.request.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                while True:
                    self.request.sendall(part)
                    time.sleep(pause_s)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


class Command(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(servers=3, nodes=1)
        self.node = self.farm.nodes[0]
        self.visitor = Visitor()
        self.count(self.visitor, self.node, 1)

    def run_command(self, *arguments, ini=None):
        """Returns its exit status, output and complaints."""
        done = subprocess.run(self.farm.php_command(COMMAND, *arguments, ini=ini),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=self.farm.environment,
                              timeout=30, check=False)
        return done.returncode, done.stdout, done.stderr

    def assert_complains(self, status, complaint, *arguments):
        self.assertEqual(self.run_command(*arguments)[:2], (status, ""), arguments)
        self.assertRegex(self.run_command(*arguments)[2], f"^memcache-session: {complaint}.*\n$")

    def holding(self):
        """A request that has the session open; its end is awaited by join()."""
        request = threading.Thread(target=Visitor(self.visitor.cookies).get,
                                   args=(self.node, "session.php?work_ms=2500"))
        request.start()
        self.addCleanup(request.join)
        wait_until(lambda: any(server.item(self.visitor.session_id + ".lock")
                               for server in self.farm.servers), "the session is locked")
        return request

    def test_get_shows_a_session_on_its_servers_and_no_value(self):
        status, output, complaints = self.run_command("get", self.visitor.session_id)
        self.assertEqual((status, complaints), (DONE, ""))
        first, *servers = output.splitlines()
        self.assertRegex(first, r"^stored, version 1, 10 bytes, 2 copies, expi")
        self.assertEqual(len([line for line in servers if "stored, version 1" in line]), 2)
        self.assertNotIn("count", output)
        status, output, _ = self.run_command("--json", "get", self.visitor.session_id)
        self.assertEqual((status, json.loads(output)["copies"]), (DONE, 2))
        self.assertEqual(self.run_command("get", NO_SESSION)[0], NOT_FOUND)

    def test_servers_of_the_site_are_given_where_php_on_the_command_line_has_others(self):
        others = {"session.save_handler": "files", "session.save_path": self.farm.folder}
        path = self.farm.settings["session.save_path"]
        self.assertEqual(self.run_command("get", self.visitor.session_id, ini=others)[0], UNKNOWN)
        self.assertEqual(self.run_command("-d", f"session.save_path={path}", "get",
                                          self.visitor.session_id, ini=others)[0], DONE)

    def test_who_holds_names_the_request(self):
        self.assertEqual(self.run_command("who-holds", self.visitor.session_id),
                         (NOT_FOUND, "nobody holds it\n", ""))
        request = self.holding()
        status, output, _ = self.run_command("who-holds", self.visitor.session_id)
        self.assertEqual(status, DONE)
        found = re.match(r"pid (\d+) on \S+, \S*session.php, holds it for \d+ s\n$", output)
        self.assertTrue(found, output)
        self.assertIn(int(found[1]), self.node.workers())
        request.join()
        self.assertEqual(self.run_command("who-holds", self.visitor.session_id)[0], NOT_FOUND)

    def test_kill_ends_the_session_for_its_visitor(self):
        self.assertEqual(self.run_command("kill", NO_SESSION)[0], NOT_FOUND)
        self.assertEqual(self.run_command("kill", self.visitor.session_id),
                         (DONE, "destroyed\n", ""))
        self.assertTrue(self.run_command("get", self.visitor.session_id)[1].startswith("destroyed"))
        self.count(self.visitor, self.node, 1)

    def test_watch_shows_each_change_of_a_session(self):
        watching = self.farm.start(self.farm.php_command(
            COMMAND, "watch", self.visitor.session_id, "--interval=0.1", "--count=3"))
        self.assertIn("version 1,", watching.stdout.readline())
        self.count(self.visitor, self.node, 2)
        self.assertIn("version 2,", watching.stdout.readline())
        self.run_command("kill", self.visitor.session_id)
        self.assertRegex(watching.stdout.readline(), r"^\d\d:\d\d:\d\d  destroyed$")
        self.assertEqual(watching.wait(10), DONE)

    def test_watch_shows_the_figures_of_a_status_page(self):
        page = StatusPage(self.farm, self.node)
        watching = self.farm.start(self.farm.php_command(
            COMMAND, "watch", page.url, "--interval=1", "--count=1"))
        self.assertIn("opened/s", watching.stdout.readline())
        for number in range(2, 12):
            self.count(self.visitor, self.node, number)
        line = watching.stdout.readline()
        self.assertRegex(line, r"^\d\d:\d\d:\d\d +[1-9][0-9.]* .* ms .*3 of 3$")
        self.assertEqual(watching.wait(10), DONE)

    def test_page_without_end_is_given_up(self):
        for part, pause_s, complaint in ((b"x" * 65536, 0, ".* is longer than 16777216 bytes"),
                                         (b"x", 0.1, ".* takes more than 5 s")):
            with endless_page(part, pause_s) as url:
                self.assert_complains(UNKNOWN, complaint, "watch", url)

    def test_mistakes_are_told(self):
        self.assertEqual(self.run_command("--help")[0], DONE)
        self.assertRegex(self.run_command("--version")[1], r"^memcache-session \d")
        for arguments, complaint in (((), "a command"), (("get",), "a command"),
                                     (("steal", "x"), "there is no command steal"),
                                     (("get", "--loud", "x"), "there is no option --loud"),
                                     (("watch", "--count=0", "x"), "there is no option"),
                                     (("-d", "x", "get", "x"), "-d needs"),
                                     (("-d", "no.such=1", "get", "x"), "the setting no.such")):
            self.assert_complains(WRONG_USAGE, complaint, *arguments)
        self.assert_complains(UNKNOWN, ".*save_path", "-d", "session.save_path=ftp://x", "get",
                              NO_SESSION)
        self.assert_complains(UNKNOWN, "http://127.0.0.1:1/", "watch", "http://127.0.0.1:1/x")
        self.assert_complains(UNKNOWN, ".*no metrics", "watch", f"{self.node.url}counter.php")
        self.assertEqual(self.run_command("get", "--", "-abc")[0], NOT_FOUND)

    def test_servers_that_do_not_answer_are_no_proof(self):
        for server in self.farm.servers:
            server.kill()
        status, output, _ = self.run_command("get", self.visitor.session_id)
        self.assertEqual(status, UNKNOWN)
        self.assertTrue(output.startswith("unknown: "), output)
        self.assert_complains(UNKNOWN, "too many servers", "who-holds", self.visitor.session_id)
        self.assertEqual(self.run_command("kill", self.visitor.session_id)[0], UNKNOWN)

    def test_tombstone_on_a_stand_in_is_no_proof_without_the_first_servers(self):
        firsts = [server for server in self.farm.servers if server.item(self.visitor.session_id)]
        self.assertEqual(len(firsts), 2)
        firsts[0].kill()
        self.assertEqual(self.run_command("kill", self.visitor.session_id)[0], DONE)
        self.assertTrue(self.run_command("get", self.visitor.session_id)[1].startswith("destroyed"))
        firsts[1].kill()
        status, output, _ = self.run_command("get", self.visitor.session_id)
        self.assertEqual((status, output.startswith("unknown: ")), (UNKNOWN, True), output)

    def test_only_server_that_does_not_answer_is_no_proof(self):
        server = self.farm.servers[0]
        only = ("-d", f"session.save_path={server.url('timeout=1')}")
        status, output, _ = self.run_command(*only, "get", NO_SESSION)
        self.assertEqual((status, output.splitlines()[0]), (NOT_FOUND, "missing"))
        server.kill()
        status, output, _ = self.run_command(*only, "get", NO_SESSION)
        self.assertEqual((status, output.startswith("unknown: ")), (UNKNOWN, True), output)
        self.assert_complains(UNKNOWN, "too many servers", *only, "who-holds", NO_SESSION)

    def test_first_server_of_a_session_with_one_copy_that_does_not_answer_is_no_proof(self):
        urls = ",".join(server.url("timeout=1") for server in self.farm.servers[:2])
        one_copy = ("-d", f"session.save_path={urls}", "-d", "memcache.session_redundancy=1")
        self.farm.servers[0].kill()
        states = {self.run_command(*one_copy, "get", f"{number:032x}")[0] for number in range(16)}
        self.assertEqual(states, {NOT_FOUND, UNKNOWN})

    def test_watch_shows_no_change_while_nothing_changes(self):
        watching = self.farm.start(self.farm.php_command(
            COMMAND, "watch", self.visitor.session_id, "--interval=0.03", "--count=2"))
        self.assertIn("version 1,", watching.stdout.readline())
        time.sleep(3)
        self.count(self.visitor, self.node, 2)
        self.assertIn("version 2,", watching.stdout.readline())
        self.assertEqual(watching.wait(10), DONE)
