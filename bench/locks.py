"""bench/locks: the cost of a session's lock for requests that wait for it, side by side.

Every handler has servers of its own, and workers (locks.php) that are started, connected and
waiting for orders before anything is timed. Leases and waits are set to last long enough for what
is measured; how often a handler asks for the lock is left at its default. The others keep one copy:
none of them locks more than one server.

Exit status: 0; 1 if this extension miscounted, lost data, left a lock behind or sent more commands
than it may; 2 if the benchmark could not run. Times are only reported: a busy machine misses them.
"""

import argparse
import contextlib
import json
import os
import re
import select
import signal
import statistics
import subprocess
import sys
import time

import harness
import page
from harness import BenchError, number, progress

SCRIPT = os.path.join(harness.BENCH, "locks.php")
HOLDS_MS = (50, 300, 1500)
HANDOVER_MS_MAX = {50: 3, 300: 20, 1500: 40}
COMMANDS_MAX = {1: 150, 30: 800}  # of one waiter, by seconds of waiting
WAITERS = 5
WAIT_RATIO_MAX = 3
PROCESSES, ADDITIONS = 20, 10
FILES_RATIO_MAX = 2
SLOWER_PERCENT_MAX = 5
ENDS = ("abort", "read_and_close", "reset", "destroy", "exception", "fatal")
END_MS_MAX = 10
KILL_MS_MAX = 100
# Beyond this a start that should not wait at all is not waited for.
STUCK_MS = 2000
MS = 1e6  # nanoseconds

LEGEND = """\
hand-over ms  from one request's session_write_close() to the waiting request's session_start(),
              median after holds of 0.05, 0.3 and 1.5 s. Wanted: {handover}
commands      what one waiter costs the server in 1 s and in 30 s. Allowed: {commands}
{waiters} waiters     of {waiters} that wait at once and hold 20 ms each, how many were not served;
              the longest wait of a round, as a multiple of the median of the other {others}:
              median and worst of the rounds. Allowed: {ratio}
others +%     how much slower another session of that server gets while {waiters} requests wait
{processes} x {additions}       the counter after {processes} processes added {additions} times;
              their time in s, starting PHP excluded; x: by PHP's own files handler.
              Allowed: {total}, {files} x
abort ...     how long, in ms, the next session_start() takes after the session ended so, the
              fastest of some tries; >: was not waited for. Allowed: {end} ms
kill -9       the same after kill -9 of a holder; lost: without the data. Allowed: {kill} ms"""


class PhpRedis(harness.Contender):
    name = "phpredis"
    version_of = "redis"
    extensions = ("igbinary", "redis")

    def settings(self, ports, copies, kept):
        return {
            "session.save_handler": "redis",
            "session.save_path": f"tcp://127.0.0.1:{ports[0]}?persistent={int(kept)}",
            "redis.session.locking_enabled": "1",
        }


@contextlib.contextmanager
def redis_server(directory):
    """The port of a Redis server that keeps nothing."""
    for _ in range(5):
        port = harness.free_port()
        try:
            process = subprocess.Popen(
                ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "",
                 "--appendonly", "no", "--dir", directory],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError as error:
            raise BenchError(f"redis-server: {error}") from None
        try:
            give_up = time.monotonic() + 5
            while process.poll() is None and time.monotonic() < give_up:
                try:
                    harness.ask(port, "PING", "\r\n")
                    yield port
                    return
                except ConnectionError:
                    time.sleep(0.01)
        finally:
            harness.stop(process)
    raise BenchError("redis-server does not start")


