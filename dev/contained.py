"""Runs a program of dev/ and sees that it leaves nothing behind. Used by lib.sh.

    python3 contained.py run COMMAND...   runs it, then ends and removes what it left behind
    python3 contained.py check            run by COMMAND as its last step: lists what is left so far

Only what COMMAND started counts, and it cannot hide:
- Processes. A process whose parent ends becomes a child of this one (PR_SET_CHILD_SUBREAPER), also
  when it made a session, a user or a namespace of its own.
- Namespaces. One exists as long as a process is in it, or a mount or an open file refers to it.
- Mounts. COMMAND runs in a mount namespace that nobody else uses, with a list of its first mounts.
- Temporary folders. TMPDIR is a folder of the run's own.

The exit status of `run` is that of COMMAND, 1 instead of 0 when something was left behind, and
128 + the number of the signal that interrupted it. That of `check` is 1 when something is left.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNS = 0x00020000
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

# Programs that were told to end may need a moment.
GRACE_S = 5
KILL_S = 10

# The environment tells COMMAND's children where they run.
CONTAINER_PID = "MEMCACHE_SESSION_CONTAINER"
CONTAINER_FOLDER = "MEMCACHE_SESSION_CONTAINER_FOLDER"

NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")

libc = ctypes.CDLL(None, use_errno=True)


def read(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")


def processes():
    """The parent of each process that has not ended, by pid."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                # The name in parentheses may hold anything.
                state, parent, *_ = read(f"/proc/{name}/stat").rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if state not in "ZX":
                parents[int(name)] = int(parent)
    return parents


def started_by(container):
    """The pids of the processes below `container`, without this one and its parents."""
    parents = processes()
    above = set()
    pid = os.getpid()
    while pid in parents:
        above.add(pid)
        pid = parents[pid]
    children = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    found, to_visit = [], [container]
    while to_visit:
        for child in children.get(to_visit.pop(), ()):
            to_visit.append(child)
            if child not in above:
                found.append(child)
    return sorted(found)


def own_namespaces(pid):
    """The kinds of namespaces that this process does not share with us."""
    kinds = []
    for kind in NAMESPACES:
        try:
            if os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}"):
                kinds.append(kind)
        except OSError:
            continue
    return kinds


def described(pid):
    try:
        command = read(f"/proc/{pid}/cmdline").replace("\0", " ").strip()
    except OSError:
        command = "ended meanwhile"
    kinds = own_namespaces(pid)
    where = f", in a namespace of its own ({', '.join(kinds)})" if kinds else ""
    return f"process {pid}{where}: {command[:200]}"


def mounts():
    """The mount points of this mount namespace, in the order in which they were mounted."""
    return [line.split()[4].encode().decode("unicode_escape")
            for line in read("/proc/self/mountinfo").splitlines()]


class Run:
    """One COMMAND: the process above it, and the folder that this process made for it."""

    def __init__(self, container, folder):
        self.container = container
        self.folder = folder
        self.temporary = os.path.join(folder, "t")
        self.mounts_path = os.path.join(folder, "mounts")

    def processes(self):
        return started_by(self.container)

    def mounts(self):
        """What was mounted since the start. Without a namespace of our own nobody could mount."""
        if not os.path.exists(self.mounts_path):
            return []
        left = mounts()
        for path in read(self.mounts_path).split("\0"):
            if path in left:
                left.remove(path)
        return left

    def folders(self):
        return [os.path.join(self.temporary, name) for name in sorted(os.listdir(self.temporary))]

    def left(self):
        """A line for each thing that is left behind."""
        give_up = time.monotonic() + GRACE_S
        while True:
            pids = self.processes()
            if not pids or time.monotonic() > give_up:
                break
            time.sleep(0.05)
        return ([described(pid) for pid in pids] + [f"mount {path}" for path in self.mounts()] +
                [f"temporary {path}" for path in self.folders()])

    def end_processes(self):
        give_up = time.monotonic() + KILL_S
        while time.monotonic() < give_up:
            pids = self.processes()
            if not pids:
                return
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    pass
            reap()
            time.sleep(0.02)

    def clean_up(self):
        """Ends and removes everything. Returns a line for each thing that resists."""
        self.end_processes()
        for path in reversed(self.mounts()):
            libc.umount2(os.fsencode(path), MNT_DETACH)
        resisting = ([described(pid) for pid in self.processes()] +
                     [f"mount {path}" for path in self.mounts()])
        # What is mounted there still is not ours to remove.
        if not self.mounts():
            shutil.rmtree(self.folder, ignore_errors=True)
        if os.path.exists(self.folder):
            resisting.append(f"temporary {self.folder}")
        return resisting


def reap():
    """Forgets children that have ended. Returns the wait status of each, by pid."""
    ended = {}
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return ended
            ended[pid] = status
    except ChildProcessError:
        return ended


def own_mount_namespace():
    """True if nobody else mounts anything where this process and its children do."""
    if libc.unshare(CLONE_NEWNS) != 0:
        return False  # only root may, and only root can mount
    # This fails where the root is no mount point, as in a chroot: dev/in_debian did the same.
    libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    return True


def wait_for(child, signals):
    """The wait status of the child, or None and the signal that came before its end."""
    while True:
        received = signal.sigtimedwait(signals, 1)
        if received is not None and received.si_signo != signal.SIGCHLD:
            return None, received.si_signo
        status = reap().get(child)
        if status is not None:
            return status, None


def report(name, what, lines):
    print(f"{name}: {what}", *(f"  {line}" for line in lines), sep="\n", file=sys.stderr,
          flush=True)


def run(command):
    name = os.path.relpath(command[0], os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # A short name, because a path of a socket below it may have only 107 bytes.
    this = Run(os.getpid(), tempfile.mkdtemp(prefix="mcs-"))
    os.chmod(this.folder, 0o755)
    os.mkdir(this.temporary)
    os.chmod(this.temporary, 0o1777)  # as /tmp: servers that root starts run as other users
    if own_mount_namespace():
        with open(this.mounts_path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write("\0".join(mounts()))
    environment = {**os.environ, "TMPDIR": this.temporary, CONTAINER_PID: str(this.container),
                   CONTAINER_FOLDER: this.folder}

    def as_before():
        for number in signals:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)

    child = subprocess.Popen(  # pylint: disable=consider-using-with,subprocess-popen-preexec-fn
        command, env=environment, preexec_fn=as_before)
    status, interrupted_by = wait_for(child.pid, signals)
    child.returncode = 0  # it is waited for here
    if interrupted_by is not None:
        count = len(this.processes())
        resisting = this.clean_up()
        print(f"\n{name}: interrupted by {signal.Signals(interrupted_by).name}; "
              f"{count} processes were ended", file=sys.stderr)
        report(name, "left behind:" if resisting else "left behind: nothing", resisting)
        return 128 + interrupted_by
    left = this.left()
    if left:
        report(name, "left behind, and removed now:", left)
    resisting = this.clean_up()
    if resisting:
        report(name, "still there:", resisting)
    status = os.waitstatus_to_exitcode(status)
    if status < 0:
        return 128 - status
    return status or (1 if left or resisting else 0)


def check():
    left = Run(int(os.environ[CONTAINER_PID]), os.environ[CONTAINER_FOLDER]).left()
    for line in left:
        print(f"  {line}")
    return 1 if left else 0


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "run":
        return run(sys.argv[2:])
    if sys.argv[1:] == ["check"]:
        return check()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
