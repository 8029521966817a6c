"""bench/run: a start, change, close cycle of every session handler, side by side. See README.md."""

import argparse
import contextlib
import json
import os
import re
import select
import statistics
import sys
import time

import harness
from harness import BenchError, number, progress

SERVERS = 3
# Enough for the warm-up to reach every server with one copy, too.
SESSIONS = 24
TRIP_DELAY_MS = 5
NETWORK_DELAY_MS = 1

LEGEND = """\
copies       servers asked to keep a session; on: servers it was found on; lock on: servers that
             held its lock while it was open
connections  kept for the life of the process, or new for every session
time         wall time of a cycle on loopback, us, median of {rounds} rounds; +-%: how far the
             middle half of the rounds spreads
CPU          user and system time of the PHP process a cycle, us, likewise
x            the column before it, this line / {base} with as many copies (files:
             with {fewest}), median over rounds; above 1: slower or dearer than {base}
calls        system calls a cycle, servers on loopback; calls far: with {network} ms each way, where
             no answer is there at once
trips        round trips a cycle that wait for one another: (time with {delay} ms each way - time on
             loopback) / {trip:.2f} ms, of each session's fastest cycle; connecting is not
             counted"""
LEGEND_INSTRUCTIONS = """\
instr        user-space instructions of the PHP process a cycle, thousands (callgrind)"""
NOTE_NEW = """\
note         {names}: new connections, because kept ones fail with replicas (README.md)"""


class Entry:
    """One line of the table: a contender with a number of copies, and what was measured."""

    def __init__(self, contender, copies, kept):
        self.contender = contender
        self.copies = copies
        self.kept = contender.redundant and contender.keeps_connections(copies, kept)
        self.wall_us = []
        self.cpu_us = []
        self.near_fastest_us = []
        self.far_fastest_us = []
        self.calls = None
        self.calls_far = None
        self.instructions = None
        self.found_on = None
        self.locked_on = None
        self.failure = None

    def label(self):
        copies = f", {self.copies} copies" if self.contender.redundant else ""
        return f"{self.contender.name}{copies}"


class Bench:
    """encrypted: the port for TLS of each server, by its other port."""

    def __init__(self, options, php, directory, encrypted):
        self.options = options
        self.php = php
        self.directory = directory
        self._encrypted = encrypted

    @contextlib.contextmanager
    def delayed(self, binary, delay_ms, ports):
        """Ports that lead to `ports` with a delay, and have delayed ports for TLS."""
        ports_for_tls = [self._encrypted[port] for port in ports if port in self._encrypted]
        with harness.delayed(binary, delay_ms, [*ports, *ports_for_tls]) as far:
            self._encrypted.update(zip(far, far[len(ports):]))
            yield far[:len(ports)]

    def command(self, entry, ports, *arguments):
        settings = entry.contender.settings(ports, entry.copies, entry.kept)
        settings.update(self.options.ini)
        script = os.path.join(harness.BENCH, "cycle.php")
        return [*harness.php_command(self.php, entry.contender, settings), script, *arguments]

    def measure(self, entry, ports, cycles, sessions=SESSIONS):
        """The figures of cycle.php; `cycles` is a multiple of `sessions`."""
        command = self.command(entry, ports, "measure", str(cycles), str(sessions))
        return json.loads(harness.run_checked(command, entry.label(), 60))

    def count_copies(self, entry, ports):
        """On how many servers the sessions are, and the lock of the one that is held."""
        command = self.command(entry, ports, "hold", str(SESSIONS))
        with harness.running(command, entry.label()) as process:
            if not select.select([process.stdout], [], [], 60)[0]:
                raise BenchError(f"{entry.label()}: no session opened in 60 s")
            ids = process.stdout.readline().split()
            keys = [harness.stored_keys(port) for port in ports]
            harness.finish(process, entry.label(), 60)

        def servers_with(sid, lock):
            return sum(any(sid in key and ("lock" in key) == lock for key in on) for on in keys)

        found = [servers_with(sid, False) for sid in ids]
        entry.found_on = min(found)
        entry.locked_on = servers_with(ids[-1], True)
        if set(found) != {entry.copies}:
            raise BenchError(f"{entry.label()}: sessions are on {sorted(set(found))} servers")

    def count_calls(self, entry, ports, cycles):
        """System calls by name of one cycle: the difference of two run lengths."""
        counts = []
        for length in (SESSIONS, SESSIONS + cycles):
            output = os.path.join(self.directory, "strace")
            command = self.command(entry, ports, "measure", str(length), str(SESSIONS))
            strace = ["strace", "-f", "-c", "-o", output]
            harness.run_checked([*strace, *command], entry.label(), 120)
            with open(output, encoding="utf-8") as lines:
                found = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$",
                                   lines.read(), re.M)
            counts.append({name: int(count) for count, name in found if name != "total"})
        short, long = counts
        names = sorted(set(short) | set(long))
        return {name: (long.get(name, 0) - short.get(name, 0)) / cycles for name in names}

    def count_instructions(self, entry, ports, cycles):
        totals = []
        for length in (SESSIONS, SESSIONS + cycles):
            output = os.path.join(self.directory, "callgrind")
            command = self.command(entry, ports, "measure", str(length), str(SESSIONS))
            valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}"]
            harness.run_checked([*valgrind, *command], entry.label(), 300)
            with open(output, encoding="utf-8") as lines:
                totals.append(int(re.search(r"^(?:summary|totals): (\d+)", lines.read(), re.M)[1]))
        return (totals[1] - totals[0]) / cycles


