"""pecl install of the release archive, into a PHP with no other extension of PECL."""

import os
import re
import subprocess
import tempfile

from own_machine import OwnMachineTestCase

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


class Package(OwnMachineTestCase):
    def pack(self, folder):
        """Makes the archive in `folder`, which must be empty; its name."""
        subprocess.run(["pecl", "package", os.path.join(ROOT, "package.xml")], cwd=folder,
                       env={"PATH": os.environ["PATH"], "HOME": folder, "USER": "pecl"},
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        archive, = os.listdir(folder)
        return archive

    def test_pecl_installs_the_archive_and_sessions_work_with_it(self):
        with tempfile.TemporaryDirectory(prefix="memcache_session-pecl-") as folder:
            archive = self.pack(folder)
            self.take_there([archive], folder, "/srv/archive")
        self.assertNotIn("memcache", self.run_there("php", "-m"))
        # A fresh PHP has no extension of PECL, not even a disabled one.
        extension_dir = self.run_there("php", "-r", "echo ini_get('extension_dir');")
        self.run_there("sh", "-c", f"rm -f {extension_dir}/memcache*.so")
        before = self.files_there()

        # The answer to its questions is no, because some machines have neither library.
        printed = self.run_there("pecl", "install", "-D",
                                 'with-libmemcached="no" with-memcache-session-openssl="no"',
                                 f"/srv/archive/{archive}", CXXFLAGS="-O0")
        self.assertIn("install ok: channel://pecl.php.net/memcache_session-", printed)
        self.assertTrue(self.files_there() >= {f"{extension_dir}/memcache_session.so"})
        version = self.run_there("php", "-r", "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;")
        self.run_there("sh", "-c", "echo extension=memcache_session > "
                       f"/etc/php/{version}/cli/conf.d/memcache_session.ini")
        self.assert_php_starts_quietly()
        self.assert_sessions_work()
        self.assertIn("this build has no libmemcached, which memcache.hash_strategy = ketama needs",
                      self.run_there("php", "-d", "display_errors=1",
                                     "-d", "session.save_handler=memcache",
                                     "-d", "session.save_path=tcp://127.0.0.1:11211",
                                     "-d", "memcache.hash_strategy=ketama",
                                     "-r", "session_start();"))
        with open(os.path.join(ROOT, "php_memcache_session.h"), encoding="ascii") as header:
            expected = re.search(r'VERSION "([^"]+)"', header.read()).group(1)
        self.assertEqual(self.run_there("php", "-r", "echo phpversion('memcache_session');"),
                         expected)

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
