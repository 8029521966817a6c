"""The status page and its metrics: what eight workers of php-fpm do, while servers fail.

With MEMCACHE_SESSION_PICTURES=MINUTES the pictures of docs/status.md are made anew, of so many
minutes of load each.
"""

import json
import os
import re
import shutil
import time

from browser import Look
from case import FarmTestCase, in_parallel
from load import Client, Load
from status_page import OPENMETRICS, PROMETHEUS, ROOT, StatusPage, Tables, promtool
from visitor import Visitor

WORKERS = 8
CLIENTS = 12
TIMEOUT_S = 0.3
SHOWN_S = 3
BACK_SHOWN_S = 5  # a probe a second, on a machine that is busy
LARGE = "random=60000"
LITTLE_MEMORY = ("-m", "1", "-I", "512k")  # the least that memcached takes
CROWD = 40
PICTURE_MINUTES = int(os.environ.get("MEMCACHE_SESSION_PICTURES", "0"))
RULES = os.path.join(ROOT, "share/memcache_session_alerts.yml")
PICTURES = os.path.join(ROOT, "docs")


class Status(FarmTestCase):
    maxDiff = None
    tls = False  # libmemcached, which asks the servers, does not speak it

    def setUp(self):
        super().setUp()
        self.farm = self.start_farm(servers=3, nodes=1, workers=WORKERS,
                                    url={"timeout": TIMEOUT_S, "retry_interval": 1})
        self.node = self.farm.nodes[0]
        self.page = StatusPage(self.farm, self.node)
        self.clients = [Client() for _ in range(CLIENTS)]

    def load(self, query=""):
        return Load(self.farm.nodes, self.clients, threads=WORKERS, query=query)

    def total(self, metrics, name):
        """The sum over all labels."""
        return sum(value for key, value in metrics.items()
                   if key.partition("{")[0] == f"memcache_session_{name}")

    def assert_total(self, metrics, expected):
        self.assertEqual({name: int(self.total(metrics, name)) for name in expected}, expected)

    def take_memory(self):
        """Restarts all servers with very little memory."""
        for server in self.farm.servers:
            server.kill()
            server.options = (*server.options, *LITTLE_MEMORY)
            server.start()

    def crowd(self, until):
        """Visitors with large sessions come, each twice, until this is true. Returns all of them.

        Sessions of the other clients are small, so that memcached keeps them in other slabs.
        """
        clients = []
        while not until():
            clients.append(Client())
            clients[-1].click(self.node, LARGE)
            if len(clients) > CROWD:
                clients[-CROWD].visitor.get(self.node, "tally.php?read=1")
        return clients

    def evicting(self):
        """The addresses of the servers that have evicted items, by their own account."""
        return [server.address for server in self.farm.servers
                if any(re.fullmatch("STAT evictions [1-9][0-9]*", line)
                       for line in server.ask("stats"))]


class Figures(Status):
    def test_figures_are_those_that_the_clients_count(self):
        with self.load() as load:
            load.wait_for_round()
            load.wait_for_round()
        in_parallel(CLIENTS, lambda index: self.clients[index].read(self.node))
        forgotten = [Client() for _ in range(5)]
        for client in forgotten:
            client.visitor.cookies["PHPSESSID"] = os.urandom(13).hex()
            client.click(self.node)
        for client in forgotten[:3]:
            client.visitor.get(self.node, "tally.php?destroy=1")

        stored = load.clicks + len(forgotten)
        opened = stored + CLIENTS + 3
        metrics = self.page.metrics()
        self.assert_total(metrics, {
            "opened_total": opened, "new_total": CLIENTS + len(forgotten),
            "missing_total": len(forgotten), "stored_total": stored, "touched_total": CLIENTS,
            "destroyed_total": 3, "refused_total": 0, "fewer_copies_total": 0,
            "opening_seconds_count": opened, "closing_seconds_count": opened,
            "locks_acquired_total": opened})
        self.assertGreaterEqual(self.total(metrics, "size_bytes_count"), stored)
        _, text = self.page.get()
        self.assertIn(f"<dt>opened</dt><dd>{opened:,}</dd>", text)
        self.assertIn(f"<dt>missing</dt><dd>{len(forgotten)}</dd>", text)

    def test_wait_for_a_lock_is_counted_with_its_time(self):
        hold_ms = 400
        self.clients[0].click(self.node)

        def click(index):
            time.sleep(0.1 * index)
            return Visitor(self.clients[0].visitor.cookies).get(
                self.node, f"tally.php?work_ms={hold_ms if index == 0 else 0}")

        _, waited = in_parallel(2, click)
        metrics = self.page.metrics()
        self.assert_total(metrics, {"lock_waits_total": 1, "lock_wait_seconds_count": 1})
        seconds = self.total(metrics, "lock_wait_seconds_sum")
        measured = json.loads(waited.body)["start_seconds"]
        self.assertLessEqual(seconds, measured)
        self.assertGreater(seconds, measured - 0.1)


