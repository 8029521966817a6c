"""The release archive, as `git archive` makes it of the files of the tree, committed or not."""

import os
import subprocess

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


def _git(folder, *arguments, **options):
    """Runs git with a repository of its own, in `folder`, on the files of the tree."""
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1",
                   "GIT_DIR": os.path.join(folder, "git"), "GIT_WORK_TREE": ROOT}
    return subprocess.run(["git", *arguments], cwd=ROOT, env=environment, check=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **options).stdout


def unpack(folder):
    """Unpacks the archive into `folder`/release, and returns the paths of its files there."""
    _git(folder, "init", "-q")
    _git(folder, "add", "--all")
    tree = _git(folder, "write-tree", text=True).strip()
    target = os.path.join(folder, "release")
    os.mkdir(target)
    subprocess.run(["tar", "-x", "-C", target], input=_git(folder, "archive", tree), check=True)
    return sorted(os.path.relpath(os.path.join(where, name), target)
                  for where, _, names in os.walk(target) for name in names)
