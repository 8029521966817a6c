"""The Debian package, built twice. It takes minutes: dev/test packages."""

from debian_package import DebianPackageTestCase


class ReproducibleDebianPackage(DebianPackageTestCase):
    def test_two_builds_are_the_same_byte_for_byte(self):
        # Elsewhere, at another time, by somebody with other habits.
        one = self.build("/srv/build", "parallel=2")
        two = self.build("/srv/another/folder", "parallel=1",
                         LC_ALL="C", TZ="Asia/Tokyo", HOME="/root")
        sums = self.run_there("sha256sum", one, two).split()
        self.assertEqual(sums[0], sums[2])
