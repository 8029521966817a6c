"""Runs the tests of PHP's own ext/session against a save handler, and judges by a list.

    python3 run.py --source FOLDER --php FILE --cgi FILE --extension FILE --work FOLDER
                   [--totals FILE]

FOLDER is a source tree of PHP. Its session tests are copied to the work folder and rewritten for a
handler: every `files` in --INI--, in the code and in the expected output becomes the other name.
memcache.session_save_path, which PHP's tests do not know, names the server. So their use of
session.save_path, and the output that they expect of it, stay the same.

The tests run twice. With `memcache`, exactly the tests that not_for_us.list names must fail, so no
line of it is superfluous. With `files`, rewritten in the same way, all others must pass too: this
shows that neither the rewriting nor this machine makes a test fail or pass. A skipped test counts
as failed, because it has shown nothing.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "system"))

import memcached  # noqa: E402

OUR_NAME = "memcache"

# The needed folders of PHP's source: the tests, and those of php-cgi, of which one is included.
FOLDERS = ["ext/session/tests", "sapi/cgi/tests"]

SETTING = re.compile(r'^(session\.save_handler *= *)"?files"?', re.MULTILINE)
DUMPED = re.compile(r'string\(5\) "files"')
# A string, or the handler's name in a warning. ["files"] is a key of $_SESSION.
NAMED = re.compile(r"""(?<!\[)(["'])files\1|\(files\)|(?:session data|storage module): files \(""")


def rewritten(text, handler):
    text = SETTING.sub(rf"\g<1>{handler}", text)
    text = DUMPED.sub(f'string({len(handler)}) "{handler}"', text)
    return NAMED.sub(lambda match: match.group().replace("files", handler), text)


def copy_tests(source, target, handler):
    shutil.rmtree(target, ignore_errors=True)
    for folder in FOLDERS:
        shutil.copytree(os.path.join(source, folder), os.path.join(target, folder))
    for folder, _, names in os.walk(os.path.join(target, FOLDERS[0])):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, encoding="latin-1", newline="") as file:
                text = file.read()
            with open(path, "w", encoding="latin-1", newline="") as file:
                file.write(rewritten(text, handler))


def listed():
    """The names of not_for_us.list."""
    names = set()
    with open(os.path.join(HERE, "not_for_us.list"), encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                names.add(line.split(None, 1)[0])
    return names


def run_tests(arguments, handler, settings):
    """The outcome of each test, by its name, and the path of the log."""
    target = os.path.join(arguments.work, handler)
    copy_tests(arguments.source, target, handler)
    results = os.path.join(arguments.work, f"{handler}.results")
    log = os.path.join(arguments.work, f"{handler}.log")
    sessions = os.path.join(arguments.work, "sessions")
    shutil.rmtree(sessions, ignore_errors=True)
    os.makedirs(sessions)
    for path in (results, log):
        if os.path.exists(path):
            os.remove(path)

    command = [arguments.php, "-n", os.path.join(arguments.source, "run-tests.php"), "-n"]
    for name, value in {"session.save_handler": handler, **settings}.items():
        command += ["-d", f"{name}={value}"]
    command += ["-q", "-j2", "--no-color", "--no-progress", "--show-diff", "-W", results,
                FOLDERS[0]]
    environment = dict(os.environ, TEST_PHP_EXECUTABLE=arguments.php, NO_INTERACTION="1",
                       TEST_PHP_CGI_EXECUTABLE=arguments.cgi, TMPDIR=sessions)
    environment.pop("TEST_PHP_ARGS", None)
    with open(log, "wb") as file:
        subprocess.run(command, cwd=target, env=environment, stdin=subprocess.DEVNULL, stdout=file,
                       stderr=subprocess.STDOUT, check=False)
    outcomes = {}
    if os.path.exists(results):
        with open(results, encoding="utf-8") as lines:
            for line in lines:
                outcome, path = line.rstrip("\n").split("\t")
                outcomes[os.path.basename(path).removesuffix(".phpt")] = outcome
    return outcomes, log


def judge(outcomes, names, ours):
    """How many tests passed that must, and what is not as it must be, a line each."""
    passed = 0
    problems = []
    for name, outcome in sorted(outcomes.items()):
        # WARNED: run-tests.php has repeated a test that measures time.
        good = outcome in ("PASSED", "WARNED")
        if name not in names:
            passed += good
            if not good:
                problems.append(f"{outcome} {name}")
        elif good and ours:
            problems.append(f"PASSED, and must not be in not_for_us.list: {name}")
    return passed, problems


def differences(log, problems):
    """What the log says of these tests."""
    names = [problem.split()[-1] for problem in problems]
    with open(log, encoding="latin-1") as file:
        found = re.findall(r"(?ms)^={8}DIFF={8}$.*?^={8}DONE={8}\n[^\n]*\n", file.read())
    return "".join(text for text in found if any(f"/{name}.phpt]" in text for name in names))


def run(arguments, handler, settings):
    """Returns how many tests passed and failed, after a line about it."""
    began = time.monotonic()
    outcomes, log = run_tests(arguments, handler, settings)
    passed, problems = judge(outcomes, listed(), handler == OUR_NAME)
    failed = len(problems) if outcomes else 1
    print(f"conformance {handler}: {passed} passed, {failed} failed "
          f"({time.monotonic() - began:.0f} s)", flush=True)
    if not outcomes:
        with open(log, encoding="latin-1") as file:
            print(file.read(), flush=True)
    if problems:
        print(differences(log, problems) + "\n".join(problems), flush=True)
    return passed, failed


def main():
    parser = argparse.ArgumentParser()
    for name in ("source", "php", "cgi", "extension", "work"):
        parser.add_argument(f"--{name}", required=True, type=os.path.abspath)
    parser.add_argument("--totals")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)

    settings = {"session.save_path": ""}  # the tests expect this default
    control = run(arguments, "files", settings)
    server = memcached.Server(arguments.work, "conformance")
    try:
        ours = run(arguments, OUR_NAME, {
            **settings,
            "extension": arguments.extension,
            "memcache.session_save_path": f'"tcp://{server.address}?timeout=10"',
        })
    finally:
        server.kill()
    passed, failed = (sum(counts) for counts in zip(control, ours))
    if arguments.totals:
        with open(arguments.totals, "w", encoding="ascii") as totals:
            totals.write(f"{passed} {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
