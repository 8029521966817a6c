"""bench/scale: the cost of a request in pools of 3 to 1,000 servers. See README.md."""

import argparse
import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import time

import harness
from harness import BenchError, number, progress

SIZES = (3, 16, 40, 100, 400, 1000)
KINDS = ("hit", "unchanged", "new", "unknown")
SESSIONS = 24
# Cycles a server before new visitors are measured: after so many, with two copies, 1 server in
# 3,000 has not been met.
WARM_UP = 4
PORT = 11311
START_AT_ONCE = 50

LEGEND = """\
servers      memcached processes, each with an address of its own
kind         hit: an existing session is changed; unchanged: it is read; new: PHP makes the id;
             unknown: the id is that of no session. {copies} copies, {search} servers searched
instr        user-space instructions of the PHP process a cycle, thousands (callgrind)
calls        system calls a cycle (strace); connects: those that open a connection
x            the column before it, this line / the pool of {base} servers
time         wall time of a cycle, us, median of {rounds} rounds
first        the first session_start() of a process, ms, with its save_path read and its ring built
memory       private memory of the process at the end, KB
fds          open descriptors of the process at the end"""


def addresses(count):
    return [f"127.77.{i // 200}.{i % 200 + 1}" for i in range(count)]


def start_memcached(address):
    command = ["memcached", "-l", address, "-p", str(PORT), "-U", "0", "-t", "1", "-m", "4",
               "-c", "256", "-o", "hashpower=12,no_lru_crawler,no_lru_maintainer"]
    if os.geteuid() == 0:
        command += ["-u", "nobody"]
    try:
        return subprocess.Popen(command, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise BenchError(f"memcached: {error}") from None


def wait_for(address):
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError):
            with socket.create_connection((address, PORT), timeout=1):
                return
        time.sleep(0.02)
    raise BenchError(f"no memcached answers at {address}:{PORT}")


@contextlib.contextmanager
def farm(count):
    """The addresses of `count` memcached servers."""
    processes = []
    try:
        names = addresses(count)
        for first in range(0, count, START_AT_ONCE):
            part = names[first:first + START_AT_ONCE]
            processes += [start_memcached(name) for name in part]
            for name in part:
                wait_for(name)
        yield names
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


class Scale:
    def __init__(self, options, php, contender, directory):
        self.options = options
        self.php = php
        self.contender = contender
        self.directory = directory

    def command(self, names, kind, cycles):
        settings = {
            "session.save_handler": "memcache",
            "session.save_path": ",".join(f"tcp://{name}:{PORT}?persistent=1" for name in names),
            "memcache.session_redundancy": str(self.options.copies),
            "memcache.session_search": str(self.options.search),
        }
        script = os.path.join(harness.BENCH, "scale.php")
        warm_up = max(SESSIONS, WARM_UP * len(names)) if kind == "new" else SESSIONS
        return [*harness.php_command(self.php, self.contender, settings), script, kind,
                str(cycles), str(SESSIONS), str(warm_up)]

    def counted_cycles(self, kind):
        """More for new visitors: two runs draw other ids, so they open other connections."""
        return self.options.cycles * (10 if kind == "new" else 1)

    def count_instructions(self, names, kind):
        totals = []
        for cycles in (0, self.counted_cycles(kind)):
            output = os.path.join(self.directory, "callgrind")
            valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}"]
            harness.run_checked([*valgrind, *self.command(names, kind, cycles)], kind, 300)
            with open(output, encoding="utf-8") as lines:
                totals.append(int(re.search(r"^(?:summary|totals): (\d+)", lines.read(), re.M)[1]))
        return (totals[1] - totals[0]) / self.counted_cycles(kind)

    def count_calls(self, names, kind):
        """All system calls of a cycle, and those that connect."""
        counts = []
        for cycles in (0, self.counted_cycles(kind)):
            output = os.path.join(self.directory, "strace")
            strace = ["strace", "-f", "-c", "-o", output]
            harness.run_checked([*strace, *self.command(names, kind, cycles)], kind, 120)
            with open(output, encoding="utf-8") as lines:
                found = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$",
                                   lines.read(), re.M)
            by_name = {name: int(count) for count, name in found if name != "total"}
            counts.append((sum(by_name.values()), by_name.get("connect", 0)))
        return [(long - short) / self.counted_cycles(kind) for short, long in zip(*counts)]

    def measure(self, names, kind):
        rounds = [json.loads(harness.run_checked(
            self.command(names, kind, 10 * SESSIONS), kind, 60))
            for _ in range(self.options.rounds)]
        calls, connects = self.count_calls(names, kind)
        return {
            "servers": len(names),
            "kind": kind,
            "instructions": self.count_instructions(names, kind),
            "calls": calls,
            "connects": connects,
            "time_us": statistics.median(each["wall_us"] for each in rounds),
            "first_ms": min(each["first_us"] for each in rounds) / 1000,
            "private_kb": statistics.median(each["private_kb"] for each in rounds),
            "descriptors": max(each["descriptors"] for each in rounds),
        }


