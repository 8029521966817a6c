"""Runs the system tests: one line a file, details of failures only.

    python3 run.py [--totals FILE] [--packages | --compiling] [NAME ...]

NAME is a part of a test's name; without one all run. --packages: those in package_*.py, which take
minutes each, and no others. --compiling: those that do nothing but compile and look, and no others.
In a run of all they run beside the rest, which mostly waits, and have what that leaves of the CPUs.
A skipped test counts as failed, because it has shown nothing. FILE gets "<passed> <failed>".

A test that fails is tried once more, as run-tests.php does with tests that measure time: these do,
on a machine that others share. What failed at the first try is printed too.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
COMPILING = ("test_package",)  # and wait for no server
NICE = 19


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.details = []

    def addSuccess(self, test):
        super().addSuccess(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note(test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._note(test, self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note(subtest, self._exc_info_to_string(err, test), test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, f"skipped: {reason}")

    def _note(self, test, text, owner=None):
        logs = getattr(owner or test, "logs", None)
        self.details.append((test.id(), text, logs() if logs else ""))


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def passes(test, result):
    before = len(result.details)
    try:
        test.run(result)
    except KeyboardInterrupt:
        test.doCleanups()  # because unittest does not run them then
        raise
    return len(result.details) == before


def run_file(name, patterns):
    """Returns how many tests passed and failed."""
    found = list(tests_of(unittest.defaultTestLoader.loadTestsFromName(name)))
    chosen = [test for test in found
              if not patterns or any(pattern in test.id() for pattern in patterns)]
    if not chosen:
        return 0, 0
    result = Result()
    began = time.monotonic()
    failed = 0
    unsteady = []
    for test in chosen:
        if not passes(test, result):
            again = type(test)(test.id().rsplit(".", 1)[1])
            if passes(again, result):
                unsteady.append(test.id())
            else:
                failed += 1
    passed = len(chosen) - failed
    title = name.removeprefix("test_").removeprefix("package_")
    print(f"system   {title}: {passed} passed, {failed} failed "
          f"({time.monotonic() - began:.0f} s)", flush=True)
    for test_id in unsteady:
        print(f"         passed at the second try: {test_id}", flush=True)
    for test_id, text, logs in result.details:
        print(f"\nFAILED {test_id}\n{text.rstrip()}\n{logs}\n", flush=True)
    return passed, failed


def interrupt(*_):
    """Ends the run: unittest counts any other exception as a failed test, and goes on."""
    raise KeyboardInterrupt


def names_of_files(arguments):
    names = sorted(file.removesuffix(".py") for file in os.listdir(FOLDER) if file.endswith(".py"))
    if arguments.packages:
        return [name for name in names if name.startswith("package_")]
    tests = [name for name in names if name.startswith("test_")]
    if arguments.compiling or not arguments.names:
        tests = [name for name in tests if (name in COMPILING) == arguments.compiling]
    return tests


class Beside:
    """A run of the tests that compile. Its output is shown when it has ended."""

    def __enter__(self):
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._totals = tempfile.NamedTemporaryFile("r", encoding="ascii")
        self._process = subprocess.Popen(
            ["nice", "-n", str(NICE), sys.executable, "-B", os.path.abspath(__file__),
             "--compiling", "--totals", self._totals.name],
            stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT)
        return self

    def counts(self):
        """Waits for its end, and returns how many tests passed and failed."""
        self._process.wait()
        self._output.seek(0)
        print(self._output.read(), end="", flush=True)
        passed, failed = map(int, (self._totals.read() or "0 1").split())
        return passed, failed

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
        self._output.close()
        self._totals.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--totals")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--packages", action="store_true")
    only.add_argument("--compiling", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)

    sys.path.insert(0, FOLDER)
    counts = []
    with contextlib.ExitStack() as stack:
        runs_all = not (arguments.packages or arguments.compiling or arguments.names)
        beside = stack.enter_context(Beside()) if runs_all else None
        for name in names_of_files(arguments):
            counts.append(run_file(name, arguments.names))
        if beside is not None:
            counts.append(beside.counts())
    passed, failed = map(sum, zip(*counts))
    if arguments.totals:
        with open(arguments.totals, "w", encoding="ascii") as totals:
            totals.write(f"{passed} {failed}\n")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("system   interrupted")
