"""What the benchmarks share: memcached servers, the delay proxy, the contenders, the table.

Servers and proxies listen on free ports of 127.0.0.1, and end with the `with` block that started
them; Ctrl-C and SIGTERM leave these blocks too (end_on_signals()).
"""

import contextlib
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BENCH = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(BENCH)

sys.path.insert(0, os.path.join(SOURCE, "tests", "system"))
from certificates import Authority


class BenchError(Exception):
    """The benchmark cannot go on; the text is for its user."""


def end_on_signals():
    """Turns SIGTERM and SIGHUP into an exit that runs every `finally`."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def run(main):
    """Ends the program with the status that main(arguments) returns, or with 2 for a BenchError."""
    end_on_signals()
    started = time.monotonic()
    try:
        status = main(sys.argv[1:])
        progress(f"done in {time.monotonic() - started:.0f} s")
        sys.exit(status)
    except BenchError as problem:
        print(f"bench: {problem}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


@contextlib.contextmanager
def work_directory():
    path = tempfile.mkdtemp(prefix="memcache_session_bench.")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def running(command, what):
    """A process with pipes, in a group of its own; the block's end kills what is left of it.

    A group, because killing strace or make alone would leave what they started.
    """
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True,
                                   start_new_session=True)
    except OSError as error:
        raise BenchError(f"{what}: {error}") from None
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def finish(process, what, timeout_s):
    """Waits for a running() process; returns its output, fails with the end of what it printed."""
    try:
        output, errors = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{what}: not done after {timeout_s} s") from None
    if process.returncode != 0:
        tail = (output + errors).strip()[-2000:]
        raise BenchError(f"{what}: status {process.returncode}\n{tail}")
    return output


def run_checked(command, what, timeout_s):
    with running(command, what) as process:
        return finish(process, what, timeout_s)


# --- memcached servers ---------------------------------------------------------------------------


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, command, end):
    """Sends one command line, returns the answer up to and with `end`."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(command.encode() + b"\r\n")
        answer = b""
        while not answer.endswith(end.encode()):
            received = connection.recv(65536)
            if not received:
                raise BenchError(f"port {port}: closed during {command!r}")
            answer += received
    return answer.decode()


def server_version(port):
    return ask(port, "version", "\r\n").split()[1]


def stored_keys(port):
    return re.findall(r"^key=(\S+)", ask(port, "lru_crawler metadump hash", "END\r\n"), re.M)


def stop(process):
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def start_server(options=(), tls_port=None):
    """Starts a memcached; returns its process and port once it answers.

    tls_port: where it listens for TLS too; the options have its certificate then.
    """
    for _ in range(5):  # between free_port() and memcached another program may take the port
        port = free_port()
        listeners = "127.0.0.1" if tls_port is None else \
            f"notls:127.0.0.1:{port},127.0.0.1:{tls_port}"
        command = ["memcached", "-l", listeners, "-p", str(port), "-U", "0", "-t", "1", *options]
        if os.geteuid() == 0:
            command += ["-u", "nobody"]
        try:
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        except OSError as error:
            raise BenchError(f"memcached: {error}") from None
        give_up = time.monotonic() + 5
        try:
            while process.poll() is None and time.monotonic() < give_up:
                try:
                    server_version(port)
                    return process, port
                except OSError:
                    time.sleep(0.01)
        except BaseException:
            stop(process)  # a signal came
            raise
        stop(process)
    raise BenchError("memcached does not start")


@contextlib.contextmanager
def servers(count, options=()):
    """Ports of `count` memcached servers."""
    processes, ports = [], []
    try:
        for _ in range(count):
            process, port = start_server(options)
            processes.append(process)
            ports.append(port)
        yield ports
    finally:
        for process in processes:
            stop(process)


