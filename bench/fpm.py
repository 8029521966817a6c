"""bench/fpm: the session handlers behind nginx and php-fpm, under load. See README.md."""

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import time

import harness
from harness import BenchError, number, progress

VISITORS = (1, 4, 16, 64)
BYTES = (1024, 102400)
WORKERS = 8
SERVERS = 2
SESSIONS = 2000
TICKS = os.sysconf("SC_CLK_TCK")

FPM_CONF = """\
[global]
error_log = {directory}/fpm.log
daemonize = no
[www]
listen = {directory}/fpm.sock
listen.mode = 0666
pm = static
pm.max_children = {workers}
{user}
"""
NGINX_CONF = """\
{user}
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    fastcgi_temp_path {directory}/fastcgi;
    proxy_temp_path {directory}/proxy;
    scgi_temp_path {directory}/scgi;
    uwsgi_temp_path {directory}/uwsgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            fastcgi_pass unix:{directory}/fpm.sock;
            fastcgi_param SCRIPT_FILENAME {bench}$uri;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param QUERY_STRING $query_string;
        }}
    }}
}}
"""
LEGEND = """\
a request    session_start(), a counter changed, session_write_close(); {workers} workers,
             {sessions} sessions drawn at random, {seconds} s of load for each line
p50, p99     time of a request, ms
PHP, servers CPU time of the php-fpm workers and of memcached or Redis a request, us"""


class Redis(harness.Contender):
    name = "phpredis"
    version_of = "redis"
    extensions = ("igbinary", "redis")
    redis_port = 0

    def settings(self, ports, copies, kept):
        return {
            "session.save_handler": "redis",
            "session.save_path": f"tcp://127.0.0.1:{self.redis_port}?persistent=1",
            "redis.session.locking_enabled": "1",
            "redis.session.lock_wait_time": "2000",
            "redis.session.lock_retries": "15000",
        }


@contextlib.contextmanager
def started(command, is_up, what):
    try:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise BenchError(f"{what}: {error}") from None
    try:
        give_up = time.monotonic() + 10
        while not is_up():
            if process.poll() is not None or time.monotonic() > give_up:
                raise BenchError(f"{what} does not start")
            time.sleep(0.02)
        yield process
    finally:
        harness.stop(process)


def answers(port, command, end):
    try:
        harness.ask(port, command, end)
        return True
    except OSError:
        return False


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as listed:
        return listed.read().split()


class Farm:
    """php-fpm with the settings of one contender, behind nginx."""

    def __init__(self, fpm, directory):
        self.fpm = fpm
        self.directory = directory
        self.port = harness.free_port()

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        user = {"fpm.conf": "user = root\ngroup = root", "nginx.conf": "user root;"}[name]
        text = text.format(directory=self.directory, workers=WORKERS, port=self.port,
                           bench=harness.BENCH, user=user if os.geteuid() == 0 else "")
        with open(path, "w", encoding="utf-8") as output:
            output.write(text)
        return path

    @contextlib.contextmanager
    def serving(self, contender, settings):
        """The process ids of the workers."""
        command = [*harness.php_command(self.fpm, contender, {**settings,
                                                              "session.use_cookies": "1"})]
        command += ["-R", "-F", "-y", self.write("fpm.conf", FPM_CONF)]
        socket_path = os.path.join(self.directory, "fpm.sock")
        with started(command, lambda: os.path.exists(socket_path), "php-fpm") as fpm:
            nginx = ["nginx", "-c", self.write("nginx.conf", NGINX_CONF)]
            page = "GET /fpm.php?bytes=16 HTTP/1.0\r\nCookie: PHPSESSID=first\r\n"
            with started(nginx, lambda: answers(self.port, page, "ok"), "nginx"):
                yield children(fpm.pid)


def load(port, visitors, size, seconds):
    command = ["wrk", "-t", "1", "-c", str(visitors), "-d", f"{seconds}s", "--timeout", "20s",
               "-s", os.path.join(harness.BENCH, "fpm.lua"), f"http://127.0.0.1:{port}/", "--",
               str(size), str(SESSIONS)]
    output = harness.run_checked(command, "wrk", seconds + 60)
    return json.loads(re.search(r"^JSON (.*)$", output, re.M)[1])


def measure(farm, contender, copies, ports, server_pids, options):
    label = contender.name + (f", {copies} copies" if copies else "")
    copies = copies or 1
    settings = contender.settings(ports, copies, contender.keeps_connections(copies, True))
    rows = []
    with farm.serving(contender, settings) as workers:
        for size in options.sizes:
            load(farm.port, WORKERS, size, options.seconds)  # makes the sessions
            for visitors in options.visitors:
                progress(f"{label}: {visitors} visitors, {size} bytes")
                before = cpu_seconds(workers), cpu_seconds(server_pids)
                result = load(farm.port, visitors, size, options.seconds)
                after = cpu_seconds(workers), cpu_seconds(server_pids)
                requests = max(1, result["requests"])
                rows.append({
                    "handler": label, "bytes": size, "visitors": visitors,
                    "per_second": result["requests"] / result["us"] * 1e6,
                    "p50_ms": result["p50"] / 1000, "p99_ms": result["p99"] / 1000,
                    "php_us": (after[0] - before[0]) * 1e6 / requests,
                    "servers_us": (after[1] - before[1]) * 1e6 / requests,
                    "failed": result["failed"],
                })
    return rows


