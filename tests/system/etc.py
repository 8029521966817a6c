"""A copy of /etc, for web nodes with hosts and a resolver of their own."""

import os
import shutil
import stat
import tempfile


class Etc:
    """A copy of /etc, for the programs that are started with it."""

    def __init__(self, name_server="127.0.0.1"):
        self.folder = tempfile.mkdtemp(prefix="memcache_session-etc-")
        os.chmod(self.folder, 0o755)
        self._etc = os.path.join(self.folder, "etc")
        try:
            shutil.copytree("/etc", self._etc, symlinks=True)
        except BaseException:
            self.remove()
            raise
        self.write("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
        self.write("resolv.conf", f"nameserver {name_server}\n")

    def write(self, name, text):
        """Replaces the file by a new one, as editors do."""
        path = os.path.join(self._etc, name)
        with open(f"{path}.new", "w", encoding="ascii") as file:
            file.write(text)
        os.rename(f"{path}.new", path)

    def names(self, addresses):
        """Makes /etc/hosts: `addresses` has a list for each name."""
        self.write("hosts", "127.0.0.1 localhost\n" + "".join(
            f"{address} {name}\n" for name, all_of_it in addresses.items()
            for address in all_of_it))

    def started_with(self, program):
        """The path of a script that starts `program` with this /etc."""
        path = os.path.join(self.folder, "started")
        with open(path, "w", encoding="ascii") as script:
            script.write("#!/bin/sh\nexec unshare --mount sh -c "
                         f"'mount --bind {self._etc} /etc && exec {program} \"$@\"' sh \"$@\"\n")
        os.chmod(path, stat.S_IRWXU)
        return path

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
