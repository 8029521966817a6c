"""README.md and docs/*.md as a reader takes them: blocks to copy, and commands to type."""

import os
import re

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))

PROMPT = re.compile(r"^ +(?:root@\w+:~)?[$#] ([^A-Z].*|[A-Z]+=.*)$")
WORD = re.compile(r"[A-Za-z][\w.-]*$")
SHELL = {"cd", "do", "done", "echo", "exec", "exit", "for", "if", "printf", "read", "then", "while"}


def contents(name):
    """A page by its path in the tree, such as "docs/apache.md"."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def names():
    folder = sorted(os.listdir(os.path.join(ROOT, "docs")))
    return ["README.md"] + [f"docs/{name}" for name in folder if not name.endswith(".png")]


def blocks_of_php(page):
    """The indented blocks that begin with `<?php`."""
    found = re.findall(r"(?m)^( +)(<\?php\n(?:\1.*\n|\n)*)", page)
    return [body.replace("\n" + indent, "\n") for indent, body in found]


def section(page, heading):
    """The text below a heading, down to the next heading of any level."""
    found, = re.findall(rf"(?ms)^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", page)
    return found


def block(page, first_line):
    """The only indented block that begins with this line, as a reader would copy it."""
    lines = page.splitlines()
    begin, = [number for number, line in enumerate(lines)
              if line.strip() == first_line and line.startswith("    ")
              and (number == 0 or not lines[number - 1].startswith("    "))]
    indent = len(lines[begin]) - len(lines[begin].lstrip())
    taken = []
    for line in lines[begin:]:
        if line.strip() and not line.startswith(" " * indent):
            break
        taken.append(line[indent:])
    return "\n".join(taken).strip() + "\n"


def typed(text):
    """(command, lines that the page shows below it) of each line with a prompt, in order."""
    found = []
    for line in text.splitlines():
        prompt = PROMPT.match(line)
        if prompt:
            found.append((prompt[1], []))
        elif found and line.startswith("    "):
            found[-1][1].append(line.strip())
        else:
            found.append(("", []))  # what follows here belongs to no command
    return [(command, shown) for command, shown in found if command]


def looks_like(shown, printed):
    """Whether a command printed what the page shows. Numbers and hashes may be others."""
    def pattern(line):
        return re.sub(r"[0-9a-f]{16}|\d+",
                      lambda number: r"\d+" if number[0].isdigit() else "[0-9a-f]{16}",
                      re.escape(line))
    return re.fullmatch("\n".join(map(pattern, shown)), "\n".join(printed)) is not None


def programs(command):
    """The programs that a line of shell starts."""
    found = set()
    for part in re.split(r"[|;&]+|\$\(|\bdo\b|\bwhile\b", re.sub(r"'[^']*'", "''", command)):
        words = part.split()
        if words and WORD.match(words[0]) and words[0] not in SHELL and "=" not in words[0]:
            found.add(words[0])
    return found