class Failures(Status):
    def shows(self, server, up, **metrics):
        """Whether page and metrics show that the server is up or not, and at least these values."""
        def shown(rows, values):
            label = f'{{server="{server.address}"}}'
            return ((rows[server.address]["State"] == "up") == up
                    and all(values.get(f"memcache_session_{name}{label}", 0) >= least
                            for name, least in metrics.items())
                    and values[f"memcache_session_server_up{label}"] == up)
        return shown

    def failures(self, server, kind):
        return self.page.metric("server_failures_total",
                                f'server="{server.address}",kind="{kind}"')

    def test_killed_and_hung_servers_show_within_a_second_under_load(self):
        killed, hung, _ = self.farm.servers
        with self.load() as load:
            load.wait_for_round()
            killed.kill()
            self.page.wait(self.shows(killed, False, server_outages_total=1),
                           "the killed server shows", SHOWN_S)
            self.assertGreater(self.failures(killed, "refused") + self.failures(killed, "closed"),
                               0)
            killed.start()
            self.page.wait(self.shows(killed, True, server_recoveries_total=1),
                           "that it is back shows", BACK_SHOWN_S)
            load.settle()
            hung.hang()
            self.page.wait(self.shows(hung, False, server_outages_total=1),
                           "the hung server shows", TIMEOUT_S + SHOWN_S)
            self.assertGreater(self.failures(hung, "timeout"), 0)
            hung.resume()
            self.page.wait(self.shows(hung, True, server_recoveries_total=1),
                           "that it goes on shows", BACK_SHOWN_S)
            load.settle()
        metrics = self.page.metrics()
        refused = len(load.refused())
        self.assert_total(metrics, {"refused_total": refused,
                                    "stored_total": load.clicks - refused})

    def test_evictions_and_the_logins_lost_by_them_show_within_a_second(self):
        self.take_memory()
        with self.load() as load:
            load.wait_for_round()
            crowd = self.crowd(self.evicting)
            for address in self.evicting():
                metric = f'memcache_session_memcached_evictions_total{{server="{address}"}}'
                self.page.wait(lambda rows, values: values[metric] > 0
                               and rows[address]["Evictions"] != "0", "evictions show", SHOWN_S)
            crowd += self.crowd(lambda: len(self.evicting()) == len(self.farm.servers))
            load.wait_for_round()
        before = self.page.metric("missing_total")
        lost = [client for client in crowd if not any(
            server.item(client.visitor.session_id) for server in self.farm.servers)]
        for client in lost:
            client.visitor.get(self.node, "tally.php?read=1")
        self.assertGreater(len(lost), 0)
        self.assertEqual(self.page.metric("missing_total") - before, len(lost))


