"""The workflows build by the commands that README and docs give, and start when they should. They
run elsewhere; here their commands are read, and dev/binary is run.
"""

import glob
import os
import re
import stat
import subprocess
import tempfile
import unittest
import zipfile

import yaml

import pages

ROOT = pages.ROOT
PHP_VERSIONS = {"8.1", "8.2", "8.3", "8.4", "8.5", "8.6"}

# In place of make: it takes the objects of the extension that is tested, so that it only links.
MAKE = """#!/bin/sh
set -e
cp -R "$(dirname "$MEMCACHE_SESSION_SO")/../src/." src
find src -name "*.dep" -delete
find src -name "*.o" -exec touch {} +
find src -name "*.lo" -exec touch {} +
PATH=${PATH#*:} exec make "$@"
"""


def workflow(name):
    with open(os.path.join(ROOT, ".github/workflows", name), encoding="utf-8") as file:
        read = yaml.safe_load(file)
    read["on"] = read.pop(True)  # YAML 1.1 takes `on` for a truth value
    return read


def steps():
    """(workflow, job, step) of all steps."""
    for path in sorted(glob.glob(os.path.join(ROOT, ".github/workflows/*.yml"))):
        name = os.path.basename(path)
        for job_name, job in workflow(name)["jobs"].items():
            for step in job["steps"]:
                yield name, job_name, step


def script(step):
    """The commands of a step, in an image or a virtual machine too."""
    text = step.get("run") or step.get("with", {}).get("run", "")
    text = re.sub(r"\$\{\{.*?\}\}", "VALUE", text)
    inner = re.search(r"sh -euc '\n(.*)'\s*\Z", text, re.DOTALL)
    return inner[1] if inner else text


def scripts(name, job):
    return "\n".join(script(step) for where, which, step in steps()
                     if (where, which) == (name, job))


def packages(text):
    """The names that apt-get, apk and pkg install."""
    found = re.findall(r"(?:apt-get|apk|pkg) (?:install|add) (.*)", text)
    return {word for line in found for word in line.split("&&")[0].split()
            if not word.startswith(("-", "$"))}


class Workflows(unittest.TestCase):
    def test_every_script_is_shell(self):
        count = 0
        for name, job, step in steps():
            text = script(step)
            if text:
                count += 1
                done = subprocess.run(["bash", "-n"], input=text, text=True, check=False,
                                      stderr=subprocess.PIPE)
                self.assertEqual(done.returncode, 0, f"{name} {job}: {done.stderr}")
        self.assertGreater(count, 10)

    def test_every_action_has_a_version(self):
        for name, job, step in steps():
            if "uses" in step:
                self.assertRegex(step["uses"], r"\A[\w/-]+@v?\d[\d.]*\Z", f"{name} {job}")

    def test_each_build_takes_the_steps_of_the_readme(self):
        page = pages.block(pages.contents("README.md"), "phpize")
        self.assertEqual(page.split("\n")[:3], ["phpize", "./configure", "make"])
        for name, job in (("tests.yml", "php"), ("tests.yml", "musl"), ("tests.yml", "freebsd"),
                          ("tests.yml", "frankenphp")):
            found = [line.split()[0] for line in scripts(name, job).splitlines() if line.split() and
                     line.split()[0] in ("phpize", "./configure", "make")]
            with self.subTest(name=name, job=job):
                self.assertEqual(found[:3], ["phpize", "./configure", "make"])

    def test_the_tests_are_run_as_the_page_for_contributors_says(self):
        command, = re.findall(r"(?m)^ +(phpize && \./configure.*make test .*)$",
                              pages.contents("docs/contributing.md"))
        configure = re.search(r"\./configure( --\S+)*", command)[0]
        for job in ("php", "musl", "freebsd"):
            with self.subTest(job=job):
                text = scripts("tests.yml", job)
                self.assertIn(configure + "\n", text)
                self.assertRegex(text, r"make test TESTS=\"-j4 ")

    def test_libraries_are_those_of_the_pages(self):
        readme = packages(re.search(r"apt-get install php-dev.*", pages.contents("README.md"))[0])
        self.assertIn("php-dev", readme)
        alpine = packages(pages.block(pages.contents("docs/docker.md"), "FROM php:8.4-fpm-alpine"))
        for name, job, wanted in (
                ("tests.yml", "php", readme - {"php-dev"}),
                ("binaries.yml", "glibc", readme - {"php-dev"}),
                ("tests.yml", "frankenphp", {"zlib1g-dev", "libssl-dev"} & readme),
                ("tests.yml", "musl", {"openssl-dev", "zlib-dev"} & alpine),
                ("binaries.yml", "musl", {"openssl-dev", "zlib-dev"} & alpine)):
            with self.subTest(name=name, job=job):
                self.assertGreaterEqual(len(wanted), 2)
                self.assertLessEqual(wanted, packages(scripts(name, job)))

    def test_every_php_is_built_everywhere(self):
        for name, job in (("tests.yml", "php"), ("tests.yml", "musl"),
                          ("binaries.yml", "glibc"), ("binaries.yml", "musl"),
                          ("binaries.yml", "macos")):
            matrix = workflow(name)["jobs"][job]["strategy"]["matrix"]
            with self.subTest(name=name, job=job):
                self.assertEqual({re.match(r"\d\.\d", php)[0] for php in matrix["php"]},
                                 PHP_VERSIONS)
        listed = next(step["with"]["php-version-list"] for _, _, step in steps()
                      if "extension-matrix" in step.get("uses", ""))
        self.assertEqual(set(listed.split(", ")), PHP_VERSIONS)

    def test_files_of_a_release_are_made_when_it_is_published(self):
        # On a branch, the name of the branch would be in the names of the files.
        self.assertEqual(workflow("windows.yml")["on"],
                         {"push": {"branches": ["main"]}, "release": {"types": ["published"]}})
        self.assertEqual(workflow("binaries.yml")["on"], {"release": {"types": ["published"]}})

    def test_windows_runs_the_tests_that_need_no_memcached(self):
        arguments = next(step["with"]["test-runner-args"] for _, _, step in steps()
                         if step.get("uses", "").startswith("php/php-windows-builder/extension@"))
        need_none = []
        for path in glob.glob(os.path.join(ROOT, "tests/*.phpt")):
            with open(path, encoding="utf-8", errors="replace") as file:
                if "--SKIPIF--" not in file.read():
                    need_none.append("tests/" + os.path.basename(path))
        self.assertGreater(len(need_none), 3)
        self.assertEqual(sorted(arguments.split()[3:]), sorted(need_none))

    def test_the_binary_has_the_name_by_which_pie_looks_for_it(self):
        with tempfile.TemporaryDirectory(prefix="memcache_session-binary-") as folder:
            make = os.path.join(folder, "make")
            with open(make, "w", encoding="ascii") as file:
                file.write(MAKE)
            os.chmod(make, stat.S_IRWXU)
            subprocess.run([os.path.join(ROOT, "dev/binary"), "1.2.3", folder], check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
            packed, = glob.glob(os.path.join(folder, "*.zip"))
            self.assertRegex(os.path.basename(packed), r"\Aphp_memcache_session-1\.2\.3_php8\.\d-"
                             r"(x86_64|arm64|x86)-linux-glibc(-debug)?(-zts)?\.zip\Z")
            with zipfile.ZipFile(packed) as archive:
                self.assertEqual(archive.namelist(), ["memcache_session.so"])
