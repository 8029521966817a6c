"""Programs of a farm: started on free loopback ports, ended by pid."""

import os
import random
import signal
import socket
import subprocess
import time

START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 5


class FarmError(Exception):
    """The farm itself does not work: nothing was learnt about the extension."""


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
    """A loopback port nobody listens on, below those that the kernel gives to clients.

    A server that is killed must get its port back, so no client may have taken it meanwhile.
    """
    for _ in range(1000):
        port = random.randrange(20000, 32000)
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
        """To the program alone, not to its children."""
        if self.running():
            os.kill(self.pid, signal_number)

    def kill(self):
        """As kill -9 of the program and all its children."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._popen.wait()

    def stop(self):
        """Asks politely first."""
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
        """kill -9: gone at once, with all that it holds."""
        self.process.kill()
