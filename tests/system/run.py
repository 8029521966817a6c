"""Runs the system tests: one line a file, details of failures only.

    python3 run.py [--totals FILE] [--packages | --compiling] [NAME ...]

NAME is a file, or a part of a test's name; without one all run, two files at a time, because most
tests wait for something. --packages: those in package_*.py, which take minutes each, and no others.
--compiling: those that do nothing but compile and look, and no others. In a run of all they run
beside the rest and have what that leaves of the CPUs. A skipped test counts as failed, because it
has shown nothing. FILE gets "<passed> <failed>".

A test that fails is tried once more when all others have ended, as run-tests.php does with tests
that measure time: these do, on a machine that others share. What failed at the first try is
printed too.
"""

import argparse
import contextlib
import json
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

# One for each file that runs at a time: the loopback ports that its servers take.
LANES = ("20000-25999", "26000-31999")


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
    """Returns how many tests passed, and the names of those that failed."""
    found = list(tests_of(unittest.defaultTestLoader.loadTestsFromName(name)))
    chosen = [test for test in found
              if not patterns or any(pattern in test.id() for pattern in patterns)]
    if not chosen:
        return 0, []
    result = Result()
    began = time.monotonic()
    failed = [test.id() for test in chosen if not passes(test, result)]
    passed = len(chosen) - len(failed)
    title = name.removeprefix("test_").removeprefix("package_")
    print(f"system   {title}: {passed} passed, {len(failed)} failed "
          f"({time.monotonic() - began:.0f} s)", flush=True)
    show(result)
    return passed, failed


def show(result):
    for test_id, text, logs in result.details:
        print(f"\nFAILED {test_id}\n{text.rstrip()}\n{logs}\n", flush=True)


def passes_at_last(test_id):
    """Tries a failed test once more."""
    result = Result()
    test, = tests_of(unittest.defaultTestLoader.loadTestsFromName(test_id))
    if not passes(test, result):
        show(result)
        return False
    print(f"system   passed at the second try: {test_id}", flush=True)
    return True


def interrupt(*_):
    """Ends the run: unittest counts any other exception as a failed test, and goes on."""
    raise KeyboardInterrupt


def names_of_files(arguments):
    names = sorted(file.removesuffix(".py") for file in os.listdir(FOLDER) if file.endswith(".py"))
    if arguments.packages:
        return [name for name in names if name.startswith("package_")]
    tests = [name for name in names if name.startswith("test_")]
    whole = [name for name in tests if name in arguments.names]
    if whole:
        return whole
    if arguments.compiling or not arguments.names:
        tests = [name for name in tests if (name in COMPILING) == arguments.compiling]
    return tests


class Run:
    """This script in a process of its own. Its output is shown when it has ended."""

    def __init__(self, *arguments, ports=LANES[0], nice=0):
        self.ports = ports
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._outcome = tempfile.NamedTemporaryFile("r", encoding="utf-8")
        self._process = subprocess.Popen(
            ["nice", "-n", str(nice), sys.executable, "-B", os.path.abspath(__file__),
             "--outcome", self._outcome.name, *arguments],
            env=os.environ | {"MEMCACHE_SESSION_TEST_PORTS": ports},
            stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT)

    def has_ended(self):
        return self._process.poll() is not None

    def outcome(self):
        """Waits for the end; as run_file()."""
        self._process.wait()
        self._output.seek(0)
        print(self._output.read(), end="", flush=True)
        try:
            return json.load(self._outcome)
        except ValueError as error:
            raise SystemExit("system   a run ended early") from error

    def close(self):
        if not self.has_ended():
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
        self._output.close()
        self._outcome.close()


def run_side_by_side(names):
    """Runs the files, and those that compile beside them. Yields the outcome of each."""
    with contextlib.ExitStack() as stack:
        def start(*arguments, **options):
            return stack.enter_context(contextlib.closing(Run(*arguments, **options)))
        compiling = start("--compiling", nice=NICE)
        waiting = list(names)
        running = [start(waiting.pop(0), ports=ports) for ports in LANES]
        while running:
            time.sleep(0.05)
            for run in [run for run in running if run.has_ended()]:
                running.remove(run)
                yield run.outcome()
                if waiting:
                    running.append(start(waiting.pop(0), ports=run.ports))
        yield compiling.outcome()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--totals")
    parser.add_argument("--outcome", help=argparse.SUPPRESS)  # for Run
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--packages", action="store_true")
    only.add_argument("--compiling", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)

    sys.path.insert(0, FOLDER)
    names = names_of_files(arguments)
    if arguments.packages or arguments.compiling or arguments.names:
        outcomes = (run_file(name, arguments.names) for name in names)
    else:
        outcomes = run_side_by_side(names)
    passed, failed = 0, []
    for passed_here, failed_here in outcomes:
        passed += passed_here
        failed += failed_here
    if arguments.outcome:
        with open(arguments.outcome, "w", encoding="utf-8") as outcome:
            json.dump((passed, failed), outcome)
        return 0
    failures = sum(not passes_at_last(test_id) for test_id in failed)
    passed += len(failed) - failures
    if arguments.totals:
        with open(arguments.totals, "w", encoding="ascii") as totals:
            totals.write(f"{passed} {failures}\n")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("system   interrupted")
