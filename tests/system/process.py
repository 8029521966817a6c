"""Programs of a farm: started on free loopback ports, ended by pid."""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 5


class FarmError(Exception):
    """The farm itself does not work, so the test shows nothing about the extension."""


def wait_until(condition, what, seconds=START_SECONDS_MAX):
    """Returns the first true result of condition(), or raises FarmError after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise FarmError(f"{what}: not within {seconds} s")
        time.sleep(0.01)


def free_port():
    """A loopback port without listener, below those that the kernel gives to clients.

    A server that is killed must get its port back, so no client may have taken it meanwhile, and
    no test that runs beside this one.
    """
    first, last = map(int, os.environ.get("MEMCACHE_SESSION_TEST_PORTS", "20000-31999").split("-"))
    for _ in range(1000):
        port = random.randint(first, last)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise FarmError("no free port")


def accepts(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """One program of the farm and its children: they share a process group of their own."""

    def __init__(self, command, log_path, environment=None):
        self.command = command
        with open(log_path, "ab") as log:
            self._popen = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment, start_new_session=True)

    @property
    def pid(self):
        return self._popen.pid

    def running(self):
        return self._popen.poll() is None

    def send(self, signal_number):
        """Sends the signal to the program, but not to its children."""
        if self.running():
            os.kill(self.pid, signal_number)

    def kill(self):
        """Sends SIGKILL to the program and all its children."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._popen.wait()

    def stop(self):
        """Sends SIGTERM first, and SIGKILL after some time."""
        if self.running():
            self._popen.terminate()
            try:
                self._popen.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                pass
        self.kill()


class Listener:
    """A program that listens on a loopback port, which it keeps through kill() and start()."""

    def __init__(self, name, log_path):
        self.name = name
        self.log_path = log_path
        self.process = None
        self.port = None
        for _ in range(10):
            self.port = free_port()
            try:
                self.start()
                return
            except FarmError:
                continue
        raise FarmError(f"{name} does not start")

    def command(self):
        """The program and its arguments, for `port`."""
        raise NotImplementedError

    def start(self):
        """Returns when it accepts connections."""
        self.process = Process(self.command(), self.log_path)

        def up():
            if not self.process.running():
                raise FarmError(f"{self.name} ended at once, port {self.port}")
            return accepts(self.port)
        try:
            wait_until(up, f"{self.name} listens")
        except BaseException:
            self.kill()
            raise

    def kill(self):
        """Sends SIGKILL: the program ends at once and loses all its data."""
        self.process.kill()


class ListenerFolder:
    """Listeners that end together, with the temporary folder of their logs: use it by `with`."""

    def __init__(self, name):
        self.folder = tempfile.mkdtemp(prefix=f"memcache_session-{name}-")
        os.chmod(self.folder, 0o755)  # because memcached reads its files as nobody
        self._listeners = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def add(self, listener, *arguments, **options):
        """Starts a listener of this class; its first argument is the folder."""
        try:
            self._listeners.append(listener(self.folder, *arguments, **options))
        except BaseException:
            self.close()
            raise
        return self._listeners[-1]

    def close(self):
        """Harmless when repeated."""
        for listener in self._listeners:
            listener.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
