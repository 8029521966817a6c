"""The pages followed on a machine of their own: blocks are copied to where the page says, commands
are typed as they are printed, and must print what the page shows. Addresses are those of the pages,
in a network of the machine's own. A command that no test runs is in NOT_RUN, with the reason.
"""

import os
import re
import shutil
import subprocess
import unittest

import pages
from own_machine import OwnMachineTestCase

ADDRESSES = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.100", "10.0.1.1", "10.0.1.2")
SESSION = "6140e1265477d620d082fcab02403c18"

# The sections whose commands are typed here, all of them but those of NOT_RUN.
FOLLOWED = {
    ("docs/apache.md", "How to check it"),
    ("docs/locking.md", "The life of a lock"),
    ("docs/migration.md", "Before you begin"),
    ("docs/migration.md", "From pecl/memcache"),
    ("docs/moving-address.md", "How to check"),
    ("docs/nginx-php-fpm.md", "Looking at a session from outside"),
    ("docs/nginx-php-fpm.md", "How to check it"),
    ("docs/replicating-servers.md", "How to check"),
}

# A part of a command, and why it is not typed here.
NOT_RUN = {
    "/var/log/php_errors.log": "prints nothing, and grep then has the status of a failure",
    "memcached.sess_": "php-memcached's settings; test_from_php_memcached.py changes over from it",
    "memc.sess.key.": "php-memcached's sessions, in the same test",
    "redis-cli": "phpredis's sessions; test_migration.py moves them",
    "grep curr_items": "the number of moved sessions, in the same test",
    "/var/lib/php/sessions": "PHP's files; test_migration.py moves them",
    "ip -brief": "shows the network card of the reader's machine",
    "while :;": "ends with the reader's patience; test_moving_address.py clicks through moves",
    "systemctl stop keepalived": "test_moving_address.py stops it",
    "ssh $web": "wants other machines",
    "docker compose": "there is no Docker here; test_docker.py runs the demo without it",
    "-c jar -b jar": "the clicks of the same test",
}

# Programs that this machine may lack, and their packages in Debian; None: no package has it.
PACKAGES = {"ssh": "openssh-client", "redis-cli": "redis-tools", "magent": None, "repcached": None,
            "nc": "netcat-openbsd", "apache2ctl": "apache2", "pie": None,
             "docker": None, "memcache-session": None}

# The packages that every Debian 12 has whose programs the pages use. (dpkg knows priorities, but
# netcat-openbsd calls itself important, and no Debian installs it.)
BARE = {"adduser", "apt", "bash", "coreutils", "findutils", "grep", "hostname", "iproute2", "mawk",
        "sed", "systemd"}

PHP = ("php", "-d", "extension=memcache_session", "-d", "session.save_handler=memcache",
       "-d", "session.save_path=10.0.0.1,10.0.0.2", "-d", "display_errors=1")

SYSTEMCTL = """#!/bin/sh
# Starts a service as Debian's unit does; there is no systemd here.
exec > /dev/null 2>&1 < /dev/null
case "$2" in
    php*-fpm) exec "php-fpm$(expr "$2" : 'php\\(.*\\)-fpm')" ;;
    nginx) exec nginx ;;
    nutcracker) exec nutcracker -d -p /run/nutcracker.pid -c /etc/nutcracker/nutcracker.yml ;;
    *) exit 1 ;;
esac
"""


def run_by_a_test(command):
    return not any(part in command for part in NOT_RUN)