@contextlib.contextmanager
def servers_of_both(count, directory):
    """Ports of `count` memcached servers, the port of each for TLS by that port, and the CA's file.
    """
    authority = Authority(directory)
    os.chmod(directory, 0o755)  # because memcached reads its files as nobody
    certificate = authority.issue("server")
    options = ["-Z", "-o", f"ssl_chain_cert={certificate.path},ssl_key={certificate.key_path}"]
    processes, encrypted = [], {}
    try:
        for _ in range(count):
            tls_port = free_port()
            process, port = start_server(options, tls_port)
            processes.append(process)
            encrypted[port] = tls_port
        yield list(encrypted), encrypted, authority.path
    finally:
        for process in processes:
            stop(process)


# --- the delay proxy -----------------------------------------------------------------------------


def build_proxy(directory):
    binary = os.path.join(directory, "delay_proxy")
    source = os.path.join(BENCH, "delay_proxy.cpp")
    compile_it = ["g++", "-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-o", binary, source]
    run_checked(compile_it, "building the delay proxy", 120)
    return binary


@contextlib.contextmanager
def delayed(binary, delay_ms, ports):
    """Ports that lead to `ports`, every byte `delay_ms` later, each way."""
    process = subprocess.Popen(
        [binary, str(int(delay_ms * 1000)), *map(str, ports)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        lines = [process.stdout.readline() for _ in ports]
        if not all(lines):
            raise BenchError("the delay proxy does not start")
        yield [int(line) for line in lines]
    finally:
        stop(process)


def round_trip_ms(port, tries=40):
    """Fastest time of one command and its answer on a warm connection."""
    times = []
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(tries):
            start = time.perf_counter()
            connection.sendall(b"version\r\n")
            connection.recv(4096)
            times.append((time.perf_counter() - start) * 1000)
    return min(times)


# --- the contenders ------------------------------------------------------------------------------

COMMON_SETTINGS = {
    "display_errors": "stderr",
    "html_errors": "0",
    "session.use_cookies": "0",
    "session.cache_limiter": "",
    "session.gc_probability": "0",
    "session.use_strict_mode": "0",
    "session.serialize_handler": "php",
}


class Contender:
    """A session handler: its extensions, and its settings for a pool and a number of copies."""

    name = ""
    extensions = ()
    version_of = ""  # the extension whose version is printed, if any
    redundant = True  # keeps copies on memcached servers

    def keeps_connections(self, copies, kept):
        """Whether connections outlive a session, where the caller asked for `kept`."""
        return kept

    def settings(self, ports, copies, kept):
        raise NotImplementedError


class MemcacheContender(Contender):
    """Ours and pecl/memcache, which have the same settings."""

    def settings(self, ports, copies, kept):
        return {
            "session.save_handler": "memcache",
            "session.save_path": tcp_list(ports, kept),
            "memcache.session_redundancy": str(copies),
        }


class MemcacheSession(MemcacheContender):
    name = "memcache_session"
    version_of = "memcache_session"

    def __init__(self, extension):
        self.extensions = (extension,)


class MemcacheSessionTls(MemcacheSession):
    """Ours over TLS. `encrypted`: the port for TLS of each server, by its other port."""

    name = "memcache_session, TLS"

    def __init__(self, extension, encrypted, cafile):
        super().__init__(extension)
        self._encrypted = encrypted
        self._cafile = cafile

    def settings(self, ports, copies, kept):
        path = ",".join(f"tls://127.0.0.1:{self._encrypted[port]}?persistent={int(kept)}"
                        f"&cafile={self._cafile}" for port in ports)
        return {**super().settings(ports, copies, kept), "session.save_path": path}


class PeclMemcache(MemcacheContender):
    # In 4.0.5.2 the setting is the number of copies while all servers answer: counted, as every
    # run counts them again.
    name = "pecl/memcache"
    version_of = "memcache"
    extensions = ("memcache",)


class PhpMemcached(Contender):
    name = "php-memcached"
    version_of = "memcached"
    extensions = ("igbinary", "msgpack", "memcached")

    def keeps_connections(self, copies, kept):
        # 3.2.0 with replicas leaves answers unread on a kept connection and takes them for the
        # answers of the next session: sessions fail to start and lose data.
        return kept and copies == 1

    def settings(self, ports, copies, kept):
        return {
            "session.save_handler": "memcached",
            "session.save_path": ",".join(f"127.0.0.1:{port}" for port in ports),
            "memcached.sess_locking": "1",
            "memcached.sess_persistent": str(int(self.keeps_connections(copies, kept))),
            "memcached.sess_consistent_hash": "1",
            # Replicas exist in the binary protocol only; it is the default.
            "memcached.sess_binary_protocol": "1",
            "memcached.sess_number_of_replicas": str(copies - 1),
        }


class Files(Contender):
    name = "files"
    redundant = False

    def __init__(self, directory):
        self.directory = directory

    def settings(self, ports, copies, kept):
        return {"session.save_handler": "files", "session.save_path": self.directory}


def tcp_list(ports, kept):
    return ",".join(f"tcp://127.0.0.1:{port}?persistent={int(kept)}" for port in ports)


def find_php():
    """PHP, phpize and php-config of one version: Debian's 8.2 where it is installed."""
    for suffix in ("8.2", ""):
        tools = [shutil.which(tool + suffix) for tool in ("php", "phpize", "php-config")]
        if all(tools):
            return tools
    raise BenchError("php, phpize and php-config are not installed")


def php_command(php, contender, settings):
    """A PHP that reads no php.ini and loads this contender's extensions only."""
    command = [php, "-n"]
    for extension in contender.extensions:
        command += ["-d", f"extension={extension}"]
    for key, value in {**COMMON_SETTINGS, **settings}.items():
        command += ["-d", f'{key}="{value}"']
    return command


def php_version(php):
    return run_checked([php, "-n", "-r", "echo PHP_VERSION;"], "php", 30)


def extension_version(php, contender):
    code = ("$version = phpversion($argv[1]);"
            "if ($version === false) { fwrite(STDERR, 'not loaded'); exit(1); }"
            "echo $version;")
    command = [*php_command(php, contender, {}), "-r", code, contender.version_of]
    return run_checked(command, contender.name, 30)


def add_extension_option(parser):
    """The option that saves a benchmark build_extension()."""
    parser.add_argument("--extension", metavar="PATH",
                        help="a built memcache_session.so; without it one is built from this tree")


def build_extension(phpize, php_config, directory):
    """Builds the extension from a copy of the source tree; returns the path of its .so."""
    if not os.path.exists(os.path.join(SOURCE, "config.m4")):
        raise BenchError(f"no config.m4 in {SOURCE}: give --extension PATH")
    copy = os.path.join(directory, "source")
    skipped = shutil.ignore_patterns(".git", "build", "modules", ".libs", "autom4te.cache",
                                     "*.lo", "*.o", "*.dep", "Makefile", "config.status")
    shutil.copytree(SOURCE, copy, symlinks=True, ignore=skipped)
    for command in ([phpize], ["./configure", f"--with-php-config={php_config}"], ["make", "-j2"]):
        in_copy = ["env", "-C", copy, *command]
        run_checked(in_copy, f"building the extension: {command[0]}", 900)
    built = os.path.join(copy, "modules", "memcache_session.so")
    if not os.path.exists(built):
        raise BenchError("building the extension: no modules/memcache_session.so")
    return built


# --- printing ------------------------------------------------------------------------------------


def machine():
    return f"{platform.system()} {platform.release()}, {os.cpu_count()} processors"


def number(value, digits=0):
    return "-" if value is None else f"{value:.{digits}f}"


def print_table(columns, rows):
    """Prints rows of texts; None is a line between groups. Numbers stand to the right."""
    cells = [row for row in rows if row is not None]
    widths = [max(len(row[i]) for row in [columns, *cells]) for i in range(len(columns))]
    numeric = [all(re.fullmatch(r"[-\d.]*", row[i]) for row in cells) for i in range(len(columns))]
    rule = "  ".join("-" * width for width in widths)

    def line(row):
        texts = (text.rjust(width) if right else text.ljust(width)
                 for text, width, right in zip(row, widths, numeric))
        return "  ".join(texts).rstrip()

    print(line(columns))
    print(rule)
    for row in rows:
        print(rule if row is None else line(row))
