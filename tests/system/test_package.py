"""pecl install of the release archive."""

import os
import subprocess
import tempfile
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


class Package(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="memcache_session-pecl-")
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.config = os.path.join(self.folder, "pearrc")
        # PEAR asks for $USER. Nothing of this user's own configuration counts.
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "USER": "pecl",
                            "LC_ALL": "C.UTF-8", "MAKEFLAGS": "-j2"}

    def run_in_folder(self, *command):
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"{' '.join(command)}\n{done.stdout[-5000:]}")
        return done.stdout

    def pecl(self, *arguments):
        return self.run_in_folder("pecl", "-c", self.config,
                                  "-C", os.path.join(self.folder, "none"), *arguments)

    def test_pecl_installs_the_archive_and_php_loads_the_extension(self):
        self.run_in_folder("pear", "config-create", self.folder, self.config)
        self.pecl("package", os.path.join(ROOT, "package.xml"))
        archive, = [name for name in os.listdir(self.folder) if name.endswith(".tgz")]

        # Below a root of its own, so that it needs no privileges and changes nothing of this
        # machine's PHP. PEAR unpacks below that root too, but builds in temp_dir itself: a link
        # makes the two one.
        root = os.path.join(self.folder, "root")
        temp_dir = os.path.join(self.folder, "pear/temp")
        os.makedirs(root + temp_dir)
        os.makedirs(os.path.dirname(temp_dir), exist_ok=True)
        os.symlink(root + temp_dir, temp_dir)
        self.pecl("install", f"--packagingroot={root}", archive)

        php = os.environ.get("PHP", "php")
        extension_dir = self.run_in_folder(
            php, "-n", "-r", "echo ini_get('extension_dir');")
        self.assertTrue(os.path.isfile(f"{root}{extension_dir}/memcache_session.so"))
        loaded = self.run_in_folder(
            php, "-n", "-d", f"extension_dir={root}{extension_dir}",
            "-d", "extension=memcache_session", "-d", "session.save_handler=memcache",
            "-r", "echo extension_loaded('memcache_session'), ini_get('session.save_handler');")
        self.assertEqual(loaded, "1memcache")