class DocumentedCommands(unittest.TestCase):
    """What can be known about commands without typing them."""

    def test_every_command_is_run_or_listed_with_a_reason(self):
        used = set()
        for name in pages.names():
            page = pages.contents(name)
            followed = [command for (where, heading) in FOLLOWED if where == name
                        for command, _ in pages.typed(pages.section(page, heading))]
            for command, _ in pages.typed(page):
                used |= {part for part in NOT_RUN if part in command}
                with self.subTest(page=name, command=command):
                    self.assertTrue(command in followed or not run_by_a_test(command))
        self.assertEqual(used, set(NOT_RUN), "reasons that have outlived their command")

    def package_of(self, program):
        if program in PACKAGES:
            return PACKAGES[program]
        path = os.path.realpath(shutil.which(program) or f"{program} is in no package")
        for place in (path, path.removeprefix("/usr")):
            done = subprocess.run(["dpkg-query", "-S", place], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True, check=False)
            if done.returncode == 0:
                return done.stdout.partition(":")[0]
        self.fail(f"no package has {path}")

    def test_pages_name_the_package_of_each_program_that_a_bare_debian_lacks(self):
        found = set()
        for name in pages.names():
            page = pages.contents(name)
            if name == "docs/contributing.md":
                continue  # dev/setup installs what it needs
            lines = [command for command, _ in pages.typed(page)]
            lines += re.findall(r"`((?:printf|nc|systemctl|php-fpm\S+|adduser) [^`]+)`", page)
            lines += re.findall(r"(?m)^ {4,}((?:ln|nutcracker|printf|apt-get|phpize|adduser) .*)$",
                                page)
            for program in {program for line in lines for program in pages.programs(line)}:
                package = self.package_of(program)
                if package is None or package.startswith("php"):
                    continue
                found.add(package)
                with self.subTest(page=name, program=program, package=package):
                    self.assertTrue(package in BARE or
                                    re.search(rf"`{re.escape(package)}`|apt-get install.* "
                                              rf"{re.escape(package)}\b", page),
                                    "the page does not name the package")
        self.assertGreater(len(found - BARE), 5)


