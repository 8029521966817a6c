"""Rules for the English of comments: what a program can see of it.

Most readers of this tree are not native speakers. They look for subject, verb and object, and they
search for words such as "because", "stored" and "deleted". Pure functions of texts; self_test()
shows, on comments with one fault each, that every fault is found.
"""

import ast
import re

WORDS_MAX = 30  # of a sentence
FOLDERS = ("src/", "bin/", "share/", "tests/", "tools/", "dev/", "bench/")
SLASHES = (".h", ".cpp", ".phpt", ".php", ".inc")
HASHES = (".py", ".sh", ".cmake", "CMakeLists.txt")

HASH_BANG = re.compile(r"^#!.*\b(?:bash|sh|python3)\b")
PHP = re.compile(r"^#!.*\bphp\b")
PYTHON = re.compile(r"^#!.*\bpython3\b")
# A comment of its own lines, or behind code and two blanks.
COMMENT = {
    "//": re.compile(r"^(?P<code>.*?)(?:(?<=^)|(?<=\s\s)|(?<=^\s))//(?: (?P<text>.*))?$"),
    "#": re.compile(r"^(?P<code>.*?)(?:(?<=^)|(?<=\s\s)|(?<=^\s))#(?: (?P<text>.*))?$"),
}
# A table, an example or a formula is indented; an item begins a sentence.
INDENTED = re.compile(r"^ {2,}|^\S+  +\S|^[|+]")
ITEM = re.compile(r"^(?:[-*] |\d+\. )")
ITEM_GOES_ON = re.compile(r"^ {2,3}\S")
# A colon ends the first half of a sentence as a full stop would.
SENTENCE_END = re.compile(r"[.?!]\)? +(?=[A-Z`\"(0-9]|protocol\.md|pecl/|php-m)|: +|[.?!:]$")

_VERB = (
    r"(?:is|are|was|were|has|have|had|does|do|did|can|could|may|might|must|will|would|should|cannot"
    r"|own|owns|knows?|needs?|holds?|makes?|takes?|gives?|shows?|reads?|stores?)"
)
_SUBJECT = (
    r"(?:it|he|she|they|we|this|these|there|nobody|everybody|nothing|neither|both|what|whoever"
    r"|otherwise|then|only|PHP)"
)
RULES = [
    (re.compile(r"^(?:Of|By) (?!default)"), "the sentence has no subject in front"),
    (
        re.compile(
            rf", for (?:{_SUBJECT} (?:\w+ ){{0,2}}{_VERB}"
            rf"|(?:(?!that |which |who )[\w`']+ ){{1,4}}{_VERB})\b"
        ),
        'write "because" instead of ", for"',
    ),
    (
        re.compile(r"\b(?:stands? (?:in|on|at|above|over|there)|goes away|(?:is|are) gone)\b"),
        'write "stored", "deleted", "released" or "closed"',
    ),
    (
        re.compile(r"\b(?:whoever|all the same|of no use|lives? on)\b", re.IGNORECASE),
        "write a plain word",
    ),
]


def _marker(name, text):
    if name.endswith(SLASHES) or PHP.match(text):
        return "//"
    if name.endswith(HASHES) or HASH_BANG.match(text):
        return "#"
    return None


def _comment_lines(text, marker):
    """(line, text of the comment or None, whether code is in front of it) of each line."""
    for number, line in enumerate(text.split("\n"), 1):
        match = COMMENT[marker].match(line)
        if match and not line.startswith("#!"):
            yield number, match.group("text") or "", bool(match.group("code").strip())
        else:
            yield number, None, False


def _paragraphs(lines):
    """(line, text) of each run of lines that belong together."""
    first, words, in_item = 0, [], False
    for number, text, behind_code in lines:
        ends = text is None or not text.strip()
        if not ends and ITEM.match(text):
            in_item = True
        elif not ends and not (in_item and ITEM_GOES_ON.match(text)):
            in_item = False
            ends = INDENTED.match(text)
        if words and (ends or behind_code or ITEM.match(text)):
            yield first, " ".join(words)
            words = []
        if not ends:
            first = first if words else number
            words.append(ITEM.sub("", text).strip())
            if behind_code:
                yield first, " ".join(words)
                words = []
    if words:
        yield first, " ".join(words)


