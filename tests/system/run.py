"""Runs the system tests: one line a file, details of failures only.

    python3 run.py [--totals FILE] [NAME ...]

NAME is a part of a test's name; without one all run. A skipped test counts as failed, because it
has shown nothing. FILE gets "<passed> <failed>".
"""

import argparse
import os
import signal
import sys
import time
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))


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
    for test in chosen:
        before = len(result.details)
        try:
            test.run(result)
        except KeyboardInterrupt:
            test.doCleanups()  # because unittest does not run them then
            raise
        failed += len(result.details) > before
    passed = len(chosen) - failed
    print(f"system   {name.removeprefix('test_')}: {passed} passed, {failed} failed "
          f"({time.monotonic() - began:.0f} s)", flush=True)
    for test_id, text, logs in result.details:
        print(f"\nFAILED {test_id}\n{text.rstrip()}\n{logs}\n", flush=True)
    return passed, failed


def interrupt(*_):
    """Ends the run: unittest counts any other exception as a failed test, and goes on."""
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--totals")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)

    sys.path.insert(0, FOLDER)
    passed = failed = 0
    for file in sorted(os.listdir(FOLDER)):
        if file.startswith("test_") and file.endswith(".py"):
            counts = run_file(file.removesuffix(".py"), arguments.names)
            passed += counts[0]
            failed += counts[1]
    if arguments.totals:
        with open(arguments.totals, "w", encoding="ascii") as totals:
            totals.write(f"{passed} {failed}\n")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("system   interrupted")