def attempt(step, entry, *arguments):
    """Runs a step of an entry that has not failed; a failure ends this entry only."""
    if entry.failure is None:
        try:
            return step(entry, *arguments)
        except BenchError as error:
            entry.failure = str(error)
            print(f"bench: {entry.failure}", file=sys.stderr)
    return None


def in_turns(entries, rounds):
    """The entries `rounds` times, forwards and backwards in turn."""
    for turn in range(rounds):
        yield from entries if turn % 2 == 0 else entries[::-1]


def measure_all(bench, entries, ports, binary):
    """Fills the entries; returns what one delayed round trip takes, in ms."""
    options = bench.options
    remote = [entry for entry in entries if entry.contender.redundant]
    progress("counting copies")
    for entry in remote:
        attempt(bench.count_copies, entry, ports)

    progress(f"time and CPU: {options.rounds} rounds of {options.cycles} cycles")
    for entry in in_turns(entries, options.rounds):
        result = attempt(bench.measure, entry, ports, options.cycles)
        if result:
            entry.wall_us.append(result["wall_us"])
            entry.cpu_us.append(result["cpu_us"])
            entry.near_fastest_us.append(result["fastest_us"])

    progress("round trips")
    with bench.delayed(binary, TRIP_DELAY_MS, ports) as far:
        trip_ms = harness.round_trip_ms(far[0]) - harness.round_trip_ms(ports[0])
        for entry in in_turns(remote, options.trip_rounds):
            sessions = options.trip_sessions
            result = attempt(bench.measure, entry, far, 3 * sessions, sessions)
            if result:
                entry.far_fastest_us.append(result["fastest_us"])

    progress("system calls")
    for entry in entries:
        entry.calls = attempt(bench.count_calls, entry, ports, options.call_cycles)
    with bench.delayed(binary, NETWORK_DELAY_MS, ports) as far:
        for entry in remote:
            entry.calls_far = attempt(bench.count_calls, entry, far, options.call_cycles)

    if options.instructions:
        progress("instructions")
        for entry in entries:
            entry.instructions = attempt(bench.count_instructions, entry, ports,
                                         options.call_cycles)
    return trip_ms


# --- the report ----------------------------------------------------------------------------------


def median(values):
    return statistics.median(values) if values else None


def spread_percent(values):
    if len(values) < 3:
        return None
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return 50 * (high - low) / statistics.median(values)


def ratio(values, base_values):
    """Median of the ratios of the same round: what slows a whole round down cancels out."""
    return median([value / base for value, base in zip(values, base_values)])


def round_trips(entry, trip_ms):
    if not entry.far_fastest_us or not entry.near_fastest_us:
        return None
    return (median(entry.far_fastest_us) - median(entry.near_fastest_us)) / 1000 / trip_ms


