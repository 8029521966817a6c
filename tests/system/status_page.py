"""The status page of a node, as its readers see it: rows of its tables, and metrics."""

import html.parser
import os
import re
import shutil
import subprocess
import urllib.request

from process import wait_until

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
PAGE = os.path.join(ROOT, "share/memcache_session_status.php")
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
PROMETHEUS = "text/plain;version=0.0.4"


class Tables(html.parser.HTMLParser):
    """Reads HTML in which every element is closed in order. `rows`: {head: {column: text}}."""

    VOID = {"meta", "br", "hr", "img", "input", "link"}

    def __init__(self, text):
        super().__init__()
        self.rows = {}
        self.texts = {}  # of each class of elements: a list
        self._open = []
        self._head = ""
        self.feed(text)
        self.close()
        if self._open:
            raise AssertionError(f"not closed: {self._open}")

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self._open.append((tag, dict(attrs)))
            for name in (dict(attrs).get("class") or "").split():
                self.texts.setdefault(name, []).append("")
            if tag == "tr":
                self._head = ""

    def handle_endtag(self, tag):
        if not self._open or self._open.pop()[0] != tag:
            raise AssertionError(f"</{tag}> closes no <{tag}>")

    def handle_data(self, data):
        for tag, attributes in self._open:
            for name in (attributes.get("class") or "").split():
                self.texts[name][-1] += data
            if tag == "th" and attributes.get("scope") == "row":
                self._head += data
            if "data-column" in attributes:
                row = self.rows.setdefault(self._head, {})
                row[attributes["data-column"]] = row.get(attributes["data-column"], "") + data


class StatusPage:
    """memcache_session_status.php among the pages of a node."""

    def __init__(self, farm, node):
        shutil.copy(PAGE, os.path.join(farm.pages, "status.php"))
        self.url = f"{node.url}status.php"

    def get(self, query="", accept="text/html"):
        """Returns the headers and the text."""
        request = urllib.request.Request(f"{self.url}?{query}", headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.headers, answer.read().decode()

    def rows(self):
        """The rows of all tables; the servers are asked too."""
        return Tables(self.get("servers")[1]).rows

    def metrics(self):
        """The values by name and labels: {"memcache_session_new_total": 3.0}."""
        text = self.get("openmetrics&servers", PROMETHEUS)[1]
        return {name: float(value) for name, value in
                re.findall(r"(?m)^([a-z][^ ]*?(?:\{.*\})?) (\S+)$", text)}

    def metric(self, name, labels=""):
        """One of them: metric("server_up", 'server="10.0.0.1:11211"')."""
        name = f"memcache_session_{name}" + (f"{{{labels}}}" if labels else "")
        return self.metrics().get(name)

    def wait(self, shown, what, seconds):
        """Returns when both the page and the metrics show it: shown(rows, metrics)."""
        wait_until(lambda: shown(self.rows(), self.metrics()), what, seconds)


def promtool(*arguments, text=None):
    """The output of promtool, and whether it was content."""
    done = subprocess.run(["promtool", *arguments], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=30, check=False)
    return done.stdout, done.returncode == 0
