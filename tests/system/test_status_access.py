"""Who may see the status page: this machine, and whom the web server's configuration names."""

import os
import re
import shutil
import subprocess

import pages
from case import FarmTestCase
from farm import Node
from status_page import PAGE, promtool
from visitor import Visitor

PHP = os.environ.get("PHP", "php")
PHP_CGI = os.path.join(os.path.dirname(PHP), os.path.basename(PHP).replace("php", "php-cgi", 1))
LOCAL = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost"}
FORBIDDEN, SEEN = 403, 200


class StatusAccess(FarmTestCase):
    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(servers=1, nodes=0)

    def ask(self, variables, ini=()):
        """Answers a request with these CGI variables: status, headers and body."""
        command = [PHP_CGI, "-n", "-c", self.farm.php_ini]
        for setting in ini:
            command += ["-d", setting]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=20, check=True,
            text=True, env={**self.farm.environment, "GATEWAY_INTERFACE": "CGI/1.1",
                            "REQUEST_METHOD": "GET", "REDIRECT_STATUS": "200",
                            "SERVER_PROTOCOL": "HTTP/1.1", "SCRIPT_FILENAME": PAGE, **variables})
        head, _, body = done.stdout.partition("\n\n")
        status = re.search(r"(?m)^Status: (\d+)", head)
        return int(status[1]) if status else 200, head, body

    def assert_status(self, expected, variables):
        status, _, body = self.ask(variables)
        self.assertEqual(status, expected, f"{variables}: {body[:200]}")
        if expected == FORBIDDEN:
            self.assertIn("MEMCACHE_SESSION_STATUS_ALLOW", body, "the remedy is named")
            self.assertNotIn("memcache_session_", body)
            self.assertNotIn(self.farm.servers[0].address, body)

    def test_without_a_switch_only_this_machine_sees_it(self):
        for variables in ({}, {"HTTP_HOST": "LOCALHOST:8080"}, {"HTTP_HOST": "127.0.0.1:80"},
                          {"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8080"},
                          {"REMOTE_ADDR": "::ffff:127.0.0.9"}):
            self.assert_status(SEEN, {**LOCAL, **variables})
        for variables in ({"REMOTE_ADDR": "10.0.9.1"}, {"REMOTE_ADDR": "2001:db8::1"},
                          {"REMOTE_ADDR": ""}, {"REMOTE_ADDR": "128.0.0.1"},
                          {"REMOTE_ADDR": "::ffff:10.0.0.1"}, {"REMOTE_ADDR": "::"},
                          {"HTTP_HOST": "shop.example.com"}, {"HTTP_HOST": ""},
                          {"HTTP_HOST": "localhost.example.com"},
                          {"HTTP_HOST": "127.0.0.1.example.com"}):
            self.assert_status(FORBIDDEN, {**LOCAL, **variables})

    def test_address_of_a_proxy_on_this_machine_is_not_that_of_a_visitor(self):
        for header in ("X_FORWARDED_FOR", "FORWARDED", "VIA", "X_REAL_IP", "X_FORWARDED_PROTO",
                       "X_FORWARDED_HOST", "CF_CONNECTING_IP", "TRUE_CLIENT_IP"):
            self.assert_status(FORBIDDEN, {**LOCAL, f"HTTP_{header}": "127.0.0.1"})
            self.assert_status(FORBIDDEN, {**LOCAL, f"HTTP_{header}": "10.0.9.1",
                                           "MEMCACHE_SESSION_STATUS_ALLOW": "127.0.0.0/8"})
        # nginx's proxy_pass http://127.0.0.1 without further settings.
        self.assert_status(FORBIDDEN, {**LOCAL, "SERVER_PROTOCOL": "HTTP/1.0"})

    def test_switch_names_networks(self):
        allow = "10.0.9.0/24, 2001:db8::7 192.168.0.0/15,10.1.2.3, nonsense 1.2.3.4/99 ::/x"
        for address, expected in (("10.0.9.255", SEEN), ("10.0.10.1", FORBIDDEN),
                                  ("2001:db8::7", SEEN), ("2001:db8::8", FORBIDDEN),
                                  ("192.169.255.255", SEEN), ("192.170.0.0", FORBIDDEN),
                                  ("10.1.2.3", SEEN), ("10.1.2.4", FORBIDDEN),
                                  ("::ffff:10.0.9.7", SEEN), ("1.2.3.4", FORBIDDEN),
                                  ("nonsense", FORBIDDEN)):
            self.assert_status(expected, {"REMOTE_ADDR": address, "HTTP_HOST": "web1",
                                          "MEMCACHE_SESSION_STATUS_ALLOW": allow})
        self.assert_status(SEEN, {**LOCAL, "MEMCACHE_SESSION_STATUS_ALLOW": allow})

    def test_switch_leaves_all_to_the_web_server(self):
        self.assert_status(SEEN, {"REMOTE_ADDR": "10.0.9.1", "HTTP_HOST": "shop.example.com",
                                  "HTTP_X_FORWARDED_FOR": "10.9.9.9",
                                  "MEMCACHE_SESSION_STATUS_ALLOW": "all"})

    def test_visitor_cannot_set_the_switch(self):
        self.assert_status(FORBIDDEN, {**LOCAL, "REMOTE_ADDR": "10.0.9.1",
                                       "HTTP_MEMCACHE_SESSION_STATUS_ALLOW": "all",
                                       "QUERY_STRING": "MEMCACHE_SESSION_STATUS_ALLOW=all",
                                       "HTTP_COOKIE": "MEMCACHE_SESSION_STATUS_ALLOW=all"})

    def test_request_without_web_server_gets_metrics_as_an_exporter_wants_them(self):
        status, head, body = self.ask({})
        self.assertEqual(status, SEEN)
        self.assertIn("text/plain; version=0.0.4", head)
        self.assertIn("# TYPE memcache_session_opened_total counter\n", body)

    def set_save_path(self, path):
        with open(self.farm.php_ini, "a", encoding="ascii") as file:
            file.write(f"session.save_path = '{path}'\n")

    def test_names_of_servers_and_messages_are_no_markup(self):
        self.set_save_path('unix:///tmp/<i>"a\\b"')
        _, _, body = self.ask({})
        self.assertIn('memcache_session_server_up{server="/tmp/<i>\\"a\\\\b\\""} 1\n', body)
        self.assertEqual(promtool("check", "metrics", text=body), ("", True))
        _, _, body = self.ask(LOCAL)
        self.assertIn("/tmp/&lt;i&gt;&quot;a\\b&quot;", body)
        self.assertNotIn("<i>", body)
        self.set_save_path('ftp://<i>"x"')
        _, _, body = self.ask(LOCAL)
        self.assertIn("The list of servers cannot be used.", body)
        self.assertNotIn("<i>", body)

    def test_session_that_php_starts_by_itself_is_not_stored(self):
        status, _, _ = self.ask(LOCAL, ["session.auto_start=1"])
        self.assertEqual(status, SEEN)
        self.assertEqual(self.farm.servers[0].sessions(), 0)

    def test_php_without_the_extension_is_told(self):
        self.farm.php_ini = os.devnull
        status, _, body = self.ask(LOCAL)
        self.assertEqual((status, body), (503, "The extension memcache_session is not loaded.\n"))


