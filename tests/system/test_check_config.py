"""memcache-session check-config, with the configuration that Debian installs, and changes to it."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from pages import ROOT

COMMAND = os.path.join(ROOT, "bin/memcache-session")
NOTHING, FINDINGS, WRONG_USAGE = range(3)

PHP = os.environ.get("PHP", "php")
SERVERS = "tcp://10.0.0.1:11211?persistent=1,tcp://10.0.0.2:11211?persistent=1"
PECL = f"""extension = memcache.so
session.save_handler = memcache
session.save_path = "{SERVERS}"
"""
CLEAN = f"""extension = memcache_session
session.save_handler = memcache
session.save_path = "{SERVERS}"
memcache.lock_timeout = 30
memcache.session_lock_wait = 20
"""


class CheckConfig(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="memcache_session-config-")
        self.addCleanup(shutil.rmtree, self.root)
        self.version = subprocess.run(
            ["php", "-n", "-r", "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;"], text=True,
            stdout=subprocess.PIPE, check=True).stdout
        self.php = f"/etc/php/{self.version}"
        for folder in (f"{self.php}/fpm", f"{self.php}/apache2", "/etc/nginx"):
            # conf.d has links to other places of this machine
            shutil.copytree(folder, self.root + folder, symlinks=True,
                            ignore=shutil.ignore_patterns("conf.d", "modules-enabled", "default"))
        self.write(f"{self.php}/fpm/conf.d/10-opcache.ini", "zend_extension=opcache.so\n")

    def write(self, path, text):
        path = self.root + path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="latin-1") as file:
            file.write(text)

    def sessions(self, text, sapi="fpm"):
        self.write(f"{self.php}/{sapi}/conf.d/30-sessions.ini", text)

    def pool(self, name, text):
        self.write(f"{self.php}/fpm/pool.d/{name}.conf",
                   f"[{name}]\nuser = www-data\nlisten = /run/php/$pool.sock\npm = static\n"
                   f"pm.max_children = 2\n{text}")

    def site(self, name, pool, timeout="", root="/var/www/html"):
        """A server of nginx, whose requests a pool serves."""
        self.write(f"/etc/nginx/sites-enabled/{name}",
                   f"server {{\n    listen 80;\n    root {root};  # of the pages\n    {timeout}\n"
                   "    location ~ \\.php$ {\n        include snippets/fastcgi-php.conf;\n"
                   f"        fastcgi_pass {pool};\n    }}\n}}\n")

    def run_command(self, *arguments, user=None):
        done = subprocess.run([PHP, "-n", COMMAND, "check-config", *arguments],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, user=user,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr

    def check(self, *arguments, status=FINDINGS):
        """The findings: (file:line, what was found, what it means, what to do) of each."""
        done, output, complaint = self.run_command(f"--root={self.root}", "--json", *arguments)
        self.assertEqual((done, complaint), (status, ""), output)
        found = json.loads(output)
        self.assertEqual(done != NOTHING, any(not one["note"] for one in found["findings"]))
        return [(f"{one['file']}:{one['line']}", one["found"], one["means"], one["do"])
                for one in found["findings"] if not one["note"]]

    def assert_found(self, place, found, means, do, *arguments):
        """Asserts that there is this finding and no other. `place` is below PHP's folder."""
        findings = self.check(*arguments)
        self.assertEqual(len(findings), 1, findings)
        for pattern, text in zip((f"{re.escape(self.php)}/{place}$", found, means, do),
                                 findings[0]):
            self.assertRegex(text, pattern)

    def test_a_machine_without_memcached_has_nothing_to_change(self):
        self.assertEqual(self.check(status=NOTHING), [])

    def test_settings_that_suit_are_nothing_to_look_at(self):
        self.sessions(CLEAN)
        self.assertEqual(self.check(status=NOTHING), [])
        self.assertIn("nothing to look at", self.run_command(f"--root={self.root}")[1])

    def test_list_that_ends_at_a_semicolon_is_noted(self):
        first = "tcp://10.0.0.1:11211"
        for line, noted in ((f"{first};tcp://10.0.0.2:11211", True), (f'"{first}"', True),
                            (f'"{first},tcp://10.0.0.2:11211"', False),
                            (f'"{first}?proxy=1"', False)):
            with self.subTest(line=line):
                self.sessions(f"{CLEAN}session.save_path = {line}\n")
                self.check(status=NOTHING)
                output = self.run_command(f"--root={self.root}")[1]
                self.assertEqual("note: " in output and "has one server" in output, noted, output)

    def test_pecl_memcache_as_it_comes(self):
        self.sessions(PECL)
        (place, found, means, do), = self.check()
        self.assertEqual(place, "None:None")
        self.assertEqual(found, "memcache.lock_timeout = 15 (the default)")
        self.assertRegex(means, r"max_execution_time = 30 s, /etc/php/[\d.]+/fpm/php.ini:\d+\)")
        self.assertIn("memcache.lock_timeout = 30", do)
        output = self.run_command(f"--root={self.root}")[1]
        self.assertRegex(output, r"\nnote: \S+30-sessions.ini:1: extension = memcache.so\n"
                                 r"    pecl/memcache keeps the sessions now.\n")
        self.assertRegex(output, r"\n1 finding\n$")

    def test_values_that_are_refused(self):
        for line, found, means in (
                ("memcache.hash_strategy = ketma", "= ketma$", "must be consistent, .* consistent"),
                ("memcache.compress_threshold = 2K", "= 2K$", "a whole number from 0"),
                ("memcache.default_port = 0", "= 0$", "from 1 to 65535"),
                ("memcache.lock_timeuot = 30", "lock_timeuot = 30", "no setting of this name"),
                ('session.save_path = "tcp://10.0.0.1?wieght=2"', r"\?wieght=\*\*\*$",
                 '"wieght" is unknown'),
                ('session.save_path = "10.0.0.1,10.0.0.1"', "10.0.0.1,10.0.0.1", "given twice")):
            with self.subTest(line=line):
                self.sessions(CLEAN + line)
                self.assert_found("fpm/conf.d/30-sessions.ini:6", found, means, ".")

    def test_servers_that_are_asked_for(self):
        def sessions(path, *lines):
            self.sessions("\n".join((CLEAN, f'session.save_path = "{path}"', *lines)))

        for path in ("dns+tcp://cache.example:11211?persistent=1&refresh=30",
                     "srv+tcp://_memcached._tcp.cache.example", "DNS+TLS://cache.example",
                     "tcp://10.0.0.1,dns+tcp://cache.example",
                     "elasticache://a.cfg.euc1.cache.amazonaws.com:11211",
                     "elasticache+tls://a.cfg.euc1.cache.amazonaws.com"):
            with self.subTest(path=path):
                sessions(path)
                self.assertEqual(self.check(status=NOTHING), [])
        for path, means in (
                ("dns+udp://cache.example", r'"dns\+udp://" is unknown; allowed are .*dns\+tcp://'),
                ("dns+tcp://10.0.0.1", "is an address"),
                ("srv+tcp://_memcached._tcp.cache.example:11211", "say the ports themselves"),
                ("srv+tcp://cache.example", "write the name of SRV records"),
                ("elasticache://cache.example?refresh=0", "from 1 to 300"),
                ("tcp://cache.example?refresh=5", "refresh is for names"),
                ("dns+tcp://a,dns+tls://A:11211", r"dns\+a:11211 is given twice")):
            with self.subTest(path=path):
                sessions(path)
                self.assert_found("fpm/conf.d/30-sessions.ini:7", "session.save_path = ", means,
                                  "grammar")
        for line, means, do in (
                ("memcache.hash_strategy = ketama", "ketama does not allow", "= consistent"),
                ("memcache.session_redundancy = 1", "takes its sessions away", "redundancy = 2")):
            with self.subTest(line=line):
                sessions("dns+tcp://cache.example", line)
                self.assert_found("fpm/conf.d/30-sessions.ini:7", "session.save_path = dns", means,
                                  do)

    def test_the_nearest_name_is_proposed(self):
        self.sessions(CLEAN + "memcache.session_redundency = 3\n")
        self.assert_found("fpm/conf.d/30-sessions.ini:6", "redundency", "no setting",
                          r"Write memcache.session_redundancy\?")

    def test_a_list_without_quotes_ends_the_file(self):
        self.sessions(CLEAN + "session.save_path = tcp://10.0.0.3?a=(1\nmemcache.x = 1\n")
        self.assert_found("fpm/conf.d/30-sessions.ini:6", "syntax error", "stops reading", "quotes")

    def test_no_secret_is_shown(self):
        for path in ("tcp://ann:geheim@10.0.0.1", "tcp://a,b:geheim@10.0.0.1",
                     "10.0.0.1?password=geheim", "10.0.0.1?x=y&auth[]=geheim"):
            for handler in ("memcache", "memcached"):
                self.sessions(CLEAN + f"session.save_handler = {handler}\n"
                              f'session.save_path = "{path}"\n'
                              "memcached.sess_sasl_password = geheim\n"
                              "memcached.sess_sasl_username = geheim\n")
                with self.subTest(path=path, handler=handler):
                    for options in (["--json"], []):
                        status, output, complaint = self.run_command(f"--root={self.root}",
                                                                     *options)
                        self.assertEqual(status, FINDINGS)
                        self.assertIn("The list is refused", output)
                        self.assertNotIn("geheim", output + complaint)

    def test_both_extensions(self):
        self.sessions(CLEAN + "extension = memcache\n")
        self.assert_found("fpm/conf.d/30-sessions.ini:2", "save_handler = memcache",
                          "pecl/memcache is loaded too", "save_handler = memcache_session")
        self.sessions(CLEAN.replace("= memcache_session", "= redis")
                      .replace("handler = memcache", "handler = memcache_session"))
        self.assert_found("fpm/conf.d/30-sessions.ini:2", "memcache_session",
                          "No file that was read loads the extension", "extension =")

    def test_settings_of_pools(self):
        self.sessions(CLEAN)
        self.pool("shop", "php_admin_value[memcache.hash_function] = md5\n")
        self.assert_found("fpm/pool.d/shop.conf:6", "hash_function = md5",
                          "must be crc32, fnv. PHP keeps", ".")
        # what is private to php.ini
        self.pool("shop", "php_flag[memcache.session_inspect] = on\n")
        self.assert_found("fpm/pool.d/shop.conf:6", "session_inspect = 1", "no effect here",
                          "php_admin_value")
        self.pool("shop", "php_admin_flag[memcache.session_inspect] = on\n")
        self.assertEqual(self.check(status=NOTHING), [])

    def test_prefixes_that_overlap(self):
        self.sessions(CLEAN + 'memcache.session_prefix_static_key = "shop."\n')
        self.pool("two", 'php_value[memcache.session_prefix_static_key] = "shop.two"\n')
        self.assert_found("fpm/pool.d/two.conf:6", 'prefixes "shop." and "shop.two"',
                          'the id "twoabc" of the first is the id "abc" of the second', "separator")
        self.sessions(CLEAN + 'memcache.session_prefix_static_key = "shop."\n'
                      'memcache.session_prefix_separator = ":"\n')
        self.assertEqual(self.check(status=NOTHING), [])
        # php's own ids have no dot
        self.sessions(CLEAN + 'memcache.session_prefix_static_key = "shop"\n'
                      "memcache.session_ids = php\n")
        self.pool("two", 'php_value[memcache.session_prefix_static_key] = "shop.two"\n')
        self.assertEqual(self.check(status=NOTHING), [])
        self.pool("two", 'php_value[memcache.session_prefix_static_key] = "shop2"\n')
        self.assert_found("fpm/pool.d/two.conf:6", "prefixes", "overlap", "separator")
        # other servers
        self.pool("two", 'php_value[memcache.session_prefix_static_key] = "shop2"\n'
                  'php_value[session.save_path] = "10.0.0.3"\n')
        self.assertEqual(self.check(status=NOTHING), [])

    def test_pools_that_place_the_same_keys_differently(self):
        self.sessions(CLEAN)
        self.pool("two", "php_value[memcache.hash_strategy] = standard\n")
        findings = self.check()
        self.assertEqual(len(findings), 1, findings)
        self.assertRegex(findings[0][2], "but not the whole list, its weights, the hash strategy")
        self.pool("two", 'php_value[session.save_path] = "10.0.0.2,10.0.0.1"\n')
        self.assertEqual(self.check(status=NOTHING), [])
        self.pool("two", 'php_value[session.save_path] = "10.0.0.2,10.0.0.3"\n')
        self.assert_found("fpm/pool.d/two.conf:6", "the servers of .*, pool www", "not the whole",
                          "prefix of its own")

    def test_requests_that_outlive_their_lock(self):
        self.sessions(CLEAN)
        self.pool("slow", "request_terminate_timeout = 5m\n")
        (place, found, means, do), = self.check()
        self.assertEqual((place, found), (f"{self.php}/fpm/conf.d/30-sessions.ini:4",
                                          "memcache.lock_timeout = 30"))
        self.assertRegex(means, r"request_terminate_timeout = 300 s, \S+/slow.conf:6\) than its "
                                r"lock is kept \(30 s\)")
        self.assertIn("memcache.lock_timeout = 300", do)

    def test_waits_that_nginx_or_php_fpm_cut_off(self):
        self.sessions(CLEAN.replace("lock_wait = 20", "lock_wait = 59"))
        self.assertEqual(self.check(status=NOTHING), [])  # no site leads to a pool
        self.site("default", f"unix:/run/php/php{self.version}-fpm.sock")
        (place, found, means, _), = self.check()
        self.assertEqual((place, found), ("None:None", "fastcgi_read_timeout = 60s (the default)"))
        self.assertRegex(means, "^nginx answers 504 .* may take 61 s: 59 s of waiting")

        self.site("default", "php", "fastcgi_read_timeout 1m 30s;")
        self.write("/etc/nginx/conf.d/up.conf", "upstream php {\n  least_conn;\n"
                   f"  server unix:/run/php/php{self.version}-fpm.sock;\n}}\n")
        self.assertEqual(self.check(status=NOTHING), [])
        self.site("default", "php", "fastcgi_read_timeout 50s;")
        (place, found, means, _), = self.check()
        self.assertEqual((place, found),
                         ("/etc/nginx/sites-enabled/default:4", "fastcgi_read_timeout = 50s"))

        self.sessions(CLEAN)
        self.pool("quick", "request_terminate_timeout = 10\n")
        self.assert_found("fpm/pool.d/quick.conf:6", "request_terminate_timeout = 10",
                          "kills the request before its wait ends.* 22 s", "session_lock_wait")

    def test_files_in_folders_of_pages(self):
        self.sessions(CLEAN)
        self.write("/srv/pages/deep/.user.ini", "; a shop\nmemcache.session_lock = maybe\n")
        self.assertEqual(self.check(status=NOTHING), [])
        (place, found, means, _), = self.check("/srv/pages")
        self.assertEqual((place, found),
                         ("/srv/pages/deep/.user.ini:2", "memcache.session_lock = maybe"))
        self.assertIn("PHP keeps the value of php.ini", means)
        # nginx's folders are known, and what an administrator has set cannot be changed
        self.site("default", f"unix:/run/php/php{self.version}-fpm.sock", root="/srv/pages")
        self.assertEqual(len(self.check()), 1)
        self.pool("www", f"listen = /run/php/php{self.version}-fpm.sock\n"
                  "php_admin_value[memcache.session_lock] = 1\n")
        self.assertEqual(self.check(status=NOTHING), [])

    def test_every_include_of_php_fpm_is_read(self):
        self.sessions(CLEAN)
        self.write(f"{self.php}/fpm/php-fpm.conf",
                   "[global]\ninclude=/one/*.conf\ninclude=/two/*.conf\n")
        for folder in ("one", "two"):
            self.write(f"/{folder}/pool.conf", f"[{folder}]\nlisten = /run/{folder}.sock\n"
                       "php_value[memcache.session_lock] = maybe\n")
        self.assertEqual([place for place, *_ in self.check()],
                         ["/one/pool.conf:3", "/two/pool.conf:3"])

    def test_a_file_that_includes_itself_twice_ends(self):
        self.sessions(CLEAN)
        self.write("/etc/nginx/sites-enabled/loop", "include sites-enabled/loop;\n" * 2)
        status, _, said = self.run_command(f"--root={self.root}")
        self.assertEqual(status, WRONG_USAGE)
        self.assertRegex(said, "more than 10000 files .*sites-enabled/loop")

    def test_sections_of_php_ini_are_those_of_fastcgi(self):
        section = CLEAN + "[HOST=shop.example]\nmemcache.session_lock = maybe\n"
        self.sessions(section, "apache2")
        self.assertEqual(self.check(status=NOTHING), [])
        self.sessions(section)
        self.assert_found("fpm/conf.d/30-sessions.ini:7", "session_lock = maybe", "keeps", ".")

    def test_folders_that_cannot_be_read_are_told(self):
        self.sessions(CLEAN)
        self.write("/srv/pages/closed/.user.ini", "memcache.session_lock = 1\n")
        for folder, _, _ in os.walk(self.root):
            os.chmod(folder, 0o755)
        arguments = (f"--root={self.root}", "/srv/pages")
        self.assertEqual(self.run_command(*arguments, user="nobody")[0], NOTHING)
        os.chmod(self.root + "/srv/pages/closed", 0o700)
        status, _, said = self.run_command(*arguments, user="nobody")
        self.assertEqual(status, WRONG_USAGE)
        self.assertIn("/srv/pages/closed", said)

    def test_apache(self):
        self.sessions(CLEAN, "apache2")
        self.write("/etc/apache2/sites-enabled/shop.conf",
                   "<VirtualHost *:80>\n  DocumentRoot /srv/shop\n"
                   "  php_value memcache.session_merge always\n</VirtualHost>\n")
        (place, *_), = self.check()
        self.assertEqual(place, "/etc/apache2/sites-enabled/shop.conf:3")
        self.write("/etc/apache2/sites-enabled/shop.conf", "DocumentRoot /srv/shop\n")
        self.write("/srv/shop/.htaccess", 'php_value session.save_path "tcp://10.0.0.1:0"\n')
        (place, found, means, _), = self.check()
        self.assertEqual((place, found),
                         ("/srv/shop/.htaccess:1", "session.save_path = tcp://10.0.0.1:0"))
        self.assertIn("1 to 65535", means)

    def test_from_php_memcached(self):
        self.sessions("extension = memcached\nsession.save_handler = memcached\n"
                      'session.save_path = "10.0.0.1:11211,10.0.0.2:11211"\n'
                      "memcache.lock_timeout = 30\nmemcache.session_lock_wait = 20\n"
                      "memcached.sess_number_of_replicas = 1\n")
        self.assert_found("fpm/conf.d/30-sessions.ini:2", "save_handler = memcached",
                          "only with other settings",
                          "memcache.hash_strategy = ketama_unweighted; "
                          "memcache.session_prefix_static_key = memc.sess.key.; "
                          "memcache.compress_threshold = 0. See docs/migration.md")
        self.sessions("session.save_handler = memcached\nsession.save_path = 10.0.0.1\n"
                      "memcached.sess_consistent_hash = Off\nmemcached.sess_locking = Off\n"
                      "memcache.hash_strategy = modula\nmemcached.sess_prefix = a.\n"
                      "memcache.session_prefix_static_key = a.\nmemcache.session_redundancy = 1\n"
                      "memcache.compress_threshold = 0\nmemcache.session_lock = 0\n")
        self.assertEqual(self.check(status=NOTHING), [])

    def test_files_named_by_options(self):
        self.write("/opt/php/php.ini", CLEAN + "memcache.hash_function = md5\n")
        (place, *_), = self.check("--ini=/opt/php/php.ini")
        self.assertEqual(place, "/opt/php/php.ini:6")
        self.write("/opt/fpm.conf", "[global]\ninclude = /opt/pools/*.conf\n")
        self.write("/opt/pools/a.conf", "[a]\nphp_value[memcache.session_search] = 1025\n")
        findings = self.check("--ini=/opt/php/php.ini", "--fpm=/opt/fpm.conf")
        self.assertEqual([place for place, *_ in findings],
                         ["/opt/php/php.ini:6", "/opt/pools/a.conf:2"])

    def test_wrong_usage_and_files_that_are_missing(self):
        self.assertEqual(self.run_command("--help")[0], NOTHING)
        os.mkfifo(f"{self.root}/pipe")
        for arguments, complaint in ((["--loud"], "there is no option --loud"),
                                     (["/no/such"], "there is no folder /no/such"),
                                     ([f"--root={self.root}/etc"], "there is no php.ini"),
                                     ([f"--root={self.root}", "--ini=/pipe"], "/pipe"),
                                     ([f"--root={self.root}", "--nginx=/no"], "/no")):
            status, _, said = self.run_command(*arguments)
            self.assertEqual(status, WRONG_USAGE, arguments)
            self.assertRegex(said, f"^memcache-session: .*{complaint}.*\n$")