def report(rows, options, versions):
    columns = ["servers", "kind", "instr", "x", "calls", "x", "connects", "time", "first", "memory",
               "fds"]
    base = {row["kind"]: row for row in rows if row["servers"] == options.sizes[0]}
    cells, previous = [], None
    for row in rows:
        if previous not in (None, row["kind"]):
            cells.append(None)
        previous = row["kind"]
        first = base[row["kind"]]
        cells.append([
            number(row["servers"]), row["kind"], number(row["instructions"] / 1000, 1),
            number(row["instructions"] / first["instructions"], 2), number(row["calls"], 1),
            number(row["calls"] / first["calls"], 2), number(row["connects"], 1),
            number(row["time_us"]), number(row["first_ms"], 1), number(row["private_kb"]),
            number(row["descriptors"])])
    print("; ".join(versions) + "\n")
    harness.print_table(columns, cells)
    print("\n" + LEGEND.format(copies=options.copies, search=options.search,
                               base=options.sizes[0], rounds=options.rounds))


def draw(rows, path):
    import matplotlib  # only with --picture

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "memcache_session"
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    for axis, key, divisor, title in (
            (left, "instructions", 1000, "thousand instructions a cycle"),
            (right, "calls", 1, "system calls a cycle")):
        for kind in KINDS:
            points = [(row["servers"], row[key] / divisor) for row in rows if row["kind"] == kind]
            if points:
                axis.plot(*zip(*points), marker="o", label=kind)
        axis.set_xscale("log")
        axis.set_ylim(bottom=0)
        axis.set_xlabel("servers in the save_path")
        axis.set_title(title)
        axis.grid(alpha=0.3)
    left.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="bench/scale", description="Measures the session handler in pools of many servers.")
    parser.add_argument("--quick", action="store_true", help="3 and 1,000 servers, fewer cycles")
    harness.add_extension_option(parser)
    parser.add_argument("--copies", type=int, default=2, help="default 2")
    parser.add_argument("--search", type=int, default=14,
                        help="memcache.session_search, default 14")
    parser.add_argument("--kinds", default=",".join(KINDS), help="by comma, default all")
    parser.add_argument("--json", metavar="PATH", help="also write the figures there")
    parser.add_argument("--picture", metavar="PATH", help="also draw them there, as SVG")
    options = parser.parse_args(arguments)
    options.kinds = options.kinds.split(",")
    if set(options.kinds) - set(KINDS):
        parser.error(f"--kinds: known: {', '.join(KINDS)}")
    options.sizes = (SIZES[0], SIZES[-1]) if options.quick else SIZES
    options.cycles = 2 * SESSIONS if options.quick else 4 * SESSIONS
    options.rounds = 1 if options.quick else 5
    return options


def main(arguments):
    options = parse_options(arguments)
    with harness.work_directory() as directory, farm(options.sizes[-1]) as names:
        php, phpize, php_config = harness.find_php()
        extension = options.extension and os.path.abspath(options.extension)
        if extension is None:
            progress("building the extension")
            extension = harness.build_extension(phpize, php_config, directory)
        contender = harness.MemcacheSession(extension)
        scale = Scale(options, php, contender, directory)
        rows = []
        for kind in options.kinds:
            for size in options.sizes:
                progress(f"{kind}, {size} servers")
                rows.append(scale.measure(names[:size], kind))
        versions = [harness.machine(), f"PHP {harness.php_version(php)}",
                    f"memcache_session {harness.extension_version(php, contender)}"]
    report(rows, options, versions)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as output:
            json.dump({"versions": versions, "rows": rows}, output, indent=1)
    if options.picture:
        draw(rows, options.picture)
    return 0


if __name__ == "__main__":
    harness.run(main)