def total(calls):
    return None if calls is None else sum(calls.values())


def figures(entry, base, trip_ms):
    """What the table shows of an entry, as numbers; None where there is none."""
    compared = base if base and base.wall_us and not base.failure else None
    return {
        "copies": entry.copies,
        "handler": entry.contender.name,
        "connections": ("kept" if entry.kept else "new") if entry.contender.redundant else None,
        "time_us": median(entry.wall_us),
        "time_spread_percent": spread_percent(entry.wall_us),
        "time_ratio": ratio(entry.wall_us, compared.wall_us) if compared else None,
        "cpu_us": median(entry.cpu_us),
        "cpu_ratio": ratio(entry.cpu_us, compared.cpu_us) if compared else None,
        "calls": total(entry.calls),
        "calls_far": total(entry.calls_far),
        "round_trips": round_trips(entry, trip_ms),
        "instructions": entry.instructions,
        "session_on": entry.found_on,
        "lock_on": entry.locked_on,
        "failure": entry.failure,
        "calls_by_name": entry.calls,
        "calls_far_by_name": entry.calls_far,
    }


def table_row(shown, with_instructions):
    row = [
        number(shown["copies"]),
        shown["handler"],
        shown["connections"] or "-",
        number(shown["time_us"], 1),
        number(shown["time_spread_percent"]),
        number(shown["time_ratio"], 2),
        number(shown["cpu_us"], 1),
        number(shown["cpu_ratio"], 2),
        number(shown["calls"], 1),
        number(shown["calls_far"], 1),
        number(shown["round_trips"], 2),
    ]
    if with_instructions:
        row.append(number(shown["instructions"] and shown["instructions"] / 1000))
    row += [number(shown["session_on"]), number(shown["lock_on"])]
    if shown["failure"]:
        row[3:] = ["failed", *[""] * (len(row) - 4)]
    return row


def print_calls(shown_rows):
    print("\nsystem calls a cycle by name (loopback | far)")
    for shown in shown_rows:
        near, far = ((shown[key] or {}) for key in ("calls_by_name", "calls_far_by_name"))
        parts = []
        for name in sorted({*near, *far}):
            counts = near.get(name, 0), far.get(name, 0)
            if any(abs(count) >= 0.05 for count in counts):
                parts.append(f"{name} {counts[0]:.1f}|{counts[1]:.1f}")
        print(f"  {number(shown['copies'])} {shown['handler']}: {', '.join(parts)}")


def report(entries, options, trip_ms, versions):
    reference = next((e.contender.name for e in entries if e.contender.redundant), None)
    bases = {e.copies: e for e in entries if e.contender.name == reference}
    shown_rows, rows, previous = [], [], None
    for entry in entries:
        base = bases.get(entry.copies or options.copies[0])
        shown = figures(entry, base, trip_ms)
        if previous is not None and entry.copies != previous:
            rows.append(None)
        previous = entry.copies
        shown_rows.append(shown)
        rows.append(table_row(shown, options.instructions))
    columns = ["copies", "handler", "connections", "time", "+-%", "x", "CPU", "x", "calls",
               "calls far", "trips"]
    columns += ["instr"] if options.instructions else []
    columns += ["on", "lock on"]
    print("; ".join(versions))
    print(f"a cycle: session_start(), a counter and 1 KB changed, session_write_close(); "
          f"{SERVERS} servers, locking on\n")
    harness.print_table(columns, rows)
    print()
    print(LEGEND.format(rounds=options.rounds, network=NETWORK_DELAY_MS, base=reference or "-",
                        fewest=options.copies[0], delay=TRIP_DELAY_MS, trip=trip_ms))
    if options.instructions:
        print(LEGEND_INSTRUCTIONS)
    forced = [e.label() for e in entries
              if e.contender.redundant and options.connections == "kept" and not e.kept]
    if forced:
        print(NOTE_NEW.format(names="; ".join(forced)))
    if options.detail:
        print_calls(shown_rows)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as output:
            json.dump({"versions": versions, "rows": shown_rows}, output, indent=1)


# --- the command line ----------------------------------------------------------------------------

