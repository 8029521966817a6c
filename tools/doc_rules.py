"""Rules of README.md and docs/*.md: short lines, working links, every setting described.

check_tree calls breaches(), with the text of each page. self_test() shows that the rules can fail.
"""

import os
import re

COLUMNS_MAX = 110

LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
URL = re.compile(r"\w+://\S+")
FENCE = re.compile(r"^ {0,3}(```|~~~)")
HEADING = re.compile(r"^(#{1,6}) +(.*?)(?: +#+)? *$")
LIST_ITEM = re.compile(r"^ *(?:[-*+]|\d+\.) +")


def prose(page):
    """The lines of a page, with those of code blocks made empty, so that numbers of lines stay."""
    lines, fenced, after_blank, in_code, depth = [], False, True, False, 0
    for line in page.split("\n"):
        if FENCE.match(line):
            fenced = not fenced
            lines.append("")
            continue
        indent = len(line) - len(line.lstrip(" "))
        if line.strip():
            item = LIST_ITEM.match(line)
            in_code = indent >= depth + 4 and (after_blank or in_code)
            if item and not in_code:
                depth = item.end()
            elif indent == 0:
                depth = 0
            after_blank = False
        else:
            after_blank = True
        lines.append("" if fenced or in_code else line)
    return lines


def slug(heading):
    """The anchor that GitHub gives to a heading, the first of its text."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def anchors(page):
    """All anchors of a page. The second heading of a text gets -1, the third -2."""
    found, seen = set(), {}
    for line in prose(page):
        heading = HEADING.match(line)
        if heading:
            anchor = slug(heading.group(2))
            count = seen.get(anchor, 0)
            seen[anchor] = count + 1
            found.add(f"{anchor}-{count}" if count else anchor)
    return found


def links(page):
    """(line, target) of each relative link outside code."""
    text = CODE_SPAN.sub(lambda span: re.sub(r"[^\n]", " ", span.group(0)), "\n".join(prose(page)))
    for match in LINK.finditer(text):
        if not re.match(r"\w+:", match.group(1)):
            yield text.count("\n", 0, match.start()) + 1, match.group(1)


def long_lines(page):
    """(line, columns). A URL cannot be broken, nor can a line that is one code span."""
    for number, line in enumerate(prose(page), 1):
        if re.fullmatch(r" *`[^`]+`[,.]?", line):
            continue
        columns = len(URL.sub("", line)) if URL.search(line) else len(line)
        if columns > COLUMNS_MAX:
            yield number, columns


def page_breaches(pages, exists):
    """(page, line, message). `pages`: {path: text}. `exists`: whether a path is one of the tree."""
    for name, page in pages.items():
        for line, columns in long_lines(page):
            yield name, line, f"{columns} columns, {COLUMNS_MAX} are allowed"
        for line, target in links(page):
            path, _, anchor = target.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            if not exists(path):
                yield name, line, f"the link leads to {path}, which does not exist"
            elif anchor and path in pages and anchor not in anchors(pages[path]):
                yield name, line, f"{path} has no heading for #{anchor}"


def unreachable(pages):
    """Pages that README.md does not lead to in two steps. `pages`: {path: text}."""
    reached = {"README.md"}
    for _ in range(2):
        for name in sorted(reached):
            paths = [target.partition("#")[0] for _, target in links(pages[name])]
            folder = os.path.dirname(name)
            reached |= {os.path.normpath(os.path.join(folder, path)) for path in paths} & set(pages)
    return sorted(set(pages) - reached)


def registered(settings_table):
    """(name, default) of each setting in the text of settings_table.cpp."""
    found = re.findall(r'\{\s*"(memcache\.\w+)",\s*(?:nullptr|"([^"]*)")', settings_table)
    return [(name, f"`{initial}`" if initial else "empty") for name, initial in found]


def parameters(save_path):
    """(name, default) of each parameter that the head comment of save_path.h describes."""
    begin = r"// Parameters are written .*?\n//\n"
    comment = re.search(begin + r"(.*?)\n//\n", save_path, re.DOTALL).group(1)
    found = re.findall(r"^//     (\w+)  .*?(?:default (\S+))?$", comment, re.MULTILINE)
    return [(name, f"`{initial}`" if initial else "none") for name, initial in found]


def described(page):
    """(name, default) of each section of settings.md."""
    return re.findall(r"^### (\S+)\n\n- Default: (.*)$", page, re.MULTILINE)


def setting_breaches(page, settings_table, save_path):
    expected = registered(settings_table) + parameters(save_path)
    found = described(page)
    for name, initial in expected:
        count = found.count((name, initial))
        if count != 1:
            yield f"{count} sections of {name} with default {initial}, there must be one"
    for name, initial in found:
        if (name, initial) not in expected:
            yield f"there is no setting or parameter {name} with default {initial}"


def self_test():
    """What the rules overlook in pages that break them, or find in one that does not."""
    good = "# A `b` & c\n\n[x](#a-b--c) `[y](none.md)`\n\n    [z](none.md) " + "z" * 120 + "\n"
    bad = {
        "a link to no file": "[x](none.md)\n",
        "a link to no heading": "# A\n\n[x](#b)\n",
        "a long line": "word " * 30 + "\n",
        "a long line of a list": "- word\n\n    " + "word " * 30 + "\n",
    }
    if list(page_breaches({"good.md": good}, {"good.md"}.__contains__)):
        yield "a page without fault is refused"
    for fault, page in bad.items():
        if not list(page_breaches({"bad.md": page}, {"bad.md"}.__contains__)):
            yield f"{fault} is not noticed"
    chain = {"README.md": "[a](docs/a.md)", "docs/a.md": "[b](b.md#x) [r](../README.md)",
             "docs/b.md": "[c](c.md)", "docs/c.md": ""}
    if unreachable(chain) != ["docs/c.md"]:
        yield "a page that is three steps away is not noticed, or one that is two steps away is"
    table = '{"memcache.a", "1", x}, {"memcache.b", nullptr, x}'
    comment = "// Parameters are written x:\n//\n//     c  x\n//     d  x  default 2\n//\n"
    sections = [("memcache.a", "`1`"), ("memcache.b", "empty"), ("c", "none"), ("d", "`2`")]
    page = "\n".join(f"### {name}\n\n- Default: {initial}\n" for name, initial in sections)
    if list(setting_breaches(page, table, comment)):
        yield "settings that are described are refused"
    for old, new in (("`1`", "`2`"), ("### c", "### e"), ("### memcache.b\n", "### memcache.a\n")):
        if not list(setting_breaches(page.replace(old, new), table, comment)):
            yield f"settings with {new} in place of {old} are not noticed"
    if not list(setting_breaches(page + page, table, comment)):
        yield "settings that are described twice are not noticed"
