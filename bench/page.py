"""The page of bench/locks: ten requests of one session at once, each with a variable of its own.

A browser sends such requests for the parts of a page. A handler that locks runs them one after the
other. Without a lock the last request to end overwrites what the others have changed.
"""

import statistics
import time

import harness
from harness import number, progress

REQUESTS, WORK_MS = 10, 300
MERGED_S_MAX = 0.4

LEGEND = """\
page s        from the first to the last of {requests} requests of one session that begin together,
              work {work} ms each and set a variable of their own: median of the rounds
kept          how many of the {requests} variables are in the session afterwards: fewest and most
              of the rounds"""

# Each handler serves the page in these modes: a name, settings, and the order that the workers get.
MODES = {
    "memcache_session": (
        ("locked", {}, "change"),
        ("read_and_close", {}, "change_read_only"),
        ("merged", {"memcache.session_merge": "fail"}, "change"),
        ("unlocked", {"memcache.session_lock": "0"}, "change"),
    ),
    "pecl/memcache": (("locked", {}, "change"),),
    "php-memcached": (
        ("locked", {}, "change"),
        ("unlocked", {"memcached.sess_locking": "0"}, "change"),
    ),
    "phpredis": (
        ("locked", {}, "change"),
        ("unlocked", {"redis.session.locking_enabled": "0"}, "change"),
    ),
    "files": (("locked", {}, "change"),),
}


def one_round(workers, sid, order):
    """Returns the seconds that the page took, and how many of its changes are in the session."""
    workers[0].ask("hold", sid, 0)
    began = time.monotonic()
    for index, worker in enumerate(workers):
        worker.tell(order, sid, WORK_MS, f"part{index}")
    for worker in workers:
        worker.answer()
    seconds = time.monotonic() - began
    names = workers[0].ask("names", sid)["names"]
    return seconds, sum(f"part{index}" in names for index in range(len(workers)))


def measure(bench, entry, rounds):
    """Lets an entry serve the page in each of its modes.

    entry.found["page"] gets, by mode, the seconds and the kept changes of all rounds.
    """
    for mode, settings, order in MODES[entry.contender.name]:
        progress(f"page: {entry.name}, {mode}")
        with bench.workers(entry, REQUESTS, ini=settings) as workers:
            for worker in workers:
                worker.ask("hold", bench.fresh_id(), 0)  # its connection is made
            found = [one_round(workers, bench.fresh_id(), order) for _ in range(rounds)]
        entry.found.setdefault("page", {})[mode] = tuple(zip(*found))


def modes_found(entry):
    return entry.found.get("page", {}).items()


def missed(entry):
    """Changes that ours has lost although it promises to keep them."""
    return [f"page, {mode}: {min(kept)} of {REQUESTS} changes were kept"
            for mode, (_, kept) in modes_found(entry)
            if mode in ("locked", "merged") and min(kept) != REQUESTS]


def late(entry):
    """The merged page, if it took longer than it may; a busy machine may be why."""
    return [f"page, {mode}: {statistics.median(seconds):.2f} s, wanted {MERGED_S_MAX}"
            for mode, (seconds, _) in modes_found(entry)
            if mode == "merged" and statistics.median(seconds) > MERGED_S_MAX]


def report(entries):
    def range_of(kept):
        return f"{min(kept)}" if min(kept) == max(kept) else f"{min(kept)} to {max(kept)}"

    harness.print_table(
        ["handler", "requests", "page s", "kept"],
        [[entry.name, mode, number(statistics.median(seconds), 2), range_of(kept)]
         for entry in entries for mode, (seconds, kept) in modes_found(entry)])
    print()
    print(LEGEND.format(requests=REQUESTS, work=WORK_MS))
