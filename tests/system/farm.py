"""A web farm on one machine: memcached servers, and web nodes of nginx and php-fpm, on loopback.

    with Farm(servers=3, nodes=2, redundancy=2) as farm:
        visitor = Visitor()
        answer = visitor.get(farm.nodes[0], "counter.php")
        farm.servers[0].kill()

Everything lives in one temporary folder and on free ports. Leaving the block ends exactly the
processes started here and removes the folder. Started by root, the farm gives memcached, nginx's
workers and php-fpm's workers to unprivileged users, as a real one does.

From the environment: MEMCACHE_SESSION_SO, the extension under test; PHP and PHP_FPM, the programs.
The machine's own php.ini files are never read.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile

from memcached import Server
from process import FarmError, Process, accepts, free_port, wait_until

LOG_LINES_SHOWN = 40
PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "www")


def render_ini(settings):
    return "".join(f'{name} = "{value}"\n' for name, value in settings.items())


class Node:
    """One web node: nginx in front of a php-fpm master of its own, serving the pages of www/."""

    def __init__(self, farm, name, settings, workers, process_manager):
        self.name = name
        self.port = None
        self._pages = farm.pages
        self.folder = os.path.join(farm.folder, f"node-{name}")
        os.makedirs(os.path.join(self.folder, "tmp"))
        self.php_log_path = os.path.join(self.folder, "php.log")
        self._write("php.log", "")
        os.chmod(self.php_log_path, 0o666)
        self._socket = os.path.join(self.folder, "php-fpm.sock")
        php_ini = self._write("php.ini", render_ini({**settings, "error_log": self.php_log_path}))
        php_fpm_conf = self._write("php-fpm.conf", self._php_fpm_conf(workers, process_manager))

        self.php_fpm = Process(
            [os.environ.get("PHP_FPM", "php-fpm"), "-n", "-c", php_ini, "-F", "-y", php_fpm_conf],
            os.path.join(self.folder, "php-fpm.log"), farm.environment)
        self.nginx = None
        try:
            wait_until(self._php_fpm_up, "php-fpm listens")
            self._start_nginx()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def php_log(self):
        """What PHP wrote to its error log so far, line by line."""
        with open(self.php_log_path, encoding="utf-8", errors="replace") as log:
            return log.read().splitlines()

    def stop(self):
        for process in (self.nginx, self.php_fpm):
            if process is not None:
                process.stop()

    def _write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def _php_fpm_up(self):
        if not self.php_fpm.running():
            raise FarmError("php-fpm ended at once")
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self._socket) == 0

    def _start_nginx(self):
        for _ in range(10):
            self.port = free_port()
            conf = self._write("nginx.conf", self._nginx_conf())
            self.nginx = Process(
                ["nginx", "-p", self.folder, "-e", os.path.join(self.folder, "nginx.log"),
                 "-c", conf],
                os.path.join(self.folder, "nginx.log"))
            try:
                wait_until(self._nginx_up, "nginx listens")
                return
            except FarmError:
                self.nginx.stop()
        raise FarmError("nginx does not start")

    def _nginx_up(self):
        if not self.nginx.running():
            raise FarmError("nginx ended at once")
        return accepts(self.port)

    def _php_fpm_conf(self, workers, process_manager):
        lines = ["[global]",
                 f"error_log = {self.folder}/php-fpm.log",
                 "log_limit = 8192",
                 "[www]",
                 f"listen = {self._socket}",
                 "listen.mode = 0666",
                 "listen.backlog = 511",
                 f"pm = {process_manager}",
                 f"pm.max_children = {workers}",
                 "clear_env = yes"]
        if process_manager == "dynamic":
            lines += [f"pm.start_servers = {min(2, workers)}", "pm.min_spare_servers = 1",
                      f"pm.max_spare_servers = {workers}"]
        if os.geteuid() == 0:
            user = pwd.getpwnam("www-data")
            lines += [f"user = {user.pw_uid}", f"group = {user.pw_gid}"]
        return "\n".join(lines) + "\n"

    def _nginx_conf(self):
        user = "user www-data;" if os.geteuid() == 0 else ""
        temporary = "\n".join(
            f"    {kind}_temp_path {self.folder}/tmp/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""{user}
daemon off;
worker_processes 1;
pid {self.folder}/nginx.pid;
error_log {self.folder}/nginx.log warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
{temporary}
    server {{
        listen 127.0.0.1:{self.port} backlog=511;
        root {self._pages};
        location / {{
            fastcgi_pass unix:{self._socket};
            fastcgi_read_timeout 60s;
            fastcgi_param GATEWAY_INTERFACE CGI/1.1;
            fastcgi_param SERVER_PROTOCOL $server_protocol;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param SCRIPT_NAME $fastcgi_script_name;
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param HTTP_HOST $http_host;
        }}
    }}
}}
"""


class Farm:
    """`servers` memcacheds and `nodes` web nodes that share sessions over them.

    url: parameters of every server in session.save_path, over persistent=1, timeout=1 and
         retry_interval=1.
    ini: settings over those below.
    """

    def __init__(self, servers=3, nodes=2, redundancy=2, url=None, ini=None, workers=4,
                 process_manager="static"):
        self.folder = tempfile.mkdtemp(prefix="memcache_session-farm-")
        self.pages = os.path.join(self.folder, "www")
        self.environment = {
            "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TMPDIR": self.folder}
        self.servers = []
        self.nodes = []
        self._logs_at_close = None
        try:
            os.chmod(self.folder, 0o755)
            shutil.copytree(PAGES, self.pages)
            # A copy: the next build must not pull it from under a running php-fpm.
            extension = shutil.copy(os.environ["MEMCACHE_SESSION_SO"], self.folder)
            for number in range(1, servers + 1):
                self.servers.append(Server(self.folder, f"m{number}"))
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
                "session.save_path": ",".join(
                    f"tcp://{server.address}?{query}" for server in self.servers),
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
        for server in self.servers:
            server.process.kill()
        self._logs_at_close = self.logs()
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self):
        """The ends of all logs that are not empty, for whoever must understand a failure."""
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
        return subprocess.Popen(
            self.php_command(os.path.join(self.pages, script),
                             *[str(argument) for argument in arguments], ini=ini),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=self.environment, text=True)