def _docstrings(text):
    """(line, text) of each docstring of a Python file."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            docstring = ast.get_docstring(node, clean=False)
            if docstring:
                yield node.body[0].lineno, docstring


def comments(name, text):
    """(line, text) of each paragraph of the comments of a file, and of Python's docstrings."""
    marker = _marker(name, text)
    if marker is None:
        return
    yield from _paragraphs(_comment_lines(text, marker))
    if name.endswith(".py") or PYTHON.match(text):
        for line, docstring in _docstrings(text):
            lines = docstring.split("\n")
            yield from _paragraphs((line + i, lines[i].strip(), False) for i in range(len(lines)))


def sentence_faults(paragraph):
    """A description of each fault of a paragraph."""
    for sentence in SENTENCE_END.split(paragraph):
        words = len(sentence.split())
        if words > WORDS_MAX:
            yield f"{words} words in a sentence, {WORDS_MAX} are allowed: {sentence[:40]}..."
        for pattern, advice in RULES:
            found = pattern.search(sentence)
            if found:
                yield f"{advice}: {sentence[max(found.start() - 20, 0) : found.end() + 20]}"


def breaches(files):
    """(path, line, description) of each fault. `files`: {path: text}."""
    for name, text in files.items():
        if not name.startswith(FOLDERS):
            continue
        if name == "tools/english_rules.py":
            continue  # the faults of self_test()
        for line, paragraph in comments(name, text):
            for fault in sentence_faults(paragraph):
                yield name, line, fault


_GOOD = """\
// Keeps the lock, for example of another request, for items that are new: a lease is no promise.
// By default it waits. The item is deleted.
//
//     table   of a layout with very many words, which nobody reads as a sentence, as it is none
//     and goes on for one more line, so that the limit of thirty words is left behind
//
// - An item of a list ends the sentence before it, although no full stop is there at all
//   anywhere, and its second line belongs to it
// - and so does the next item, which has words enough to go beyond the limit with the first one
a = 1;  // names the server, for the user
url = "tcp://Of no importance";
"""

# A line of comment, and a part of the sentence that must tell its fault.
_FAULTS = [
    ("// Of one address, the first counts.", "no subject"),
    ("// It is short. By cas.", "no subject"),
    ("// It is refused, for it could be an attack.", "because"),
    ("// It does not end, for the other\n// servers own no bucket.", "because"),
    ("// Whatever stands in the save_path.", "stored"),
    ("a = 1;  // the item is gone", "stored"),
    ("// A place of no use.", "plain word"),
    ("// " + "word " * 20 + "\n// " + "word " * 11, "31 words"),
]


def self_test():
    """A sentence for each fault that breaches() does not find, and for each that it makes up."""
    for name, text in ("src/a.cpp", _GOOD), ("tests/a.py", _GOOD.replace("//", "#")):
        for _, line, fault in breaches({name: text}):
            yield f"finds in line {line} of good comments: {fault}"
    for text, told in _FAULTS:
        in_python = text.replace("//", "#")
        in_docstring = '"""' + text.partition("// ")[2].replace("\n// ", "\n") + '"""'
        for name, written in (
            ("src/a.cpp", text),
            ("tests/a.py", in_python),
            ("dev/a", "#!/bin/bash\n" + in_python),
            ("tools/a", "#!/usr/bin/python3\n" + in_docstring),
            ("tests/a.py", in_docstring),
        ):
            if not any(told in fault for _, _, fault in breaches({name: written})):
                yield f"does not find in {name}: {written!r}"
    if list(breaches({"docs/a.md": _FAULTS[0][0]})):
        yield "judges files that are none of its own"
