"""A web node of a farm: nginx, and php-fpm behind it."""

import os
import pwd
import socket

from process import FarmError, Process, accepts, free_port, wait_until


def render_ini(settings):
    """Repeats a setting, as `extension`, for each element of a list."""
    return "".join(f'{name} = "{each}"\n' for name, value in settings.items()
                   for each in (value if isinstance(value, list) else [value]))


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class PhpFpm:
    """A php-fpm master with one pool, in a folder that has its php.ini and its logs."""

    def __init__(self, farm, folder, settings, workers, process_manager, control_timeout_s=0):
        os.makedirs(folder, exist_ok=True)
        self._folder = folder
        self._settings = settings
        self.log_path = write(folder, "php.log", "")
        os.chmod(self.log_path, 0o666)
        self.socket = os.path.join(folder, "php-fpm.sock")
        self.php_ini = self.configure({})
        conf = write(folder, "php-fpm.conf",
                     self._conf(workers, process_manager, control_timeout_s))
        self.process = Process(
            [os.environ.get("PHP_FPM", "php-fpm"), "-n", "-c", self.php_ini, "-F", "-y", conf],
            os.path.join(folder, "php-fpm.log"), farm.environment)
        try:
            wait_until(self._up, "php-fpm listens")
        except BaseException:
            self.process.stop()
            raise

    def configure(self, settings):
        """Writes php.ini with these settings over the first ones; a reload makes them count."""
        return write(self._folder, "php.ini", render_ini(
            {**self._settings, **settings, "error_log": self.log_path}))

    def _up(self):
        if not self.process.running():
            raise FarmError("php-fpm ended at once")
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.socket) == 0

    def _conf(self, workers, process_manager, control_timeout_s):
        lines = ["[global]",
                 f"error_log = {self._folder}/php-fpm.log",
                 "log_limit = 8192",
                 f"process_control_timeout = {control_timeout_s}s",
                 "[www]",
                 f"listen = {self.socket}",
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


class Node:
    """nginx in front of a php-fpm master of its own, serving the pages of www/.

    pools: settings of further php-fpm masters behind the same nginx, by name: page.php?pool=NAME
           is served by that one.
    control_timeout_s: how long a php-fpm master that is told to reload waits for its workers.
    locations: more of nginx's configuration. SOCKET is php-fpm's.
    """

    def __init__(self, farm, name, settings, workers, process_manager, pools=None,
                 control_timeout_s=0, locations=""):
        self.name = name
        self.port = None
        self._pages = farm.pages
        self._locations = locations
        self.folder = os.path.join(farm.folder, f"node-{name}")
        os.makedirs(os.path.join(self.folder, "tmp"))
        self._pools = {}
        self.nginx = None
        try:
            self._pools[name] = PhpFpm(farm, self.folder, settings, workers, process_manager,
                                       control_timeout_s)
            for pool, others in (pools or {}).items():
                self._pools[pool] = PhpFpm(farm, os.path.join(self.folder, pool), others, workers,
                                           process_manager, control_timeout_s)
            self._start_nginx()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    @property
    def php_fpm(self):
        return self._pools[self.name].process

    def configure(self, settings):
        """Writes php.ini with these settings over the first ones; a reload makes them count."""
        self._pools[self.name].configure(settings)

    def workers(self):
        """Returns the pids of php-fpm's present workers."""
        pid = self.php_fpm.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            return [int(child) for child in children.read().split()]

    @property
    def php_log_path(self):
        return self._pools[self.name].log_path

    def php_log(self, pool=None):
        """Returns the lines of PHP's error log so far."""
        with open(self._pools[pool or self.name].log_path, encoding="utf-8",
                  errors="replace") as log:
            return log.read().splitlines()

    def stop(self):
        for process in (self.nginx, *(pool.process for pool in self._pools.values())):
            if process is not None:
                process.stop()

    def _start_nginx(self):
        for _ in range(10):
            self.port = free_port()
            conf = write(self.folder, "nginx.conf", self._nginx_conf())
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

    def _nginx_conf(self):
        user = "user www-data;" if os.geteuid() == 0 else ""
        temporary = "\n".join(
            f"    {kind}_temp_path {self.folder}/tmp/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        upstreams = "\n".join(f"    upstream {name} {{ server unix:{pool.socket}; }}"
                              for name, pool in self._pools.items())
        locations = self._locations.replace("SOCKET", self._pools[self.name].socket)
        choices = " ".join(f"{name} {name};" for name in self._pools)
        return f"""{user}
daemon off;
worker_processes 1;
pid {self.folder}/nginx.pid;
error_log {self.folder}/nginx.log warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
{temporary}
{upstreams}
    map $arg_pool $pool {{ default {self.name}; {choices} }}
    server {{
        listen 127.0.0.1:{self.port} backlog=511;
        root {self._pages};
{locations}
        location / {{
            fastcgi_pass $pool;
            fastcgi_read_timeout 60s;
            fastcgi_param GATEWAY_INTERFACE CGI/1.1;
            fastcgi_param SERVER_PROTOCOL $server_protocol;
            fastcgi_param SERVER_NAME $host;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param DOCUMENT_ROOT $document_root;
            fastcgi_param SCRIPT_NAME $fastcgi_script_name;
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param HTTP_HOST $http_host;
        }}
    }}
}}
"""
