"""A machine of a test's own, to install things on: this one, with every change kept apart.

Its root is an overlay over this machine's: files that are written are kept in memory and end with
the test. Programs run in it by chroot, on this machine's network, so they reach a test's servers.
A test can ask for a network and a host name of its own.
Only root may do this.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from memcached import Server

# The shell ends at the end of its stdin, and its mounts and changes end with it, because the mount
# namespace is private.
MOUNT = """
set -eu
mount -t tmpfs tmpfs "$1"
cd "$1"
mkdir changes work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changes,workdir=$1/work" root
mount --bind /dev root/dev
mount -t proc proc root/proc
printf '#!/bin/sh\\nexit 101\\n' > root/usr/sbin/policy-rc.d
chmod 755 root/usr/sbin/policy-rc.d
echo ready
read -r ignored || true
"""

# The folders in which an installation leaves files. Logs and caches are no part of a package.
WATCHED = ("/etc", "/usr", "/var/lib")
UNWATCHED = ("/var/lib/dpkg", "/var/lib/apt", "/var/lib/systemd", "/etc/ld.so.cache")


def _mounts_of(pid):
    """What tells the machine of a process from others: its mount namespace. None: it has ended."""
    try:
        return os.readlink(f"/proc/{pid}/ns/mnt")
    except OSError:
        return None


class OwnMachineTestCase(unittest.TestCase):
    """A test that may install, run and remove anything. PHP has its built-in extensions and xml,
    which pecl needs.
    """

    namespaces = ["--mount"]  # options of unshare, and of nsenter

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="memcache_session-machine-")
        self.addCleanup(shutil.rmtree, self.folder)
        self._shell = subprocess.Popen(  # pylint: disable=consider-using-with
            ["unshare", *self.namespaces, "--propagation", "private", "sh", "-c", MOUNT, "-",
             self.folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(self._leave)
        answer = self._shell.stdout.readline()
        self.assertEqual(answer, "ready\n", "no machine of its own: is this root, may it mount?")
        self.run_there("sh", "-c", "find /etc/php/*/*/conf.d -type l ! -name '*-xml.ini' -delete")

    def _leave(self):
        self.end_programs_there()
        self._shell.communicate()

    def end_programs_there(self):
        """Kills what a test has started in its machine and left there."""
        here = _mounts_of(self._shell.pid)
        if here in (None, _mounts_of("self")):
            return  # the machine was not made
        while True:
            left = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and
                    int(pid) != self._shell.pid and _mounts_of(pid) == here]
            if not left:
                return
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)

    def root_there(self):
        """The path of the machine's root, for this process."""
        return f"/proc/{self._shell.pid}/root{self.folder}/root"

    def run_there(self, *command, cwd="/srv", stdin=None, **environment):
        """Runs a program, asserts that it succeeds, and returns its output."""
        enter = ["nsenter", "--target", str(self._shell.pid), *self.namespaces, "--root", "chroot",
                 os.path.join(self.folder, "root"), "env", "-C", cwd, *command]
        done = subprocess.run(
            enter, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                 "HOME": "/srv", "USER": "root", "LC_ALL": "C.UTF-8", "MAKEFLAGS": "-j2",
                 "DEBIAN_FRONTEND": "noninteractive", **environment})
        self.assertEqual(done.returncode, 0, f"{' '.join(command)}\n{done.stdout[-5000:]}")
        return done.stdout

    def take_there(self, names, source, target):
        """Copies files and folders of the folder `source` into `target` of the other root."""
        with subprocess.Popen(["tar", "-c", "-C", source, *names], stdout=subprocess.PIPE) as tar:
            self.run_there("mkdir", "-p", target)
            self.run_there("tar", "-x", "-C", target, "--no-same-owner", stdin=tar.stdout)
        self.assertEqual(tar.returncode, 0)

    def files_there(self):
        """Paths of all files, folders and links that an installation could have left."""
        prune = []
        for path in UNWATCHED:
            prune += ["-path", path, "-prune", "-o"]
        return set(self.run_there("find", *WATCHED, "-xdev", *prune, "-print").splitlines())

    def assert_php_starts_quietly(self):
        self.assertEqual(self.run_there("php", "-r", "echo 'started';"), "started")

    def assert_sessions_work(self):
        """Two PHP processes with the settings of php.ini share a session in memcached."""
        server = Server(self.folder, "m")
        self.addCleanup(server.kill)
        php = ["php", "-d", "session.save_handler=memcache",
               "-d", f"session.save_path=tcp://{server.address}", "-d", "session.use_cookies=0",
               "-d", "session.cache_limiter="]
        start = "session_id('abcdefghijklmnopqrstuvwxyz'); session_start(); "
        self.assertEqual(
            self.run_there(*php, "-r", start + "$_SESSION['seen'] = 41; echo 'stored';"), "stored")
        self.assertEqual(self.run_there(*php, "-r", start + "echo ++$_SESSION['seen'];"), "42")
        self.assertEqual(server.sessions(), 1)
