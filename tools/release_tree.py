"""Which files the tree consists of, and the places that list them.

config.m4, config.w32, package.xml and tests/CMakeLists.txt each name files between two lines

    tools/update_file_lists: begin <what>
    tools/update_file_lists: end <what>

This module knows what belongs there. update_file_lists writes it, check_tree compares.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent

# The layers of the core, and for each those that it may include. src/php may include all.
LAYERS = {
    "base": [],
    "merge": ["base"],
    "wire": ["base"],
    "net": ["wire", "base"],
    "pool": ["net", "base"],
    "discovery": ["pool", "net", "wire", "base"],
    "replica": ["pool", "net", "wire", "base"],
    "lock": ["replica", "pool", "net", "wire", "base"],
    "session": ["lock", "replica", "pool", "net", "wire", "merge", "base"],
    "worker": ["discovery", "session", "lock", "replica", "pool", "net", "wire", "merge", "base"],
}

# Files of the release outside src, tests and docs, with their role in package.xml.
TOP_LEVEL = [
    ("CHANGELOG.md", "doc"),
    ("CREDITS", "doc"),
    ("LICENSE", "doc"),
    ("README.md", "doc"),
    ("config.m4", "src"),
    ("config.w32", "src"),
    ("php_memcache_session.h", "src"),
]


def files(folder, *suffixes):
    """Paths relative to the root, sorted, of the files below `folder` that end so."""
    found = []
    for path in (ROOT / folder).rglob("*"):
        relative = path.relative_to(ROOT)
        if any(part.startswith(".") for part in relative.parts):
            continue
        if path.is_file() and path.name.endswith(suffixes):
            found.append(relative.as_posix())
    return sorted(found)


def sources(system=None):
    """What is compiled into the extension on "posix" or "windows", or on either."""
    others = {"posix": "_windows.cpp", "windows": "_posix.cpp"}.get(system)
    return [path for path in files("src", ".cpp") if others is None or not path.endswith(others)]


def core_sources():
    """What is compiled without PHP too."""
    return [path for path in sources() if not path.startswith("src/php/")]


def release_files():
    """(path, role) of everything that a release archive holds, package.xml excepted."""
    release = [(path, role) for path, role in TOP_LEVEL if (ROOT / path).is_file()]
    release += [(path, "doc") for path in files("docs", ".md", ".png", ".svg")]
    release += [(path, "src") for path in files("src", ".cpp", ".h", ".stub.php")]
    release += [(path, "script") for path in files("bin", "")]
    release += [(path, "data") for path in files("share", "")]
    release += [(path, "test") for path in files("tests", ".phpt", ".inc")]
    return release


def _m4():
    names = sources("posix")
    folders = sorted({name.rpartition("/")[0] for name in names})
    return (
        ['  memcache_session_sources="']
        + [f"    {name}" for name in names]
        + ['  "', '  memcache_session_folders="']
        + [f"    {folder}" for folder in folders]
        + ['  "']
    )


def _w32():
    names = sources("windows")
    return (
        ["    var memcache_session_sources = ["]
        + [f'        "{name}",' for name in names[:-1]]
        + [f'        "{name}"' for name in names[-1:]]
        + ["    ];"]
    )


def packaged_file(path, role):
    """The lines of a file in package.xml. pecl writes into a command where it puts data."""
    line = f'      <file name="{path}" role="{role}"'
    if role != "script":
        return [line + "/>"]
    return [line + ">",
            '        <tasks:replace from="@data_dir@" to="data_dir" type="pear-config"/>',
            "      </file>"]


def _package():
    return [line for path, role in release_files() for line in packaged_file(path, role)]


def _cmake(variable, names):
    return [f"set({variable}"] + [f"  {name}" for name in names] + [")"]


def lists():
    """{file: {what: lines between its markers}}."""
    return {
        "config.m4": {"sources": _m4()},
        "config.w32": {"sources": _w32()},
        "package.xml": {"files": _package()},
        "tests/CMakeLists.txt": {
            "core": _cmake("CORE_SOURCES", core_sources()),
            "unit": _cmake("UNIT_SOURCES", files("tests/unit", ".cpp")),
            "sim": _cmake("SIM_SOURCES", files("tests/sim", ".cpp")),
            "fuzz": _cmake("FUZZ_SOURCES", files("tests/fuzz", ".cpp")),
        },
    }


def with_lists(text, regions):
    """`text` with the lines between each pair of markers replaced. ValueError if one is missing."""
    for what, lines in regions.items():
        marker = rf"^(.*tools/update_file_lists: begin {what}\b.*\n)(?:.*\n)*?"
        marker += rf"(.*tools/update_file_lists: end {what}\b.*\n)"
        block = "".join(line + "\n" for line in lines)
        text, count = re.subn(
            marker, lambda match: match.group(1) + block + match.group(2), text, flags=re.MULTILINE
        )
        if count != 1:
            raise ValueError(f"{count} pairs of lines begin {what}, end {what} instead of one")
    return text
