"""docs/docker.md without Docker: the commands of its Debian image, and its demo with its own
settings, each on a machine of its own.

What is not here is what images bring: PHP is Debian's, and PIE is a script that does what PIE does
with a release that has no binary for this PHP.
"""

import os
import re
import tempfile

import yaml

import pages
import release
from own_machine import OwnMachineTestCase

PAGE = "docs/docker.md"
NAMES = {"memcached1": "10.0.0.1", "memcached2": "10.0.0.2", "memcached3": "10.0.0.3",
         "web1": "10.0.1.1", "web2": "10.0.1.2"}

# make is left out, because it takes minutes: test_package.py builds all of the archive.
PIE = """#!/bin/sh
set -e
test "$*" = "install memcache-session/memcache-session"
cd /srv/release
phpize
./configure
unzip -v
cp /srv/memcache_session.so "$(php-config --extension-dir)"
echo extension=memcache_session > "$(php-config --ini-dir)/memcache_session.ini"
"""

POOL = """[global]
error_log = /srv/{name}.log
[www]
user = www-data
listen = {address}:9000
pm = static
pm.max_children = 2
"""


def commands_of_run(dockerfile):
    """The commands of the lines RUN."""
    return re.findall(r"(?m)^RUN (.*)$", dockerfile)


class Machine(OwnMachineTestCase):
    def write(self, path, text, mode=0o644):
        path = os.path.join(self.root_there(), path.lstrip("/"))
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)

    def take_extension(self, path):
        with open(os.environ["MEMCACHE_SESSION_SO"], "rb") as file:
            self.write(path, file.read())


class DockerImage(Machine):
    def test_its_commands_install_the_extension(self):
        dockerfile = pages.block(pages.contents(PAGE), "FROM php:8.4-fpm")
        self.assertEqual(len(dockerfile.splitlines()), 3)
        command, = commands_of_run(dockerfile)
        with tempfile.TemporaryDirectory(prefix="memcache_session-release-") as folder:
            release.unpack(folder)
            self.take_there(["release"], folder, "/srv")
        # Out of this machine, if it has it. The libraries stay, because php-dev depends on them.
        self.run_there("apt-get", "remove", "-y", "unzip")
        self.run_there("sh", "-c", "! command -v unzip")
        self.write("/usr/bin/pie", PIE, 0o755)
        self.take_extension("/srv/memcache_session.so")

        printed = self.run_there("sh", "-c", command)
        self.assertRegex(printed, r"checking for OpenSSL by pkg-config\.\.\. [13]\.")
        self.assert_php_starts_quietly()
        self.assert_sessions_work()

    def test_the_image_of_alpine_differs_in_names_of_packages_only(self):
        command, = commands_of_run(pages.block(pages.contents(PAGE), "FROM php:8.4-fpm-alpine"))
        self.assertRegex(command, r"\Aapk add --no-cache [\w $+-]+ && "
                                  r"pie install memcache-session/memcache-session\Z")


class DockerDemo(Machine):
    namespaces = ["--mount", "--net", "--uts"]

    def setUp(self):
        super().setUp()
        compose = yaml.safe_load(pages.block(pages.contents(PAGE), "services:"))
        self.services = compose["services"]
        self.configs = {name: config["content"].replace("$$", "$")
                        for name, config in compose["configs"].items()}
        self.run_there("ip", "link", "set", "lo", "up")
        for address in NAMES.values():
            self.run_there("ip", "address", "add", f"{address}/32", "dev", "lo")
        self.write("/etc/hosts", "127.0.0.1 localhost\n" + "".join(
            f"{address} {name}\n" for name, address in NAMES.items()))

    def start(self, place, *command):
        """Starts a program that stays, and waits until it listens at `place`."""
        self.run_there("sh", "-c", '"$@" > /dev/null 2>&1 < /dev/null &', "sh", *command)
        self.run_there("timeout", "20", "bash", "-c",
                       f"until : < /dev/tcp/{place}; do sleep 0.05; done 2> /dev/null")

    def start_memcached(self, name):
        program, *options = self.services[name]["command"].split()
        self.start(f"{name}/11211", program, *options, "-l", NAMES[name], "-u", "root", "-d",
                   "-P", f"/srv/{name}.pid")

    def stop_memcached(self, name):
        self.run_there("bash", "-c", f"kill $(cat /srv/{name}.pid); "
                       f"while (: < /dev/tcp/{name}/11211) 2> /dev/null; do sleep 0.05; done")

    def start_web_server(self, name, version):
        self.write(f"/srv/{name}.conf", POOL.format(name=name, address=NAMES[name]))
        self.start(f"{name}/9000", "unshare", "--uts", "sh", "-c",
                   f"hostname {self.services[name]['hostname']}; "
                   f"exec php-fpm{version} --nodaemonize --fpm-config /srv/{name}.conf")

    def start_all(self):
        version = self.run_there("php", "-r", "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;")
        extensions = self.run_there("php", "-r", "echo ini_get('extension_dir');")
        self.take_extension(f"{extensions}/memcache_session.so")
        ini = f"/etc/php/{version}/fpm/conf.d"
        self.write(f"{ini}/memcache_session.ini", "extension=memcache_session\n")
        targets = {"sessions": f"{ini}/sessions.ini", "counter": "/var/www/html/counter.php"}
        self.run_there("mkdir", "-p", "/var/www/html")
        for config in self.services["web1"]["configs"]:
            self.write(targets[config["source"]], self.configs[config["source"]])
        nginx, = self.services["nginx"]["configs"]
        self.run_there("sh", "-c", "rm -f /etc/nginx/sites-enabled/*")
        self.write(nginx["target"], self.configs["nginx"])
        for name in self.services["web1"]["depends_on"]:
            self.start_memcached(name)
        for name in self.services["nginx"]["depends_on"]:
            self.start_web_server(name, version)
        self.start("localhost/80", "nginx")

    def click(self, command):
        """Types the page's command. Compose maps nginx's port 80 to the one there."""
        outside, inside = self.services["nginx"]["ports"][0].split(":")
        self.assertIn(f":{outside}/", command)
        return self.run_there("sh", "-c", command.replace(f":{outside}/", f":{inside}/"))

    def test_clicks_go_on_whichever_memcached_is_stopped(self):
        self.start_all()
        last = 0
        for command, shown in pages.typed(pages.section(pages.contents(PAGE), "The demo")):
            if command.startswith("curl"):
                self.assertEqual(self.click(command), "\n".join(shown) + "\n")
                last, clicking = int(shown[0].split()[1]), command
            elif command.startswith("docker compose stop"):
                self.stop_memcached(command.split()[-1])
            elif command.startswith("docker compose start"):
                self.start_memcached(command.split()[-1])
        self.assertEqual(last, 3)
        for name in ("memcached2", "memcached3", "memcached1"):
            for _ in range(2):  # the first click after a restart writes the copy that is missing
                last += 1
                self.assertEqual(self.click(clicking).split()[1], str(last))
            self.stop_memcached(name)
            last += 1
            self.assertEqual(self.click(clicking).split()[1], str(last))
            self.start_memcached(name)
