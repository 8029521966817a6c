"""Whether docs/protocol.md agrees with the tree.

The document is the reference that code comments name, so a chapter that has lost its rule, or a
reference that has lost its chapter, is a defect. Pure functions of texts; self_test() shows, on
texts with one defect each, that every breach is found.
"""

import re

PROMISES = [f"P{number}" for number in range(1, 13)]
COLUMNS_MAX = 110
STEPS_MIN = 3  # of the history of a rule

HEADING = re.compile(r"^(#+) (.+)$")
RULE_TITLE = re.compile(r"(.+) \((\w+)\)")
PROMISE_TITLE = re.compile(r"(P\d+) \S.*")
SEED = re.compile(r"^Seed on record: (\d+), breaks (P\d+)\.$", re.MULTILINE)
STEP = re.compile(r"^(\d+)\. ", re.MULTILINE)
LINK = re.compile(r"\]\(#([^)\s]+)\)")
LINK_FROM_OUTSIDE = re.compile(r"protocol\.md#([\w-]+)")
CONSTANT = re.compile(r"`(k[A-Z]\w+)`")
REFERENCE = re.compile(r'protocol\.md, "([^"]*)"')
PROMISE = re.compile(r"(?<![\w-])P\d+\b")
RULE_DECLARATION = re.compile(r"^\s*bool (\w+) = true;", re.MULTILINE)
RULE_ENTRY = re.compile(r'\{"(\w+)", &Rules::\w+, "(P\d+)[^"]*", (\d+)(?:,\s*&Rules::\w+)?\}')
COMMENT_BREAK = re.compile(r"\s*\n[ \t]*(?://|#|\*)?[ \t]*")


class _Chapter:
    """A heading, with the text up to the next one."""

    def __init__(self, line, level, title):
        self.line = line
        self.level = level
        self.title = title
        self.part = None  # the title of the "##" that it belongs to
        self.text = ""


def _chapters(protocol):
    found = []
    part = None
    for number, line in enumerate(protocol.split("\n"), 1):
        heading = HEADING.match(line)
        if heading:
            found.append(_Chapter(number, len(heading.group(1)), heading.group(2)))
            if found[-1].level == 2:
                part = found[-1].title
            found[-1].part = part
        elif found:
            found[-1].text += line + "\n"
    return found


def slug(title):
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _promise_breaches(chapters):
    of_promises = [c for c in chapters if c.part == "Promises" and c.level == 3]
    defined = []
    for chapter in of_promises:
        title = PROMISE_TITLE.fullmatch(chapter.title)
        if not title or title.group(1) not in PROMISES:
            yield chapter.line, f'"{chapter.title}" is no promise'
        else:
            defined.append(title.group(1))
    for promise in PROMISES:
        if defined.count(promise) != 1:
            yield 0, f"promise {promise} has {defined.count(promise)} sections, not one"


def _rule_breaches(chapters, rules_h, rule_table):
    rules = RULE_DECLARATION.findall(rules_h)
    entries = {name: (promise, seed) for name, promise, seed in RULE_ENTRY.findall(rule_table)}
    told = []
    for chapter in chapters:
        if chapter.part != "Rules" or chapter.level != 3:
            continue
        title = RULE_TITLE.fullmatch(chapter.title)
        if not title or title.group(2) not in rules:
            yield chapter.line, f'"{chapter.title}" names no rule of src/replica/rules.h'
            continue
        rule = title.group(2)
        told.append(rule)
        steps = [int(number) for number in STEP.findall(chapter.text)]
        if len(steps) < STEPS_MIN or steps != list(range(1, len(steps) + 1)):
            yield chapter.line, f"the history of {rule} has no numbered steps"
        if rule not in entries:
            yield chapter.line, f"tests/sim/rule_table.cpp has no seed of {rule}"
            continue
        seeds = SEED.findall(chapter.text)
        expected = "Seed on record: {1}, breaks {0}.".format(*entries[rule])
        if len(seeds) != 1 or seeds[0] != (entries[rule][1], entries[rule][0]):
            yield chapter.line, f'{rule} must say once "{expected}", as tests/sim/rule_table.cpp'
    for rule in rules:
        if told.count(rule) != 1:
            yield 0, f"rule {rule} of src/replica/rules.h has {told.count(rule)} chapters, not one"


def _reference_breaches(chapters, name, text):
    """(path, line, sentence) for each reference to a chapter or promise that does not exist."""
    titles = {chapter.title for chapter in chapters}
    titles |= {match.group(1) for match in map(RULE_TITLE.fullmatch, titles) if match}
    anchors = {slug(chapter.title) for chapter in chapters}

    # A reference may go over several lines of a comment.
    for title in REFERENCE.findall(COMMENT_BREAK.sub(" ", text)):
        if title not in titles:
            yield name, 0, f'docs/protocol.md has no chapter "{title}"'
    for match in LINK_FROM_OUTSIDE.finditer(text):
        if match.group(1) not in anchors:
            line = text.count("\n", 0, match.start()) + 1
            yield name, line, f"docs/protocol.md has no anchor {match.group(1)}"
    for match in PROMISE.finditer(text):
        if match.group(0) not in PROMISES:
            line = text.count("\n", 0, match.start()) + 1
            yield name, line, f"docs/protocol.md does not define {match.group(0)}"


