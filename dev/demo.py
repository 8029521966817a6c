"""The story that ./dev/demo tells. Run it by that: it builds the extension first."""

import argparse
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/system"))
from farm import Farm
from process import FarmError

RETRY_INTERVAL_S = 1
VISITORS = 20
CLICKS_A_SCENE = 4
LOSSES_TOLD_A_SCENE = 3

ON_TERMINAL = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if ON_TERMINAL else text


def say(text=""):
    print(text, flush=True)


def say_scene(text):
    say()
    say(paint("1", text))


class Guest:
    """A visitor with a cookie jar of their own, who knows which number must come next."""

    def __init__(self, number, folder):
        self.number = number
        self.expected = 1
        self._jar = os.path.join(folder, f"cookies-{number}")

    def click(self, node):
        """Returns the text of the page, whether it was right, and its time in seconds."""
        done = subprocess.run(
            ["curl", "-s", "-S", "--max-time", "30", "-b", self._jar, "-c", self._jar,
             "-w", "\n%{time_total}", node.url + "counter.php"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        shown, _, seconds = done.stdout.rpartition("\n")
        right = shown == str(self.expected)
        # After a loss the visitor counts on from what the page shows now.
        self.expected = int(shown) + 1 if re.fullmatch(r"\d+", shown) else self.expected
        return shown, right, float(seconds)


class Story:
    def __init__(self, farm):
        self._farm = farm
        self._guests = [Guest(number, farm.folder) for number in range(1, VISITORS + 1)]
        self.clicks = 0
        self.lost = 0
        self.slowest_s = 0.0

    def scene(self):
        """Every guest clicks, on the nodes in turn, and the first one's clicks are shown."""
        nodes = self._farm.nodes
        shown_to_first, losses, slowest_s = [], [], 0.0
        for turn in range(CLICKS_A_SCENE):
            for guest in self._guests:
                node = nodes[(guest.number + turn + 1) % len(nodes)]
                expected = guest.expected
                shown, right, seconds = guest.click(node)
                slowest_s = max(slowest_s, seconds)
                if guest.number == 1:
                    shown_to_first.append(f"{node.name} {shown if right else '?'}")
                if not right:
                    losses.append(f"visitor {guest.number} on node {node.name} should see "
                                  f"{expected}, sees: {' '.join(shown.split()) or 'nothing'}")
        clicks = CLICKS_A_SCENE * len(self._guests)
        self.clicks += clicks
        self.lost += len(losses)
        self.slowest_s = max(self.slowest_s, slowest_s)

        say(f"  visitor 1 clicks, and sees on node  {'   '.join(shown_to_first)}")
        for loss in losses[:LOSSES_TOLD_A_SCENE]:
            say(paint("31", f"  LOST: {loss[:300]}"))
        if len(losses) > LOSSES_TOLD_A_SCENE:
            say(paint("31", f"  ... and {len(losses) - LOSSES_TOLD_A_SCENE} more"))
        figures = f"{clicks} clicks, {len(losses)} lost, slowest {slowest_s * 1000:.0f} ms"
        say(f"  all {len(self._guests)} visitors: " + paint("31" if losses else "32", figures))

    def say_copies(self):
        held = []
        for server in self._farm.servers:
            held.append(f"{server.name} " + (
                f"holds {server.sessions()}" if server.process.running() else "is dead"))
        say(f"  of the copies of {len(self._guests)} sessions, {', '.join(held)}")

    def kill(self, server):
        say_scene(f"kill -9 {server.pid}: memcached {server.name} is gone, with all it held.")
        server.kill()

    def restart(self, server):
        say_scene(f"memcached {server.name} is started again, empty.")
        server.start()
        # The nodes leave a dead server alone for so long before they try it again.
        time.sleep(RETRY_INTERVAL_S + 0.2)


def play(copies, tls):
    with Farm(servers=3, nodes=2, redundancy=copies, tls=tls,
              url={"persistent": 1, "timeout": 1, "retry_interval": RETRY_INTERVAL_S}) as farm:
        story = Story(farm)
        m1, m2, m3 = farm.servers
        for server in farm.servers:
            say(f"  memcached {server.name}  {'tls' if tls else 'tcp'}://{server.address}")
        for node in farm.nodes:
            say(f"  web node {node.name}    {node.url}counter.php  (nginx, php-fpm)")
        say(f"  {VISITORS} visitors, {copies} {'copy' if copies == 1 else 'copies'} of every "
            "session. The counter must go up by one with every click.")

        say_scene("All three servers are up.")
        story.scene()
        story.say_copies()
        story.kill(m1)
        story.scene()
        story.say_copies()
        story.restart(m1)
        story.scene()
        story.say_copies()
        story.kill(m2)
        story.scene()
        story.say_copies()
        story.restart(m2)
        story.scene()
        story.say_copies()
        story.kill(m3)
        story.scene()
        story.say_copies()

    say_scene("The figures")
    say(f"  clicks {story.clicks}   lost {story.lost}   slowest {story.slowest_s * 1000:.0f} ms")
    if story.lost:
        say(paint("31", f"{story.lost} clicks were lost."))
    else:
        say(paint("32", "No click was lost."))
    return 1 if story.lost else 0


def main():
    parser = argparse.ArgumentParser(prog="dev/demo")
    parser.add_argument("--copies", type=int, default=2, choices=(1, 2, 3),
                        help="copies of every session (default 2)")
    parser.add_argument("--tls", action="store_true",
                        help="encrypt between PHP and memcached, with certificates of a CA")
    arguments = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))  # through the clean-up
    try:
        return play(arguments.copies, arguments.tls)
    except KeyboardInterrupt:
        return 130
    except FarmError as error:
        print(f"dev/demo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