# How long each handler is told to wait, and to hold: long enough not to matter, or STUCK_MS.
def lock_settings(contender, patient):
    if contender.name == "pecl/memcache":  # waits for twice the lease
        return {"memcache.lock_timeout": "60" if patient else "15"}
    if contender.name == "php-memcached":  # asks every 150 ms
        return {"memcached.sess_lock_retries": "800" if patient else "14",
                "memcached.sess_lock_expire": "60" if patient else "15"}
    if contender.name == "phpredis":  # asks every 2 ms
        return {"redis.session.lock_retries": "-1" if patient else str(STUCK_MS // 2),
                "redis.session.lock_expire": "60" if patient else "15"}
    if contender.name == "memcache_session":
        return {"memcache.lock_timeout": "60" if patient else "15",
                "memcache.session_lock_wait": "120" if patient else "30"}
    return {}


class Worker:
    """One PHP process that opens sessions as it is told. Ends with the `with` block."""

    def __init__(self, command, name):
        self.name = name
        self._context = harness.running(command, name)
        self._process = self._context.__enter__()

    @property
    def pid(self):
        return self._process.pid

    def tell(self, *order):
        self._process.stdin.write(" ".join(map(str, order)) + "\n")
        self._process.stdin.flush()

    def has_answer(self, timeout_s):
        return bool(select.select([self._process.stdout], [], [], timeout_s)[0])

    def answer(self, timeout_s=120):
        if not self.has_answer(timeout_s):
            raise BenchError(f"{self.name}: no answer in {timeout_s} s")
        line = self._process.stdout.readline()
        if not line:
            errors = self._process.communicate()[1]
            raise BenchError(f"{self.name}: the worker ended: {errors.strip()[-500:]}")
        return json.loads(line)

    def ask(self, *order):
        self.tell(*order)
        return self.answer()

    def end(self, by=signal.SIGKILL):
        if self._process.poll() is None:
            self._process.send_signal(by)
        self._process.wait()

    def wait(self):
        self._process.wait()

    def close(self):
        self._context.__exit__(None, None, None)


class Entry:
    """One line of the tables: a contender, its servers, and what was found."""

    def __init__(self, contender, ports, copies=1):
        self.contender = contender
        self.ports = ports
        self.copies = copies
        self.name = contender.name + (f", {copies} copies" if copies > 1 else "")
        self.ours = contender.name == "memcache_session"
        self.found = {}
        self.failures = []

    def fail(self, text):
        self.failures.append(text)
        progress(f"{self.name}: {text}")


class Bench:
    def __init__(self, options, php):
        self.options = options
        self.php = php
        self.sessions = 0

    def fresh_id(self):
        self.sessions += 1
        return f"bench{os.getpid()}x{self.sessions}"

    @contextlib.contextmanager
    def workers(self, entry, count, patient=True, ini=None):
        """`count` workers that have answered, so PHP's start is not in any figure."""
        settings = entry.contender.settings(entry.ports, entry.copies, True)
        settings.update(lock_settings(entry.contender, patient))
        settings.update({"display_errors": "0", "log_errors": "0", **(ini or {})})
        command = [*harness.php_command(self.php, entry.contender, settings), SCRIPT]
        started = []
        try:
            for _ in range(count):
                started.append(Worker(command, entry.name))
            for worker in started:
                worker.answer()
            yield started
        finally:
            for worker in started:
                worker.close()

    # --- hand-over: pairs of a holder and a waiter, on sessions of their own ---

    def hand_over(self, entry, hold_ms, pairs, rounds):
        """Milliseconds from each close to the start of who waited for it."""
        found = []
        with self.workers(entry, 2 * pairs) as workers:
            holders, waiters = workers[:pairs], workers[pairs:]
            ids = [self.fresh_id() for _ in range(pairs)]
            for holder, sid in zip(holders, ids):
                holder.ask("hold", sid, 0)
            for _ in range(rounds):
                for holder, waiter, sid in zip(holders, waiters, ids):
                    holder.tell("hold", sid, hold_ms)
                    time.sleep(0.005)  # it has the lock by then, and the pairs are not in step
                    waiter.tell("hold", sid, 0)
                for holder, waiter in zip(holders, waiters):
                    held, waited = holder.answer(), waiter.answer()
                    if waited["asked_ns"] < held["got_ns"]:
                        continue  # came first: a busy machine
                    if waited["n"] != held["n"] + 1:
                        entry.fail(f"hand-over after {hold_ms} ms: read {waited['n']} after "
                                   f"{held['n']} {waited['error']}")
                        return None
                    found.append((waited["got_ns"] - held["closed_ns"]) / MS)
        return statistics.median(found) if found else None

    # --- what waiting costs the server ---

    def commands(self, entries, seconds):
        """All entries at once, each on servers of its own."""
        with contextlib.ExitStack() as stack:
            pairs = [stack.enter_context(self.workers(entry, 2)) for entry in entries]
            ids = [self.fresh_id() for _ in entries]
            for (holder, _), sid in zip(pairs, ids):
                holder.ask("open", sid)
            before = [command_count(entry) for entry in entries]
            for (_, waiter), sid in zip(pairs, ids):
                waiter.tell("open", sid)
            time.sleep(seconds)
            after = [command_count(entry) for entry in entries]
            for entry, (_, waiter), first, last in zip(entries, pairs, before, after):
                if waiter.has_answer(0):
                    entry.fail(f"did not wait for {seconds} s: {waiter.answer()}")
                entry.found[f"commands {seconds}"] = last - first

    # --- several waiters ---

    def many_waiters(self, entry, rounds):
        ratios, not_served = [], 0
        with self.workers(entry, WAITERS + 1) as workers:
            sid = self.fresh_id()
            expected = 0
            workers[0].ask("hold", sid, 0)
            for _ in range(rounds):
                workers[0].tell("hold", sid, 100)
                time.sleep(0.02)
                for worker in workers[1:]:
                    worker.tell("hold", sid, 20)
                answers = [worker.answer() for worker in workers]
                waits = sorted(a["got_ns"] - a["asked_ns"] for a in answers[1:])
                ratios.append(waits[-1] / statistics.median(waits[:-1]))
                not_served += sum(not a["started"] or a["error"] != "" for a in answers)
                expected += len(answers)
            counted = workers[0].ask("open", sid)["n"] - 1
        entry.found["not served"] = not_served
        entry.found["wait ratio"] = statistics.median(ratios)
        entry.found["wait ratio worst"] = max(ratios)
        if counted != expected:
            entry.fail(f"{WAITERS} waiters: the counter is {counted} after {expected} additions")

    def slowdown(self, entry, slices):
        """Percent by which another session gets slower; slices with and without waiters in turn."""
        alone, beside = [], []
        with self.workers(entry, WAITERS + 2) as workers:
            visitor, holder, waiters = workers[0], workers[1], workers[2:]
            for _ in range(slices):
                sid, other = self.fresh_id(), self.fresh_id()
                alone.append(visitor.ask("cycle", other, 300)["median_ns"])
                holder.ask("open", sid)
                for waiter in waiters:
                    waiter.tell("hold", sid, 0)
                time.sleep(0.3)  # the first moments of waiting are the busiest; not the ordinary
                beside.append(visitor.ask("cycle", other, 300)["median_ns"])
                holder.ask("close")
                for waiter in waiters:
                    waiter.answer()
        # The quietest slice of each kind: other programs disturb more than the waiters do.
        return 100 * (min(beside) / min(alone) - 1)

    # --- exactness ---

    def add_up(self, entry):
        """Seconds from the first addition to the last."""
        sid = self.fresh_id()
        with self.workers(entry, PROCESSES) as workers:
            began = time.monotonic()
            for worker in workers:
                worker.tell("add", sid, ADDITIONS)
            stored = sum(worker.answer()["stored"] for worker in workers)
            seconds = time.monotonic() - began
            counted = workers[0].ask("open", sid)["n"]
        if counted != PROCESSES * ADDITIONS or stored != counted:
            entry.fail(f"{PROCESSES} x {ADDITIONS}: counted {counted}, {stored} acknowledged")
        return counted, seconds

    # --- the lock after all kinds of ends ---

    def next_start(self, entry, end):
        """Milliseconds the next session_start() takes; None: did not come in time. And its data."""
        sid = self.fresh_id()
        with self.workers(entry, 2, patient=False) as (first, second):
            second.ask("hold", self.fresh_id(), 0)  # its connection is made
            second.ask("hold", sid, 0)
            if end == "kill":
                first.ask("open", sid)
                first.end()
            else:
                first.tell(end, sid)
                if end in ("exception", "fatal"):
                    first.wait()
                else:
                    first.answer()
            second.tell("open", sid)
            if not second.has_answer(STUCK_MS / 1000):
                return None, None
            answer = second.answer()
            waited = (answer["got_ns"] - answer["asked_ns"]) / MS
            return (waited if answer["started"] else None), answer["n"]

    def ends(self, entry, tries):
        for end in (*ENDS, "kill"):
            best = None
            for _ in range(tries):
                waited, n = self.next_start(entry, end)
                if waited is None:
                    break
                best = waited if best is None else min(best, waited)
                if n != (None if end == "destroy" else 1):
                    entry.found[f"{end} lost"] = True
                    if entry.ours:
                        entry.fail(f"after {end} the session holds {n}")
                if waited < END_MS_MAX / 3:
                    break
            entry.found[end] = best


def command_count(entry):
    """Commands that the entry's servers have run; `stats` and its like are not among them."""
    if entry.contender.name == "phpredis":
        answer = harness.ask(entry.ports[0], "INFO commandstats", "\r\n\r\n")
        calls = re.findall(r"^cmdstat_(\w+):calls=(\d+)", answer, re.M)
        return sum(int(count) for name, count in calls if name not in ("info", "ping"))
    total = 0
    names = r"cmd_get|cmd_set|cmd_touch|(?:incr|decr|delete)_\w+"  # add and cas count as cmd_set
    counted = re.compile(rf"^STAT (?:{names}) (\d+)", re.M)
    for port in entry.ports[:entry.copies]:
        total += sum(map(int, counted.findall(harness.ask(port, "stats", "END\r\n"))))
    return total


def attempt(entry, what, step, *arguments):
    """Runs one measurement of one entry; what it raises is the entry's failure."""
    try:
        return step(*arguments)
    except BenchError as error:
        entry.fail(f"{what}: {error}")
        return None


def measure_all(bench, entries, files):
    options = bench.options
    locked = [entry for entry in entries if entry is not files]

    progress("hand-over")
    for hold_ms, (pairs, rounds) in options.handover.items():
        for entry in locked:
            entry.found[f"hand-over {hold_ms}"] = attempt(
                entry, "hand-over", bench.hand_over, entry, hold_ms, pairs, rounds)
    for seconds in options.commands:
        progress(f"commands in {seconds} s")
        bench.commands(locked, seconds)
    progress(f"{WAITERS} waiters")
    for entry in locked:
        rounds = options.rounds if entry.ours else min(options.rounds, options.rounds_of_peers)
        attempt(entry, f"{WAITERS} waiters", bench.many_waiters, entry, rounds)
    for entry in locked:
        entry.found["others"] = attempt(
            entry, "others", bench.slowdown, entry, options.slices)
    progress(f"{PROCESSES} x {ADDITIONS}")
    for turn in range(options.turns):
        for entry in entries if turn % 2 == 0 else entries[::-1]:
            result = attempt(entry, "adding up", bench.add_up, entry)
            if result:
                entry.found["counted"] = min(result[0], entry.found.get("counted", result[0]))
                entry.found.setdefault("seconds", []).append(result[1])
    progress("ends")
    for entry in locked:
        attempt(entry, "ends", bench.ends, entry, options.tries)


def missed(entry):
    """What ours promises and did not keep, noise apart: these end the benchmark with status 1."""
    texts = []
    for seconds, most in COMMANDS_MAX.items():
        count = entry.found.get(f"commands {seconds}")
        if count is not None and not 0 < count <= most:
            texts.append(f"{count} commands in {seconds} s of waiting, allowed are {most}")
    if entry.found.get("not served") != 0:
        texts.append(f"not all of {WAITERS} waiters were served")
    for end in ENDS:
        # One of several tries: a lock left behind takes seconds, not some milliseconds.
        if entry.found.get(end) is None or entry.found[end] > END_MS_MAX:
            texts.append(f"after {end} the next start waits {number(entry.found.get(end), 1)} ms")
    if entry.found.get("kill") is None or entry.found["kill"] > KILL_MS_MAX:
        texts.append(f"after kill -9 the next start waits {number(entry.found.get('kill'), 1)} ms")
    return texts


def late(entry, files):
    """Promises of time that this run shows missed; a busy machine may be why."""
    texts = []
    for hold_ms, most in HANDOVER_MS_MAX.items():
        median = entry.found.get(f"hand-over {hold_ms}")
        if median is None or median > most:
            texts.append(f"hand-over after {hold_ms} ms: {number(median, 1)} ms, wanted {most}")
    if entry.found.get("wait ratio worst", 0) > WAIT_RATIO_MAX:
        texts.append(f"one of {WAITERS} waited {entry.found['wait ratio worst']:.1f} times as long")
    if (entry.found.get("others") or 0) > SLOWER_PERCENT_MAX:
        texts.append(f"another session got {entry.found['others']:.1f} % slower")
    ratio = files_ratio(entry, files)
    if ratio is None or ratio > FILES_RATIO_MAX:
        texts.append(f"{PROCESSES} x {ADDITIONS}: {number(ratio, 2)} times as long as files")
    return texts


def files_ratio(entry, files):
    ours, theirs = entry.found.get("seconds"), files.found.get("seconds") if files else None
    return statistics.median(ours) / statistics.median(theirs) if ours and theirs else None


def report(entries, files, options):
    locked = [entry for entry in entries if entry is not files]

    def end_text(entry, end):
        if entry.found.get(f"{end} lost"):
            return "lost"
        found = entry.found.get(end)
        return f">{STUCK_MS}" if found is None else number(found, 1)

    harness.print_table(
        ["handler", "hand-over ms 0.05 s", "0.3 s", "1.5 s",
         *(f"commands {seconds} s" for seconds in options.commands),
         f"{WAITERS} waiters: not served", "longest x", "worst x", "others +%"],
        [[entry.name, *(number(entry.found.get(f"hand-over {ms}"), 1) for ms in HOLDS_MS),
          *(number(entry.found.get(f"commands {seconds}")) for seconds in options.commands),
          number(entry.found.get("not served")), number(entry.found.get("wait ratio"), 1),
          number(entry.found.get("wait ratio worst"), 1), number(entry.found.get("others"), 1)]
         for entry in locked])
    print()
    harness.print_table(
        ["handler", f"{PROCESSES} x {ADDITIONS}", "s", "x", *ENDS, "kill -9"],
        [[entry.name, number(entry.found.get("counted")),
          number(statistics.median(entry.found["seconds"]) if entry.found.get("seconds") else None,
                 3),
          number(files_ratio(entry, files), 2),
          *(end_text(entry, end) if entry is not files else "-" for end in (*ENDS, "kill"))]
         for entry in entries])
    print()
    print(LEGEND.format(
        handover="at most " + ", ".join(f"{most}" for most in HANDOVER_MS_MAX.values()),
        commands=", ".join(f"{most}" for most in COMMANDS_MAX.values()),
        waiters=WAITERS, others=WAITERS - 1, ratio=WAIT_RATIO_MAX, processes=PROCESSES,
        additions=ADDITIONS, total=PROCESSES * ADDITIONS, files=FILES_RATIO_MAX, end=END_MS_MAX,
        kill=KILL_MS_MAX))


NAMES = ("memcache_session", "pecl/memcache", "php-memcached", "phpredis", "files")


def parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="bench/locks", description="Measures the locks of session handlers side by side.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no wait of 30 s")
    parser.add_argument("--page", action="store_true", help="only the page with ten requests")
    harness.add_extension_option(parser)
    parser.add_argument("--only", metavar="NAMES", help=f"handlers, by comma: {', '.join(NAMES)}")
    options = parser.parse_args(arguments)
    options.only = options.only.split(",") if options.only else list(NAMES)
    unknown = set(options.only) - set(NAMES)
    if unknown:
        parser.error(f"--only: unknown: {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}")
    quick = options.quick
    # Pairs at a time, and rounds. Long holds sleep most of the time: several pairs do not disturb
    # one another.
    options.handover = {50: (1, 30 if quick else 100), 300: (3, 5 if quick else 20),
                        1500: (6, 2 if quick else 6)}
    options.commands = (1,) if quick else (1, 30)
    options.rounds = 20 if quick else 100
    options.rounds_of_peers = 5 if quick else 20
    options.slices = 4 if quick else 12
    options.turns = 3 if quick else 7
    options.tries = 3 if quick else 5
    options.page_rounds = 2 if quick else 5
    return options


