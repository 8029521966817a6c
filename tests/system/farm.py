"""A web farm on one machine: memcached servers, and web nodes of nginx and php-fpm, on loopback.

    with Farm(servers=3, nodes=2, redundancy=2) as farm:
        visitor = Visitor()
        answer = visitor.get(farm.nodes[0], "counter.php")
        farm.servers[0].kill()

Everything lives in one temporary folder and on free ports. Leaving the block ends exactly the
processes started here and removes the folder. If root starts the farm, memcached, nginx's workers
and php-fpm's workers run as unprivileged users, as on a real one.

From the environment: MEMCACHE_SESSION_SO, the extension under test; PHP and PHP_FPM, the programs.
The machine's own php.ini files are never read.
"""

import os
import shutil
import subprocess
import tempfile

from certificates import Authority
from memcached import Server
from node import Node, render_ini
from process import FarmError

LOG_LINES_SHOWN = 40
PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "www")


class Farm:
    """`servers` memcacheds and `nodes` web nodes that share sessions over them.

    url: parameters of every server in session.save_path, over persistent=1, timeout=1 and
         retry_interval=1.
    ini: settings over those below.
    tls: whether the servers and the web nodes speak TLS.
    """

    def __init__(self, servers=3, nodes=2, redundancy=2, url=None, ini=None, workers=4,
                 process_manager="static", tls=False):
        self.folder = tempfile.mkdtemp(prefix="memcache_session-farm-")
        self.pages = os.path.join(self.folder, "www")
        self.environment = {
            "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TMPDIR": self.folder}
        self.servers = []
        self.nodes = []
        self._started = []
        self._logs_at_close = None
        try:
            os.chmod(self.folder, 0o755)
            shutil.copytree(PAGES, self.pages)
            # A copy, because the next build must not replace the file of a running php-fpm.
            extension = shutil.copy(os.environ["MEMCACHE_SESSION_SO"], self.folder)
            self.authority = Authority(self.folder) if tls else None
            for number in range(1, servers + 1):
                self.servers.append(Server(self.folder, f"m{number}", self.authority))
            url = {"persistent": 1, "timeout": 1, "retry_interval": 1, **(url or {})}
            query = "&".join(f"{name}={value}" for name, value in url.items())
            self.settings = {
                "extension": extension,
                "display_errors": 1,
                "log_errors": 1,
                "html_errors": 0,
                "error_reporting": 32767,
                "date.timezone": "UTC",
                "session.save_handler": "memcache",
                "session.save_path": ",".join(server.url(query) for server in self.servers),
                "session.use_strict_mode": 1,
                "memcache.session_redundancy": redundancy,
                **(ini or {}),
            }
            self.php_ini = os.path.join(self.folder, "php.ini")
            self.php_log_path = os.path.join(self.folder, "php-cli.log")
            with open(self.php_ini, "w", encoding="utf-8") as file:
                file.write(render_ini({**self.settings, "error_log": self.php_log_path}))
            for name in "ABCDEFGH"[:nodes]:
                self.nodes.append(Node(self, name, self.settings, workers, process_manager))
        except BaseException as error:
            self.close()
            if isinstance(error, FarmError):
                raise FarmError(f"{error}\n{self._logs_at_close}") from error
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends every process started here and removes the folder. Harmless when repeated."""
        if self._logs_at_close is not None:
            return
        for node in self.nodes:
            node.stop()
        for process in self._started:
            process.kill()
            process.wait()
        for server in self.servers:
            server.process.kill()
        self._logs_at_close = self.logs()
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self):
        """The ends of all logs that are not empty: they help to understand a failure."""
        if self._logs_at_close is not None:
            return self._logs_at_close
        parts = []
        for folder, _, names in sorted(os.walk(self.folder)):
            for name in sorted(names):
                path = os.path.join(folder, name)
                if not name.endswith(".log") or os.path.getsize(path) == 0:
                    continue
                with open(path, encoding="utf-8", errors="replace") as log:
                    lines = log.read().splitlines()[-LOG_LINES_SHOWN:]
                parts.append(f"--- {os.path.relpath(path, self.folder)}\n" + "\n".join(lines))
        return "\n".join(parts)

    def php_command(self, *arguments, ini=None):
        """The command line that runs PHP with the farm's settings, without a web server."""
        command = [os.environ.get("PHP", "php"), "-n", "-c", self.php_ini]
        for name, value in (ini or {}).items():
            command += ["-d", f"{name}={value}"]
        return command + list(arguments)

    def start_php(self, script, *arguments, ini=None):
        """Starts a script of www/; its output comes through the pipe of the result."""
        return self.start(self.php_command(os.path.join(self.pages, script),
                                           *[str(argument) for argument in arguments], ini=ini))

    def start(self, command):
        """Starts a program that ends with the farm at the latest; its output is a pipe."""
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=self.environment, text=True)
        self._started.append(process)
        return process
