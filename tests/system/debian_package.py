"""A machine of its own on which the Debian package is built."""

import os

from own_machine import OwnMachineTestCase

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
PACKAGE = "php-memcache-session"
SOURCES = ["config.m4", "php_memcache_session.h", "src", "bin", "share", "debian", "docs",
           "README.md"]


class DebianPackageTestCase(OwnMachineTestCase):
    def build(self, folder="/srv/build", options="parallel=2", **environment):
        """Builds the package in a folder, and returns its path there."""
        self.take_there(SOURCES, ROOT, f"{folder}/source")
        self.run_there("dpkg-buildpackage", "-us", "-uc", cwd=f"{folder}/source",
                       DEB_BUILD_OPTIONS=options, **environment)
        names = self.run_there("ls", folder).split()
        built, = [name for name in names if name.startswith(PACKAGE + "_")
                  and name.endswith(".deb")]
        return f"{folder}/{built}"