def start_entries(options, stack, directory, phpize, php_config):
    """The contenders, each with servers of its own; and which of them is PHP's files handler."""
    entries, files = [], None
    for name in options.only:
        if name == "memcache_session":
            extension = options.extension and os.path.abspath(options.extension)
            if extension is None:
                progress("building the extension")
                extension = harness.build_extension(phpize, php_config, directory)
            elif not os.path.exists(extension):
                raise BenchError(f"--extension: no {extension}")
            for copies in (1, 2):
                ports = stack.enter_context(harness.servers(copies))
                entries.append(Entry(harness.MemcacheSession(extension), ports, copies))
        elif name == "files":
            sessions = os.path.join(directory, "sessions")
            os.mkdir(sessions)
            files = Entry(harness.Files(sessions), [])
            entries.append(files)
        elif name == "phpredis":
            try:
                port = stack.enter_context(redis_server(directory))
            except BenchError as error:
                progress(f"without phpredis: {error}")
                continue
            entries.append(Entry(PhpRedis(), [port]))
        else:
            contender = harness.PeclMemcache() if name == "pecl/memcache" \
                else harness.PhpMemcached()
            entries.append(Entry(contender, stack.enter_context(harness.servers(1))))
    return entries, files


def main(arguments):
    options = parse_options(arguments)
    with harness.work_directory() as directory, contextlib.ExitStack() as stack:
        php, phpize, php_config = harness.find_php()
        entries, files = start_entries(options, stack, directory, phpize, php_config)
        versions = [harness.machine(), f"PHP {harness.php_version(php)}"]
        versions += [f"{entry.contender.name} {harness.extension_version(php, entry.contender)}"
                     for entry in entries if entry.contender.version_of and entry.copies == 1]
        bench = Bench(options, php)
        if not options.page:
            measure_all(bench, entries, files)
        for entry in entries:
            if entry.copies == 1:  # as many as the others keep
                attempt(entry, "page", page.measure, bench, entry, options.page_rounds)
        print("; ".join(versions) + "\n")
        if not options.page:
            report(entries, files, options)
            print()
        page.report(entries)
    return judge([entry for entry in entries if entry.ours], files, options)


def judge(entries, files, options):
    """Prints what ours has missed; returns the exit status."""
    broken = False
    for entry in entries:
        texts = entry.failures + page.missed(entry)
        late_texts = page.late(entry)
        if not options.page:
            texts += missed(entry)
            late_texts += late(entry, files)
        broken = broken or bool(texts)
        for text in texts:
            print(f"MISSED by {entry.name}: {text}")
        for text in late_texts:
            print(f"late, {entry.name}: {text}")
    return 1 if broken else 0


if __name__ == "__main__":
    harness.run(main)
