"""The Debian package: built, installed, used, disabled, enabled, purged."""

import os
import re

from own_machine import OwnMachineTestCase

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
PACKAGE = "php-memcache-session"
SOURCES = ["config.m4", "php_memcache_session.h", "src", "bin", "share", "debian", "docs",
           "README.md"]

NOTES_FOLDER = re.compile(r"/var/lib/php/modules/[\d.]+/\w+/(en|dis)abled_by_(admin|maint)")


class DebianPackage(OwnMachineTestCase):
    def modules(self):
        return self.run_there("php", "-m").splitlines()

    def build(self):
        """Builds the package, and returns its path there."""
        self.take_there(SOURCES, ROOT, "/srv/build/source")
        self.run_there("dpkg-buildpackage", "-us", "-uc", "-b", cwd="/srv/build/source",
                       DEB_BUILD_OPTIONS="parallel=2")
        names = self.run_there("ls", "/srv/build").split()
        built, = [name for name in names if name.startswith(PACKAGE + "_")
                  and name.endswith(".deb")]
        return f"/srv/build/{built}"

    def test_it_installs_enables_works_and_purges_without_a_trace(self):
        package = self.build()
        before = self.files_there()
        self.assertNotIn("memcache_session", self.modules())

        self.run_there("dpkg", "-i", package)
        self.assertIn("memcache_session", self.modules())
        self.assert_php_starts_quietly()
        self.assert_sessions_work()
        self.assertRegex(self.run_there("memcache-session", "--version"), r"^memcache-session \d")
        self.run_there("test", "-f",
                       "/usr/share/php-memcache-session/memcache_session_status.php")

        self.run_there("phpdismod", "memcache_session")
        self.assertNotIn("memcache_session", self.modules())
        self.run_there("phpenmod", "memcache_session")
        self.assertIn("memcache_session", self.modules())

        listed = set(self.run_there("dpkg", "-L", PACKAGE).splitlines()) - before
        self.assertTrue(self.files_there() >= listed - {"/."})
        self.run_there("dpkg", "--purge", PACKAGE)
        self.assertNotIn("memcache_session", self.modules())
        self.assert_php_starts_quietly()
        # phpdismod has made folders for its notes, but no note about the package is left.
        changed = self.files_there() ^ before
        self.assertEqual({path for path in changed if not NOTES_FOLDER.fullmatch(path)}, set())
        self.assertEqual(
            self.run_there("sh", "-c", f"dpkg-query -W -f '${{Status}}' {PACKAGE} 2>&1 || true"),
            f"dpkg-query: no packages found matching {PACKAGE}\n")
