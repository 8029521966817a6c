"""The release archive: what is in it, and pecl's package of it, installed into a PHP with no other
extension of PECL.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

import release
from own_machine import OwnMachineTestCase

ROOT = release.ROOT
sys.path.append(os.path.join(ROOT, "tools"))

import release_tree  # noqa: E402  pylint: disable=wrong-import-position


class Release(unittest.TestCase):
    def test_it_has_the_files_of_package_xml_and_no_others(self):
        with tempfile.TemporaryDirectory(prefix="memcache_session-release-") as folder:
            found = release.unpack(folder)
        listed = [path for path, _ in release_tree.release_files()]
        self.assertEqual(found, sorted(listed + ["composer.json", "package.xml"]))


class Package(OwnMachineTestCase):
    def pack(self, folder):
        """Makes pecl's archive in `folder`, which must be empty, of the release; its name."""
        with tempfile.TemporaryDirectory(prefix="memcache_session-release-") as unpacked:
            release.unpack(unpacked)
            self.pack_release(os.path.join(unpacked, "release"), folder)
        archive, = os.listdir(folder)
        return archive

    @staticmethod
    def pack_release(source, folder):
        subprocess.run(["pecl", "package", os.path.join(source, "package.xml")], cwd=folder,
                       env={"PATH": os.environ["PATH"], "HOME": folder, "USER": "pecl"},
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    def test_pecl_installs_the_archive_and_sessions_work_with_it(self):
        with tempfile.TemporaryDirectory(prefix="memcache_session-pecl-") as folder:
            archive = self.pack(folder)
            self.take_there([archive], folder, "/srv/archive")
        self.assertNotIn("memcache", self.run_there("php", "-m"))
        # A fresh PHP has no extension of PECL, not even a disabled one.
        extension_dir = self.run_there("php", "-r", "echo ini_get('extension_dir');")
        self.run_there("sh", "-c", f"rm -f {extension_dir}/memcache*.so")
        before = self.files_there()

        # The answer to its question is no, because some machines do not have the library.
        printed = self.run_there("pecl", "install", "-D",
                                 'with-memcache-session-openssl="no"',
                                 f"/srv/archive/{archive}", CXXFLAGS="-O0")
        self.assertIn("install ok: channel://pecl.php.net/memcache_session-", printed)
        self.assertTrue(self.files_there() >= {f"{extension_dir}/memcache_session.so"})
        version = self.run_there("php", "-r", "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;")
        self.run_there("sh", "-c", "echo extension=memcache_session > "
                       f"/etc/php/{version}/cli/conf.d/memcache_session.ini")
        self.assert_php_starts_quietly()
        self.assert_sessions_work()
        self.assertIn("memcache_session was built without TLS",
                      self.run_there("php", "-d", "display_errors=1",
                                     "-d", "session.save_handler=memcache",
                                     "-d", "session.save_path=tls://127.0.0.1:11211",
                                     "-r", "session_start();"))
        with open(os.path.join(ROOT, "php_memcache_session.h"), encoding="ascii") as header:
            expected = re.search(r'VERSION "([^"]+)"', header.read()).group(1)
        self.assertEqual(self.run_there("php", "-r", "echo phpversion('memcache_session');"),
                         expected)

        self.assertIn("Looked at:", self.run_there("memcache-session", "check-config"))
        self.assertEqual(self.run_there("memcache-session", "--version"),
                         f"memcache-session {expected}\n")
        data = self.run_there("pecl", "config-get", "data_dir").strip()
        self.run_there("test", "-f",
                       f"{data}/memcache_session/share/memcache_session_status.php")

        self.run_there("rm", f"/etc/php/{version}/cli/conf.d/memcache_session.ini")
        self.run_there("pecl", "uninstall", "memcache_session")
        self.assert_php_starts_quietly()
        left = {path for path in self.files_there() - before if "memcache_session" in path}
        self.assertEqual(left, set())
