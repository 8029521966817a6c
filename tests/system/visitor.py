"""A visitor of the farm: a browser that keeps its cookies."""

import http.client
import time


class Answer:
    """An answer to a visitor: status (0 for no answer at all), body, set_cookies, seconds."""

    def __init__(self, status, body, set_cookies, seconds):
        self.status = status
        self.body = body
        self.set_cookies = set_cookies
        self.seconds = seconds

    def __repr__(self):
        return f"{self.status} after {self.seconds:.3f} s: {self.body.strip()!r}"


class Visitor:
    """A browser with a cookie jar of its own. Not for several threads at once: see tab()."""

    SECONDS_MAX = 60

    def __init__(self, cookies=None, host=None):
        self.cookies = dict(cookies or {})
        self._host = host  # the site that is visited

    def tab(self):
        """Another visitor with the present cookies, for another thread."""
        return Visitor(self.cookies, self._host)

    @property
    def session_id(self):
        return self.cookies.get("PHPSESSID")

    def get(self, node, page):
        headers = {"Host": self._host} if self._host else {}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}"
                                          for name, value in self.cookies.items())
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=self.SECONDS_MAX)
        try:
            connection.request("GET", "/" + page, headers=headers)
            response = connection.getresponse()
            body = response.read().decode("utf-8", "replace")
            status, fields = response.status, response.msg.get_all("Set-Cookie") or []
        except (OSError, http.client.HTTPException) as error:
            status, body, fields = 0, repr(error), []
        finally:
            connection.close()
        set_cookies = {}
        for field in fields:
            name, _, value = field.split(";")[0].partition("=")
            set_cookies[name] = value
        self.cookies.update(set_cookies)
        return Answer(status, body, set_cookies, time.monotonic() - began)