class DocumentedMachine(OwnMachineTestCase):
    """A machine with the addresses of all machines of the pages, and the extension installed."""

    namespaces = ["--mount", "--net", "--uts"]

    def setUp(self):
        super().setUp()
        self.shell("hostname web1; ip link set lo up\n" +
                   "".join(f"ip address add {address}/32 dev lo\n" for address in ADDRESSES))
        version = "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;"
        self.version = self.run_there("php", "-r", version)
        folder = self.run_there("php", "-r", "echo ini_get('extension_dir');")
        self.write(f"{folder}/memcache_session.so", self.extension())
        self.write("/usr/local/sbin/systemctl", SYSTEMCTL.encode(), 0o755)
        self.take_there(["bin/memcache-session", "share"], pages.ROOT, "/usr/local")

    @staticmethod
    def extension():
        with open(os.environ["MEMCACHE_SESSION_SO"], "rb") as file:
            return file.read()

    def page(self, name):
        return pages.contents(name).replace("8.2", self.version)

    def write(self, path, content, mode=0o644):
        """Writes a file of that machine, and its folder."""
        path = os.path.join(self.root_there(), path.lstrip("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(path, mode)

    def shell(self, text):
        """Types lines of shell. Each must succeed."""
        return self.run_there("bash", "-e", "-c", text)

    def php(self, code):
        """Runs PHP code whose sessions are on 10.0.0.1 and 10.0.0.2; returns what it prints."""
        self.write("/srv/code.php", f"<?php\nob_start();\n{code}\n")
        return self.run_there(*PHP, "/srv/code.php")

    def follow(self, name, heading, before=""):
        """Types the commands below a heading, in one shell, after the lines `before`."""
        self.assertIn((name, heading), FOLLOWED)
        commands = [(command, shown) for command, shown in
                    pages.typed(pages.section(self.page(name), heading)) if run_by_a_test(command)]
        self.assertTrue(commands)
        printed = self.shell(before + "".join(f"echo '<<<'\n{command}\n"
                                              for command, _ in commands)).split("<<<\n")
        for (command, shown), lines in zip(commands, printed[1:]):
            lines = [line.strip() for line in lines.splitlines()]
            if shown or "nft" in command:
                self.assertTrue(pages.looks_like(shown, lines),
                                f"{command}\nprints\n{lines}\nand the page shows\n{shown}")
        return printed[1:]

    def follow_counter(self):
        """The check that two web servers share sessions. Both of them are this machine."""
        printed = self.follow("docs/apache.md", "How to check it")
        self.assertEqual("".join(printed), "web1 2\nweb1 3\n")

    def start_memcached(self, conf):
        """Starts a memcached as Debian's unit does, on each of three machines."""
        for address in ADDRESSES[:3]:
            path = f"/etc/memcached_{address}.conf"
            self.write(path, conf.replace("10.0.0.1", address))
            self.shell("/usr/share/memcached/scripts/systemd-memcached-wrapper "
                       f"{path} > /dev/null 2>&1 < /dev/null &")
            self.wait_for(f"{address}/11211")

    def wait_for(self, place):
        self.run_there("timeout", "10", "bash", "-c",
                       f"until : < /dev/tcp/{place}; do sleep 0.02; done 2> /dev/null")

    def php_of(self, sapi):
        return f"/etc/php/{self.version}/{sapi}"

    def counter(self):
        return pages.block(self.page("docs/apache.md").split("The visit counter", 1)[1], "<?php")

    def test_nginx_with_php_fpm(self):
        page = self.page("docs/nginx-php-fpm.md")
        self.start_memcached(pages.block(page, "-l 10.0.0.1"))
        self.write(f"{self.php_of('fpm')}/conf.d/50-memcache_session.ini",
                   pages.block(page, "extension = memcache_session"))
        user, = re.findall(r"`(adduser [^`]+)`", page)
        self.shell(f"{user}; mkdir -p /run/php /var/www/shop")
        pool = pages.block(page, "[shop]")
        self.write(f"{self.php_of('fpm')}/pool.d/shop.conf", pool)
        timeout = pages.block(page, "[global]").splitlines()[1]
        self.shell(f"sed -i 's/^\\[global\\]/&\\n{timeout}/' {self.php_of('fpm')}/php-fpm.conf")
        self.write("/etc/nginx/sites-available/shop", pages.block(page, "server {"))
        self.shell(pages.block(page, "ln -s ../sites-available/shop /etc/nginx/sites-enabled/shop"))
        self.write("/var/www/shop/counter.php", self.counter())
        self.write("/var/www/shop/name.php",
                   "<?php session_start(); $_SESSION['name'] = 'abc'; echo 'stored';")
        start, = re.findall(r"\*\*6\.\*\* `([^`]+)`", page)
        self.shell(start)
        self.wait_for("10.0.1.1/80")
        self.follow_counter()
        self.follow("docs/nginx-php-fpm.md", "How to check it",
                    "SID=check\ncurl -s -b PHPSESSID=$SID http://10.0.1.1/counter.php\n" * 3)

        # Without the two lines that keep this pool's sessions apart, keys are the ids.
        pool = pool.partition("; only if")[0]
        self.write(f"{self.php_of('fpm')}/pool.d/shop.conf", pool)
        self.shell(f"kill -USR2 $(cat /run/php/php{self.version}-fpm.pid); sleep 0.5\n"
                   f"curl -s -b PHPSESSID={SESSION} http://10.0.1.1/name.php")
        self.follow("docs/nginx-php-fpm.md", "Looking at a session from outside")

        # The error page, of a session that no server can have.
        self.write("/var/www/shop/error.php", pages.block(self.page("README.md"), "<?php"))
        self.shell("nft add table inet cut; nft add chain inet cut out "
                   "'{ type filter hook output priority 0; }'\n"
                   "nft add rule inet cut out tcp dport 11211 reject with tcp reset")
        for cookie in ("", f"-b PHPSESSID={SESSION}"):
            answer = self.shell(f"curl -si {cookie} http://10.0.1.1/error.php")
            self.assertRegex(answer, r"\AHTTP/1.1 503 ")
            self.assertIn("\nRetry-After: 5\n", answer)
            self.assertNotIn("Set-Cookie", answer)

    def test_apache_with_the_sites_own_htaccess(self):
        page = self.page("docs/apache.md")
        self.start_memcached(pages.block(page, "-l 10.0.0.1"))
        self.write(f"/etc/php/{self.version}/mods-available/memcache_session.ini",
                   pages.block(page, "extension = memcache_session"))
        enable, = re.findall(r"`(phpenmod -s[^`]+)`", page.replace("\n", " "))
        self.shell(enable)
        self.write("/var/www/shop/.htaccess", pages.block(
            page.partition("### With open_basedir")[0], "php_value session.save_handler memcache"))
        self.write("/var/www/shop/counter.php", self.counter())
        modules = "/usr/lib/apache2/modules"
        load = {"mpm_prefork": "mpm_prefork", "authz_core": "authz_core"}
        self.write("/etc/apache2/trial.conf", "".join(
            f"LoadModule {name}_module {modules}/mod_{file}.so\n" for name, file in load.items()) +
            f"LoadModule php_module {modules}/libphp{self.version}.so\n"
            "ServerName web1\nListen 80\nUser www-data\nGroup www-data\nPidFile /run/trial.pid\n"
            "ErrorLog /var/log/trial.log\nMutex pthread\nDocumentRoot /var/www/shop\n"
            f"PHPIniDir {self.php_of('apache2')}\n"
            "<FilesMatch \\.php$>\nSetHandler application/x-httpd-php\n</FilesMatch>\n" +
            pages.block(page, "<Directory /var/www/shop>"))
        self.shell("apache2 -t -f /etc/apache2/trial.conf\n"
                   "apache2 -f /etc/apache2/trial.conf > /dev/null 2>&1 < /dev/null")
        self.wait_for("10.0.1.1/80")
        self.follow_counter()

    def test_nutcracker(self):
        page = self.page("docs/memcached-proxy.md")
        self.start_memcached("-l 10.0.0.1\n-p 11211\n-u memcache\n")
        self.write("/etc/nutcracker/nutcracker.yml", pages.block(page, "sessions:"))
        self.shell(pages.block(page, "nutcracker -t -c /etc/nutcracker/nutcracker.yml && "
                                     "systemctl restart nutcracker"))
        self.wait_for("127.0.0.1/22121")
        self.write("/srv/php.ini", pages.block(page, "extension = memcache_session"))
        self.run_there("php", "-n", "-c", "/srv/php.ini", "-r",
                       "session_id('SID'); session_start(); $_SESSION['name'] = 'abc';")
        looks = pages.block(page, "printf 'get SID\\r\\nquit\\r\\n' | nc 127.0.0.1 22121")
        seen = [self.shell(line) for line in looks.splitlines()]
        self.assertRegex(seen[0], r"\AVALUE SID \d+ 15\s+name\|s:3:\"abc\";\s+END\s*\Z")
        self.assertIn("END", seen[1])
        lock, = re.findall(r"`(printf 'get SID.lock[^`]+)`", page)
        self.assertEqual(self.shell(lock).split(), ["END"])
        self.assertIn("server_err", self.shell("nc 127.0.0.1 22222"))

    def visit_encrypted(self, block):
        """Counts a visit with the settings of a block of the page on encryption."""
        self.write("/srv/php.ini", block)
        return self.run_there("php", "-n", "-c", "/srv/php.ini", "-d", "display_errors=1", "-r",
                              "session_id('SID'); session_start(); "
                              "$_SESSION['n'] = 1 + ($_SESSION['n'] ?? 0); echo $_SESSION['n'];")

    def test_encryption(self):
        page = self.page("docs/encryption.md")

        def follow(first_line, address="10.0.0.1"):
            # The servers of the page are one machine here, so each has files of its own.
            return self.shell(pages.block(page, first_line).replace("10.0.0.1", address)
                              .replace("/server.", f"/{address}."))

        make_authority = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 " \
                         "-nodes -days 3650 \\"
        make_certificates = "for address in 10.0.0.1 10.0.0.2 10.0.0.3; do"
        follow(make_authority)
        self.shell(pages.block(page, make_certificates))
        for address in ADDRESSES[:3]:
            follow("install -d -m 755 /etc/memcached", address)
        follow("install -m 600 -o memcache /dev/null /etc/memcached/users")
        conf = pages.block(page, "-l 10.0.0.1")
        self.start_memcached(conf.replace("/server.", "/10.0.0.1."))
        follow("install -d -m 755 /etc/php/sessions")
        settings = pages.block(page, "extension = memcache_session")
        self.assertEqual([self.visit_encrypted(settings) for _ in range(2)], ["1", "2"])
        check, = re.findall(r"(?m)^    (openssl s_client .*)$", page)
        self.assertIn("\nVerification: OK\n", self.shell(check))

        # A renewal: the servers show the new certificate to the next connection.
        shown = f"{check} 2> /dev/null | openssl x509 -noout -serial".replace(" -brief", "")
        old = self.shell(shown)
        self.shell(pages.block(page, make_certificates))
        follow("install -d -m 755 /etc/memcached")
        self.assertEqual(self.shell(shown), old)
        self.assertIn("OK", follow('login="web $(cat /etc/php/sessions/password)"'))
        self.assertNotEqual(self.shell(shown), old)
        self.assertEqual(self.visit_encrypted(settings), "3")

    def test_stunnel(self):
        page = self.page("docs/encryption.md")
        self.shell(pages.block(page, "openssl req -x509 -newkey ec -pkeyopt "
                                     "ec_paramgen_curve:prime256v1 -nodes -days 3650 \\"))
        self.shell(pages.block(page, "for address in 10.0.0.1 10.0.0.2 10.0.0.3; do"))
        self.shell(pages.block(page, "install -d -m 755 /etc/memcached"))
        self.shell("memcached -d -u memcache -l 127.0.0.1")
        self.wait_for("127.0.0.1/11211")
        self.write("/etc/stunnel/sessions.conf", pages.block(page, "foreground = no"))
        self.shell("stunnel4 /etc/stunnel/sessions.conf")
        self.wait_for("10.0.0.1/11212")
        settings = ('extension = memcache_session\nsession.save_handler = memcache\n'
                    'session.save_path = "tls://10.0.0.1:11212?cafile=/srv/ca.pem"\n')
        self.assertEqual([self.visit_encrypted(settings) for _ in range(2)], ["1", "2"])

    def test_moving_address(self):
        page = self.page("docs/moving-address.md")
        script = "/usr/local/sbin/memcached-answers"
        self.write(script, pages.block(page, "#!/bin/bash"), 0o755)
        self.assertEqual(self.shell(f"{script} 2> /dev/null || echo $?"), "1\n")
        memcached, = re.findall(r"`(memcached [^`]+)`", page)
        self.shell(f"{memcached} > /dev/null 2>&1 < /dev/null &")
        self.wait_for("127.0.0.1/11211")
        self.shell(script)
        self.shell("ip link add eth0 type veth peer name eth1; ip link set eth0 up")
        self.write("/etc/keepalived/keepalived.conf", pages.block(page, "global_defs {"))
        self.run_there("keepalived", "--config-test")
        self.follow("docs/moving-address.md", "How to check")

    def test_replicating_servers_and_the_first_steps_of_a_migration(self):
        # One memcached at both addresses passes on what is stored at the one.
        self.shell("memcached -d -u memcache -l 10.0.0.1,10.0.0.2")
        self.wait_for("10.0.0.2/11211")
        self.follow("docs/replicating-servers.md", "How to check")
        checked, _, version = self.follow("docs/migration.md", "Before you begin")
        self.assertIn("\nnothing to look at\n", checked)
        self.assertIn("VERSION", version)
        self.php(f"session_id('{SESSION}'); session_start(); "
                 "$_SESSION = ['user' => 'ann', 'cart' => []];")
        self.follow("docs/migration.md", "From pecl/memcache")

    def test_lock_of_a_request(self):
        self.start_memcached("-l 10.0.0.1\n-p 11211\n-u memcache\n")
        self.write("/cart.php", f"""<?php
            session_id('{SESSION}');
            session_start();
            echo "open\\n";
            sleep(60);""")
        self.shell(" ".join([*PHP, "/cart.php"]) + " > /srv/cart 2>&1 < /dev/null &\n"
                   "until grep -q open /srv/cart; do sleep 0.02; done")
        self.follow("docs/locking.md", "The life of a lock")

    def test_build_from_source(self):
        folder = self.run_there("php", "-r", "echo ini_get('extension_dir');")
        self.run_there("rm", f"{folder}/memcache_session.so")
        self.take_there(["config.m4", "php_memcache_session.h", "src"], pages.ROOT, "/srv/source")
        lines = pages.block(self.page("README.md"), "phpize")
        self.run_there("bash", "-e", "-c", lines, cwd="/srv/source", CXXFLAGS="-O0")
        self.assertEqual(
            self.run_there("php", "-d", "extension=memcache_session", "--ri",
                           "memcache_session").split("\n")[3],
            "Session save handlers => memcache, memcache_session")

    def test_recipes_of_the_locking_page(self):
        page = self.page("docs/locking.md")
        self.start_memcached("-l 10.0.0.1\n-p 11211\n-u memcache\n")
        overwrite = """
            foreach (['10.0.0.1', '10.0.0.2'] as $host) {
                $server = fsockopen($host, 11211);
                fwrite($server, "set abc 0 60 13\\r\\nname|s:1:\\"a\\";\\r\\nquit\\r\\n");
                stream_get_contents($server);
            }"""
        driver = pages.block(page, "class NativeSession implements SessionHandlerInterface")
        # Another program stores the session while the driver has it open.
        printed = self.php(driver + """
            $driver = new NativeSession;
            $said = [$driver->read('abc'), $driver->write('abc', 'one'), $driver->read('abc')];
            """ + overwrite + """
            $said[] = $driver->write('abc', 'two');
            echo json_encode($said);""")
        self.assertEqual(printed.splitlines()[-1], '["",true,"one",false]')
        self.assertIn("another request has stored the session", printed)

        stored = pages.block(page, "error_clear_last();")
        printed = self.php("""
            function show_error_page(): void { echo 'ERROR PAGE'; }
            session_id('abc');
            session_start();
            $_SESSION['name'] = 'b';
            """ + overwrite.replace('\\"a\\"', '\\"c\\"') + stored)
        self.assertTrue(printed.endswith("ERROR PAGE"), printed)
        printed = self.php("function show_error_page(): void { echo 'ERROR PAGE'; }\n"
                           "session_id('abc'); session_start(); $_SESSION['name'] = 'b';" + stored)
        self.assertEqual(printed, "")

        other = pages.block(page, "session_write_close();").replace("$other", "'abc'")
        self.php("session_id('mine'); session_start(); $_SESSION['n'] = 1;\n" + other)
        self.assertEqual(self.php("session_id('mine'); session_start(); echo $_SESSION['n'];"), "1")
        self.assertEqual(self.php("session_id('abc'); session_start(); echo count($_SESSION);"),
                         "0")

    def test_each_page_of_php_is_valid(self):
        count = 0
        for name in pages.names():
            for code in pages.blocks_of_php(self.page(name)):
                self.write("/srv/page.php", code)
                self.run_there("php", "-l", "/srv/page.php")
                count += 1
        self.assertGreater(count, 3)

    def test_packages_exist_and_their_names_are_right(self):
        """apt-get knows every package that a line tells the reader to install."""
        lines = re.findall(r"(?m)^    (apt-get install [^/\n]+)$", self.page("README.md"))
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.shell(line.replace("install", "install --simulate"))