class DocumentedLocation(FarmTestCase):
    """The configuration of nginx in docs/status.md."""

    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(servers=1, nodes=0)
        self.page = shutil.copy(PAGE, self.farm.folder)

    def start_node(self, name, more=""):
        location = pages.block(pages.contents("docs/status.md"), "location = /session-status {")
        installed = f"/usr/share/php-memcache-session/{os.path.basename(PAGE)}"
        for written, here in (("/run/php/shop.sock", "SOCKET"), (installed, self.page),
                              ("include ", "include /etc/nginx/")):
            self.assertIn(written, location)
            location = location.replace(written, here)
        location = location.replace("}", f"{more}}}")
        # As nginx forwards by default: before its version 1.29.7, and since then if it follows the
        # document.
        header, = re.findall(r"`(proxy_set_header [^`]*;)`", pages.contents("docs/status.md"))
        target = "proxy_pass http://127.0.0.1:$server_port/session-status;"
        forwarding = ("location = /forwarded {"
                      f"    proxy_http_version 1.0; {target} }}"
                      "location = /forwarded-with-header {"
                      f"    proxy_http_version 1.1; {header} {target} }}")
        node = Node(self.farm, name, self.farm.settings, 2, "static",
                    locations=location + forwarding)
        self.addCleanup(node.stop)
        return node

    def test_page_is_shown_where_the_document_puts_it_and_not_through_a_proxy(self):
        node = self.start_node("A")
        answer = Visitor().get(node, "session-status?servers")
        self.assertEqual(answer.status, SEEN)
        self.assertIn(self.farm.servers[0].address, answer.body)
        for location in ("forwarded", "forwarded-with-header"):
            self.assertEqual(Visitor().get(node, location).status, FORBIDDEN, location)
        self.assertEqual(Visitor(host="shop.example.com").get(node, "session-status").status,
                         FORBIDDEN)

    def test_switch_is_set_as_the_document_says(self):
        switch, = re.findall(r"`(fastcgi_param MEMCACHE_SESSION_STATUS_ALLOW [^`]*;)`",
                             pages.contents("docs/status.md"))
        shop = Visitor(host="shop.example.com")
        node = self.start_node("B", switch.replace("10.0.9.0/24", "127.0.0.0/24"))
        self.assertEqual(shop.get(node, "session-status").status, SEEN)
        self.assertEqual(shop.get(node, "forwarded").status, FORBIDDEN)
        node = self.start_node("C", "fastcgi_param MEMCACHE_SESSION_STATUS_ALLOW all;")
        self.assertEqual(shop.get(node, "forwarded").status, SEEN)
