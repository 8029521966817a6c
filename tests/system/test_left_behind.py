"""dev/contained.py: what dev/test and dev/demo leave behind is found, ended and removed."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from process import wait_until

DEV = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../dev")
CONTAINED = os.path.join(DEV, "contained.py")
sys.path.insert(0, DEV)
from contained import started_by  # noqa: E402
START_SECONDS_MAX = 120
END_SECONDS_MAX = 30

# What each script plants, and how that is listed.
LEFTOVERS = {
    "sleep 1000 &": r"process \d+: sleep 1000",
    "setsid -f sleep 1000": r"process \d+: sleep 1000",
    "(setsid env -i sleep 1000 &)": r"process \d+: sleep 1000",
    "setsid -f unshare --net sleep 1000": r"process \d+, in a namespace .* \(net\): sleep 1000",
    "setsid -f unshare --mount sleep 1000": r"process \d+, in a namespace .* \(mnt\): sleep 1000",
    "mkdir $TMPDIR/m && mount -t tmpfs none $TMPDIR/m": r"mount TMPDIR/m",
    "mkdir $TMPDIR/m && mount --bind / $TMPDIR/m": r"mount TMPDIR/m",
    "touch $TMPDIR/ns && unshare --net=$TMPDIR/ns true": r"mount TMPDIR/ns",
    "mktemp -d > /dev/null": r"temporary TMPDIR/tmp\.",
}


def contained(script):
    return subprocess.run(
        [sys.executable, "-B", CONTAINED, "run", "/bin/bash", "-c", script],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=60, check=False)


def command_line(pid):
    """Program and arguments of a process, or nothing if it has ended."""
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().replace("\0", " ").strip()
    except OSError:
        return ""


def programs_below(pid):
    """The command lines of all that a process and its children started, by pid."""
    return {found: command_line(found) for found in started_by(pid)}


class LeftBehind(unittest.TestCase):
    def test_each_kind_of_leftover_is_found_and_removed(self):
        for script, listed in LEFTOVERS.items():
            with self.subTest(script):
                done = contained(f"echo $TMPDIR; {script}")
                self.assertEqual(done.returncode, 1, done.stdout)
                folder = done.stdout.splitlines()[0]
                self.assertIn("left behind, and removed now:", done.stdout)
                self.assertRegex(done.stdout, listed.replace("TMPDIR", re.escape(folder)))
                self.assertNotIn("still there", done.stdout)
                self.assertFalse(os.path.exists(folder))
                for pid in re.findall(r"process (\d+)", done.stdout):
                    self.assertEqual(command_line(pid), "")

    def test_status_of_the_program_is_passed_on_when_nothing_is_left(self):
        for script, status in {"true": 0, "mktemp -d && rmdir $TMPDIR/*; exit 3": 3,
                               "kill -9 $$": 128 + signal.SIGKILL}.items():
            done = contained(script)
            self.assertEqual(done.returncode, status, script)
            self.assertNotIn("left behind", done.stdout)

    def test_check_lists_what_is_left_while_the_program_runs(self):
        check = f"{sys.executable} -B {CONTAINED} check"
        done = contained(f"{check} && echo clean; setsid sleep 1000 & {check} || echo found")
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "clean", done.stdout)
        self.assertRegex(lines[1], r"^  process \d+: sleep 1000$")
        self.assertEqual(lines[2], "found")

    def test_interrupted_run_of_system_tests_ends_all_its_processes(self):
        self.interrupt("test", "system/Failover.", "memcached -l", signal.SIGINT)
        self.interrupt("test", "system/Failover.", "php-fpm: pool", signal.SIGTERM)

    def test_interrupted_demo_ends_all_its_processes(self):
        self.interrupt("demo", "--copies=2", "nginx: worker", signal.SIGINT)

    def interrupt(self, program, argument, awaited, number):
        """Starts the program with builds of its own, and sends it a signal once `awaited` runs."""
        folder = tempfile.mkdtemp(prefix="memcache_session-out-")
        self.addCleanup(shutil.rmtree, folder)
        # The extension is built already.
        built = os.path.dirname(os.path.dirname(os.environ["MEMCACHE_SESSION_SO"]))
        shutil.copytree(built, os.path.join(folder, "ext"), symlinks=True)
        with subprocess.Popen(
                [os.path.join(DEV, program), argument], env={**os.environ, "OUT": folder},
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, start_new_session=True) as process:
            self.addCleanup(process.kill)
            wait_until(lambda: process.poll() is not None or any(
                awaited in command for command in programs_below(process.pid).values()),
                       f"{awaited} runs", START_SECONDS_MAX)
            self.assertIsNone(process.poll(), "the program runs until it is interrupted")
            programs = programs_below(process.pid)
            if number == signal.SIGINT:
                os.killpg(process.pid, number)  # as a terminal does
            else:
                process.send_signal(number)
            output = process.communicate(timeout=END_SECONDS_MAX)[0]
        self.assertEqual(process.returncode, 128 + number, output)
        self.assertIn(f"dev/{program}: interrupted by {signal.Signals(number).name}; ", output)
        self.assertIn(f"dev/{program}: left behind: nothing", output)
        for pid, command in programs.items():
            self.assertNotEqual((pid, command_line(pid)), (pid, command), output)