def breaches(protocol, rules_h, rule_table, files):
    """(path, line or 0, sentence) for each breach.

    `files`: {path: text} of all that may refer to the document; those of src tell too which
    constants exist.
    """
    name = "docs/protocol.md"
    chapters = _chapters(protocol)
    found = [(name, *breach) for breach in _promise_breaches(chapters)]
    found += [(name, *breach) for breach in _rule_breaches(chapters, rules_h, rule_table)]

    anchors = [slug(chapter.title) for chapter in chapters]
    for chapter in chapters:
        if anchors.count(slug(chapter.title)) > 1:
            found.append((name, chapter.line, f'"{chapter.title}" is there twice'))
        for anchor in LINK.findall(chapter.text):
            if anchor not in anchors:
                found.append((name, chapter.line, f"there is no anchor {anchor}"))
    for number, line in enumerate(protocol.split("\n"), 1):
        if len(line) > COLUMNS_MAX:
            found.append((name, number, f"{len(line)} columns, {COLUMNS_MAX} are allowed"))

    words = set()
    for path, text in files.items():
        if path.startswith("src/"):
            words |= set(re.findall(r"\bk[A-Z]\w+", text))
        if path != name:
            found += _reference_breaches(chapters, path, text)
    found += _reference_breaches(chapters, name, protocol)
    for constant in sorted(set(CONSTANT.findall(protocol)) - words):
        found.append((name, 0, f"src has no {constant}"))
    return found


_GOOD = {
    "protocol": "\n".join(
        ["# The protocol", 'As in `protocol.md, "Opening"`.', "## Promises"]
        + [f"### {promise} Holds" for promise in PROMISES]
        + ["## Opening", "[why](#fresh-data-only-reread), `kRounds`", "## Rules"]
        + ["### Fresh data only (reread)", "1. A reads.", "2. B writes.", "3. A writes.", ""]
        + ["Seed on record: 7, breaks P2.", ""]
    ),
    "rules_h": "struct Rules {\n    bool reread = true;  // under the locks\n};\n",
    "rule_table": '{"reread", &Rules::reread, "P2 lost update", 7},\n',
    "source": '// protocol.md, "Fresh data\n// only", keeps P2.\nconstexpr int kRounds = 8;\n',
}

# The text to change, from what, to what, and a part of the sentence that must tell it.
_DEFECTS = [
    ("protocol", "### P3 Holds\n", "", "P3 has 0 sections"),
    ("protocol", "### P3 Holds\n", "### P3 Holds\n### P13 Holds\n", "is no promise"),
    ("protocol", "### P3 Holds\n", "### P3 Holds\n### P3 Too\n", "P3 has 2 sections"),
    ("protocol", "(reread)", "(reread_all)", "names no rule"),
    ("protocol", "(reread)", "", "names no rule"),
    ("rules_h", "};", "    bool tombstones = true;\n};", "rule tombstones"),
    ("protocol", "record: 7", "record: 8", "Seed on record: 7, breaks P2."),
    ("protocol", "breaks P2.", "breaks P5.", "Seed on record: 7, breaks P2."),
    ("protocol", "Seed on record: 7, breaks P2.", "", "Seed on record: 7, breaks P2."),
    ("rule_table", "7}", "9}", "Seed on record: 9, breaks P2."),
    ("rule_table", '"reread"', '"other"', "no seed of reread"),
    ("protocol", "2. B writes.\n", "", "no numbered steps"),
    ("source", "Fresh data\n", "Stale data\n", 'no chapter "Stale data only"'),
    ("protocol", '"Opening"`', '"Opened"`', 'no chapter "Opened"'),
    ("source", "keeps P2", "keeps P13", "does not define P13"),
    ("source", "keeps P2", "keeps P0", "does not define P0"),
    ("source", "//", "// docs/protocol.md#closing\n//", "no anchor closing"),
    ("source", "kRounds", "kTries", "src has no kRounds"),
    ("protocol", "(#fresh", "(#stale", "no anchor stale-data-only-reread"),
    ("protocol", "## Opening", "## Opening\n## Opening", '"Opening" is there twice'),
    ("protocol", "1. A reads.", "1. A reads" + " again" * 20, "columns, 110 are allowed"),
]


def _judge(texts):
    files = {"src/session/opening.cpp": texts["source"]}
    return breaches(texts["protocol"], texts["rules_h"], texts["rule_table"], files)


def self_test():
    """A sentence for each defect that breaches() does not find, and for what it finds wrongly."""
    missed = [f"finds in a good document: {breach[2]}" for breach in _judge(_GOOD)]
    for key, old, new, told in _DEFECTS:
        assert old in _GOOD[key], f"the defect {old!r} changes nothing"
        texts = dict(_GOOD, **{key: _GOOD[key].replace(old, new, 1)})
        if not any(told in breach[2] for breach in _judge(texts)):
            missed.append(f"does not find that {key} has {new!r} instead of {old!r}")
    return missed