class Formats(Status):
    def setUp(self):
        super().setUp()
        self.clients[0].click(self.node)

    def test_metrics_are_valid_for_promtool_and_for_a_reader_of_openmetrics(self):
        from prometheus_client.openmetrics import parser  # pylint: disable=import-outside-toplevel
        for query in ("openmetrics", "openmetrics&servers"):
            headers, text = self.page.get(query, PROMETHEUS)
            self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"))
            self.assertEqual(promtool("check", "metrics", text=text), ("", True))
            headers, text = self.page.get(query, OPENMETRICS)
            self.assertEqual(headers["Content-Type"],
                             "application/openmetrics-text; version=1.0.0; charset=utf-8")
            families = list(parser.text_string_to_metric_families(text))
            self.assertGreater(len(families), 25)
        self.assertFalse(promtool("check", "metrics", text="a_total{ 1\n")[1])
        with self.assertRaises(ValueError):
            list(parser.text_string_to_metric_families(text.replace("# EOF", "")))

    def test_each_alert_fires_when_things_are_bad_and_none_when_they_are_well(self):
        self.assertEqual(promtool("check", "rules", RULES)[1], True)
        # promtool looks for the rules beside their test.
        shutil.copy(RULES, self.farm.folder)
        test = shutil.copy(os.path.join(ROOT, "tests/system/alerts_test.yml"), self.farm.folder)
        printed, passed = promtool("test", "rules", test)
        self.assertTrue(passed, printed)
        with open(RULES, encoding="utf-8") as rules, open(test, encoding="utf-8") as tested:
            alerts = re.findall(r"- alert: (\w+)", rules.read())
            fired = re.findall(r'alertname="(\w+)"', tested.read())
        self.assertEqual(sorted(alerts), sorted(fired))

    def test_all_metrics_of_the_alerts_and_the_dashboard_exist(self):
        have = {name.partition("{")[0] for name in self.page.metrics()}
        with open(os.path.join(ROOT, "share/memcache_session_dashboard.json"),
                  encoding="utf-8") as file:
            dashboard = json.load(file)
        texts = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        with open(RULES, encoding="utf-8") as file:
            texts.append(file.read())
        used = {name for text in texts for name in re.findall(r"memcache_session_\w+", text)}
        used.discard("memcache_session_status")  # the name of the page
        self.assertGreater(len(used), 20)
        self.assertEqual(used - have, set())

    def test_page_is_whole_and_reflects_nothing(self):
        for query in ("", "servers", "refresh=0", "refresh[]=1&servers[]=2",
                      'refresh="><script>alert(1)</script>&servers=<i>'.replace(" ", "")):
            headers, text = self.page.get(query.replace("<", "%3C").replace('"', "%22"))
            Tables(text)
            self.assertNotIn("alert", text)
            self.assertNotIn("<i>", text)
            self.assertNotIn("<script", text)
            self.assertEqual(headers["Refresh"], None if query == "refresh=0" else "10")
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
            self.assertIsNone(headers["Set-Cookie"], "it starts no session")
        self.assertEqual(self.page.metric("opened_total"), 1)


class Pictures(Status):
    """What a browser shows of a healthy farm, of a server that is down, and of evictions."""

    def look(self, name, **options):
        picture = None
        if PICTURE_MINUTES:
            picture = os.path.join(PICTURES, f"status_{name}.png")
        look = Look(f"{self.page.url}?refresh=0&servers", self.farm.folder, picture, **options)
        self.assertEqual(look.complaints, [])
        return Tables(look.text)

    def pass_time(self, minutes):
        """Besides the load, the tabs of one visitor wait for each other."""
        visitor = Visitor()
        end = time.monotonic() + 60 * minutes
        while not visitor.cookies or time.monotonic() < end:
            visitor.get(self.node, "tally.php")
            in_parallel(3, lambda _: visitor.tab().get(self.node, "tally.php?work_ms=30"))
            time.sleep(0.5)

    def test_browser_shows_a_healthy_farm_and_a_server_that_is_down(self):
        with self.load("work_ms=50") as load:
            load.wait_for_round()
            self.pass_time(PICTURE_MINUTES)
            shown = self.look("healthy")
            self.assertEqual(shown.texts["verdict"], ["All 3 servers are up"])
            self.assertNotIn("messages", shown.texts)
            killed = self.farm.servers[1]
            killed.kill()
            self.page.wait(lambda rows, _: rows[killed.address]["State"] != "up",
                           "the killed server shows", SHOWN_S)
            self.pass_time(PICTURE_MINUTES / 4)
            shown = self.look("down")
            self.assertEqual(shown.texts["verdict"], ["1 of 3 servers cannot be used"])
            self.assertIn(f"{killed.address} takes no connection: connection refused.",
                          shown.texts["messages"][0])
            self.look("dark", dark=True)
            self.look("phone", size=(500, 1060))

    def test_browser_shows_evictions(self):
        with self.load("work_ms=50") as load:
            load.wait_for_round()
            self.pass_time(PICTURE_MINUTES)
        self.take_memory()
        self.clients = [Client() for _ in range(CLIENTS)]
        end = time.monotonic() + 60 * PICTURE_MINUTES / 4
        with self.load("work_ms=50"):
            self.crowd(lambda: self.evicting() and time.monotonic() > end)
            shown = self.look("evicting")
        self.assertEqual(shown.texts["verdict"], ["All 3 servers are up"])
        self.assertRegex(shown.texts["messages"][0],
                         f"{self.evicting()[0]} has evicted [0-9,]+ items?")

    def test_browser_complains_of_a_style_that_the_policy_forbids(self):
        with open(os.path.join(self.farm.pages, "bad.php"), "w", encoding="ascii") as file:
            file.write("""<?php header("Content-Security-Policy: default-src 'none'");
                       echo '<p style="color: red">';""")
        look = Look(f"{self.node.url}bad.php", self.farm.folder)
        self.assertEqual(len(look.complaints), 1)