NAMES = ("memcache_session", "pecl/memcache", "php-memcached", "files")


def setting(text):
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("KEY=VALUE expected")
    return key, value


def parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="bench/run", description="Measures the session handlers side by side.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and cycles")
    parser.add_argument("--instructions", action="store_true",
                        help="also count instructions with callgrind (a minute or two more)")
    harness.add_extension_option(parser)
    parser.add_argument("--only", metavar="NAMES", help=f"contenders, by comma: {', '.join(NAMES)}")
    parser.add_argument("--copies", metavar="LIST", default="1,2,3", help="default 1,2,3")
    parser.add_argument("--connections", choices=("kept", "new"), default="kept",
                        help="kept over sessions (default) or new for every session")
    parser.add_argument("--tls", action="store_true", help="memcache_session over TLS, too")
    parser.add_argument("--ini", metavar="KEY=VALUE", action="append", type=setting, default=[],
                        help="a setting for all contenders")
    parser.add_argument("--detail", action="store_true", help="also print system calls by name")
    parser.add_argument("--json", metavar="PATH", help="also write the figures there")
    options = parser.parse_args(arguments)
    options.only = options.only.split(",") if options.only else list(NAMES)
    unknown = set(options.only) - set(NAMES)
    if unknown:
        parser.error(f"--only: unknown: {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}")
    if not re.fullmatch(f"[1-{SERVERS}](,[1-{SERVERS}])*", options.copies):
        parser.error(f"--copies: numbers from 1 to {SERVERS}, by comma")
    options.copies = sorted({int(text) for text in options.copies.split(",")})
    options.ini = dict(options.ini)
    quick = options.quick
    options.rounds, options.cycles = (6, 10 * SESSIONS) if quick else (20, 20 * SESSIONS)
    options.trip_rounds, options.trip_sessions = (1, 8) if quick else (3, 12)
    options.call_cycles = 2 * SESSIONS if quick else 4 * SESSIONS
    return options


def contenders(options, phpize, php_config, directory, encrypted, cafile):
    chosen = []
    for name in options.only:
        if name == "memcache_session":
            extension = options.extension and os.path.abspath(options.extension)
            if extension is None:
                progress("building the extension")
                extension = harness.build_extension(phpize, php_config, directory)
            elif not os.path.exists(extension):
                raise BenchError(f"--extension: no {extension}")
            chosen.append(harness.MemcacheSession(extension))
            if options.tls:
                chosen.append(harness.MemcacheSessionTls(extension, encrypted, cafile))
        elif name == "pecl/memcache":
            chosen.append(harness.PeclMemcache())
        elif name == "php-memcached":
            chosen.append(harness.PhpMemcached())
        else:
            sessions = os.path.join(directory, "sessions")
            os.mkdir(sessions)
            chosen.append(harness.Files(sessions))
    return chosen


def main(arguments):
    options = parse_options(arguments)
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(harness.work_directory())
        encrypted, cafile = {}, None
        if options.tls:
            ports, encrypted, cafile = stack.enter_context(
                harness.servers_of_both(SERVERS, directory))
        else:
            ports = stack.enter_context(harness.servers(SERVERS))
        php, phpize, php_config = harness.find_php()
        chosen = contenders(options, phpize, php_config, directory, encrypted, cafile)
        binary = harness.build_proxy(directory)
        versions = [harness.machine(), f"PHP {harness.php_version(php)}"]
        versions += [f"{contender.name} {harness.extension_version(php, contender)}"
                     for contender in chosen if contender.version_of]
        versions += [f"memcached {harness.server_version(ports[0])}"]
        kept = options.connections == "kept"
        entries = [Entry(c, None, kept) for c in chosen if not c.redundant]
        entries += [Entry(c, copies, kept)
                    for copies in options.copies for c in chosen if c.redundant]
        bench = Bench(options, php, directory, encrypted)
        trip_ms = measure_all(bench, entries, ports, binary)
        report(entries, options, trip_ms, versions)
    failed = [entry.label() for entry in entries if entry.failure]
    if failed:
        print(f"\nFAILED: {'; '.join(failed)} (messages above)")
    return 1 if failed else 0


if __name__ == "__main__":
    harness.run(main)