def report(rows, options, versions):
    columns = ["bytes", "visitors", "handler", "requests/s", "p50", "p99", "PHP", "servers",
               "failed"]
    cells, previous = [], None
    for row in sorted(rows, key=lambda row: (row["bytes"], row["visitors"])):
        group = row["bytes"], row["visitors"]
        if previous not in (None, group):
            cells.append(None)
        previous = group
        cells.append([number(row["bytes"]), number(row["visitors"]), row["handler"],
                      number(row["per_second"]), number(row["p50_ms"], 2),
                      number(row["p99_ms"], 2), number(row["php_us"]),
                      number(row["servers_us"]), number(row["failed"])])
    print("; ".join(versions) + "\n")
    harness.print_table(columns, cells)
    print("\n" + LEGEND.format(workers=WORKERS, sessions=SESSIONS, seconds=options.seconds))


def draw(rows, path):
    import matplotlib  # only with --picture

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "memcache_session"
    from matplotlib import pyplot

    sizes = sorted({row["bytes"] for row in rows})
    figure, axes = pyplot.subplots(2, len(sizes), figsize=(5 * len(sizes), 7), squeeze=False)
    for column, size in enumerate(sizes):
        for axis, key, title in ((axes[0][column], "per_second", "requests a second"),
                                 (axes[1][column], "p99_ms", "p99, ms")):
            for handler in dict.fromkeys(row["handler"] for row in rows):
                axis.plot(*zip(*[(row["visitors"], row[key]) for row in rows
                                 if row["handler"] == handler and row["bytes"] == size]),
                          marker="o", label=handler)
            axis.set_xscale("log", base=2)
            axis.set_title(f"{title}, sessions of {size // 1024} KB")
            axis.set_xlabel("visitors at once")
            axis.grid(alpha=0.3)
    axes[1][0].set_yscale("log")
    axes[0][0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="bench/fpm", description="Measures the session handlers behind nginx and php-fpm.")
    parser.add_argument("--quick", action="store_true", help="1 s of load, 1 and 16 visitors")
    harness.add_extension_option(parser)
    parser.add_argument("--json", metavar="PATH", help="also write the figures there")
    parser.add_argument("--picture", metavar="PATH", help="also draw them there, as SVG")
    options = parser.parse_args(arguments)
    options.seconds = 1 if options.quick else 5
    options.visitors = (1, 16) if options.quick else VISITORS
    options.sizes = BYTES
    return options


def main(arguments):
    options = parse_options(arguments)
    fpm = shutil.which("php-fpm8.2")
    if fpm is None:
        raise BenchError("php-fpm8.2 is not installed")
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(harness.work_directory())
        php, phpize, php_config = harness.find_php()
        extension = options.extension and os.path.abspath(options.extension)
        if extension is None:
            progress("building the extension")
            extension = harness.build_extension(phpize, php_config, directory)
        servers = [stack.enter_context(server()) for _ in range(SERVERS)]
        ports = [port for _, port in servers]
        redis = Redis()
        redis.redis_port = harness.free_port()
        redis_process = stack.enter_context(started(
            ["redis-server", "--port", str(redis.redis_port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", directory],
            lambda: answers(redis.redis_port, "PING", "PONG\r\n"), "redis-server"))
        sessions = os.path.join(directory, "sessions")
        os.mkdir(sessions)
        ours = harness.MemcacheSession(extension)
        entries = [(harness.Files(sessions), None), (ours, 1), (ours, 2),
                   (harness.PeclMemcache(), 1), (harness.PeclMemcache(), 2),
                   (harness.PhpMemcached(), 1), (redis, None)]
        pids = [process.pid for process, _ in servers] + [redis_process.pid]
        farm = Farm(fpm, directory)
        rows = []
        for contender, copies in entries:
            rows += measure(farm, contender, copies, ports, pids, options)
        versions = [harness.machine(), f"PHP {harness.php_version(php)}"]
        versions += [f"{each.name} {harness.extension_version(php, each)}"
                     for each in (ours, harness.PeclMemcache(), harness.PhpMemcached(), redis)]
        versions += [f"memcached {harness.server_version(ports[0])}"]
    report(rows, options, versions)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as output:
            json.dump({"versions": versions, "rows": rows}, output, indent=1)
    if options.picture:
        draw(rows, options.picture)
    return 1 if any(row["failed"] for row in rows) else 0


@contextlib.contextmanager
def server():
    process, port = harness.start_server(["-m", "1024"])
    try:
        yield process, port
    finally:
        harness.stop(process)


if __name__ == "__main__":
    harness.run(main)
