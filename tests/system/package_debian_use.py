"""The Debian package: built, checked, installed, used, disabled, enabled, purged. Takes minutes."""

import re

from debian_package import PACKAGE, DebianPackageTestCase

NOTES_FOLDER = re.compile(r"/var/lib/php/modules/[\d.]+/\w+/(en|dis)abled_by_(admin|maint)")


class DebianPackage(DebianPackageTestCase):
    def modules(self):
        return self.run_there("php", "-m").splitlines()

    def assert_lintian_is_content(self, folder):
        changes, = [name for name in self.run_there("ls", folder).split()
                    if name.endswith(".changes")]
        # The package follows the latest policy, and lintian of an older Debian knows an older one.
        printed = self.run_there("lintian", "--allow-root", "--fail-on", "none",
                                 "--suppress-tags", "newer-standards-version",
                                 "--show-overrides", f"{folder}/{changes}")
        self.assertEqual(printed, "")

    def assert_autopkgtests_pass(self):
        """Runs debian/tests as autopkgtest does: each in a new folder, on the installed package."""
        control = self.run_there("cat", "/srv/build/source/debian/tests/control")
        tests = re.findall(r"(?m)^Tests: (.+)$", control)
        self.assertGreater(len(tests), 1)
        for test in tests:
            self.run_there("mkdir", "-p", f"/srv/artifacts/{test}")
            self.run_there(f"/srv/build/source/debian/tests/{test}", cwd=f"/srv/artifacts/{test}")

    def test_it_installs_enables_works_and_purges_without_a_trace(self):
        package = self.build()
        self.assert_lintian_is_content("/srv/build")
        before = self.files_there()
        self.assertNotIn("memcache_session", self.modules())

        self.run_there("dpkg", "-i", package)
        self.assertIn("memcache_session", self.modules())
        self.assert_php_starts_quietly()
        self.assert_sessions_work()
        self.assertRegex(self.run_there("memcache-session", "--version"), r"^memcache-session \d")
        self.assertIn("Looked at:", self.run_there("memcache-session", "check-config"))
        self.assert_autopkgtests_pass()
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
