"""What a user is told when TLS or a password does not work, and what nobody is told."""

import os
import shutil
import ssl
import subprocess
import unittest.mock

from certificates import Authority
from encrypted import PASSWORD, SCRIPT, SID, VALUE, EncryptedTestCase, command
from middle import Middle, ThreadedListener
from process import Listener


class Says(ThreadedListener):
    """A server that speaks first, or answers the first bytes that it gets, and then closes."""

    def __init__(self, text, first):
        super().__init__()
        self._text = text
        self._first = first

    def serve(self, connection):
        if not self._first:
            connection.recv(4096)
        connection.sendall(self._text)
        connection.recv(4096)


class Nginx(Listener):
    """A web server with HTTPS."""

    def __init__(self, folder, certificate):
        self._folder = folder
        self._certificate = certificate
        super().__init__("nginx", os.path.join(folder, "nginx.log"))

    def command(self):
        path = os.path.join(self._folder, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(
                f"daemon off; pid {self._folder}/nginx.pid; error_log stderr; events {{}} http {{ "
                f"access_log off; server {{ listen 127.0.0.1:{self.port} ssl; ssl_certificate "
                f"{self._certificate.path}; ssl_certificate_key {self._certificate.key_path}; "
                "} }")
        return ["nginx", "-c", path, "-e", "stderr"]


class Messages(EncryptedTestCase):
    def assert_told(self, cases):
        """cases: save_path and words of the message, by name."""
        for name, (save_path, words) in cases.items():
            with self.subTest(name):
                text = self.refusal(save_path)
                for word in words:
                    self.assertIn(word, text)
                for secret in (SID, VALUE, PASSWORD):
                    self.assertNotIn(secret, text)

    def test_server_with_a_wrong_certificate(self):
        another = Authority(self.listeners.folder, "another-ca")
        ports = {}
        for certificate in (self.authority.self_signed("self-signed"), another.issue("untrusted"),
                            self.authority.issue("misnamed", ("IP:10.0.0.1", "DNS:cache1")),
                            self.authority.issue("expired", days=-1)):
            name = os.path.basename(certificate.path).removesuffix(".pem")
            ports[name] = self.server(name, more=(
                "-Z", "-o", f"ssl_chain_cert={certificate.path},ssl_key={certificate.key_path}")
                ).port
        self.assert_told({
            "self-signed": (self.url(ports["self-signed"]), ["is self-signed", "cafile="]),
            "untrusted": (self.url(ports["untrusted"]), ["is not trusted", "cafile="]),
            "misnamed": (self.url(ports["misnamed"]), ["is for another name", "peer_name="]),
            "misnamed by peer_name": (self.url(ports["misnamed"], "peer_name=cache2"),
                                      ["is for another name"]),
            "expired": (self.url(ports["expired"]), ["has expired"]),
        })
        self.assert_works(self.url(ports["misnamed"], "peer_name=cache1"))

    def test_server_of_another_kind(self):
        trusted = self.authority.issue("https")
        nginx = self.listeners.add(Nginx, trusted)
        plain, tls = self.server("plain"), self.server("tls", self.authority)
        with Says(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", first=True) as ssh, \
                Says(b"HTTP/1.1 400 Bad Request\r\n\r\n", first=False) as http, \
                Says(b"ERROR Too many open connections\r\n", first=True) as full, \
                Says(b"-ERR unknown command\r\n", first=False) as redis:
            self.assert_told({
                "SSH": (self.url(ssh.port), ["an SSH server listens there"]),
                "HTTP": (self.url(http.port), ["a web server (HTTP) listens there"]),
                "Redis": (self.url(redis.port), ["a Redis server listens there"]),
                "full memcached": (self.url(full.port), ["as many connections as it may have"]),
                "HTTPS": (self.url(nginx.port), ["a web server (HTTP) listens there"]),
                "plain memcached": (self.url(plain.port), ["does not speak TLS"]),
                "TLS behind tcp://": (self.url(tls.port, scheme="tcp"), ["tls://"]),
            })

    def test_version_or_certificate_that_the_server_refuses(self):
        mutual = self.server("mutual", self.authority, more=(
            "-o", f"ssl_verify_mode=2,ssl_ca_cert={self.authority.path}"))
        with Middle(None, self.authority.issue("old"), ssl.TLSVersion.TLSv1_2) as old:
            self.assert_told({
                "no common version": (self.url(old.port, "min_version=1.3"),
                                      ["no version or cipher of TLS in common"]),
                "no common cipher": (self.url(old.port, "ciphers=ECDHE-RSA-AES256-GCM-SHA384"),
                                     ["no version or cipher of TLS in common"]),
                "no client certificate": (self.url(mutual.port), ["local_cert="]),
            })

    def test_version_that_the_policy_of_this_system_forbids(self):
        server = self.server("tls", self.authority)
        for setting in ("MaxProtocol = TLSv1.2", "Protocol = -TLSv1.3"):
            policy = self.file("openssl.cnf", "openssl_conf = top\n[top]\nssl_conf = all\n"
                               f"[all]\nsystem_default = policy\n[policy]\n{setting}\n")
            with unittest.mock.patch.dict(os.environ, {"OPENSSL_CONF": policy}):
                self.assert_works(self.url(server.port, "persistent=1"))
                self.assert_told({setting: (self.url(server.port, "min_version=1.3"),
                                            ["lower min_version", "openssl.cnf"])})

    def test_password_that_is_missing_or_wrong(self):
        asking = self.password_server("asking")
        wrong = self.file("wrong", "not-the-password")
        folder = self.file("folder")
        os.mkdir(folder)

        def login(file):
            return self.url(asking.port, f"user=web&password_file={file}", scheme="tcp")

        self.assert_told({
            "no user": (self.url(asking.port, scheme="tcp"), ["user=", "password_file="]),
            "wrong": (login(wrong), ["refused the user or the password"]),
            "no such file": (login("/no/such"), ["password_file", "cannot be read: "]),
            "no file": (login(folder), ["password_file", "cannot be read: "]),
            "empty": (login(self.file("empty", "")), ["no password in its first line"]),
            "empty line": (login(self.file("line", f"\n{PASSWORD}\n")),
                           ["no password in its first line"]),
            "control characters": (login(self.file("binary", f"{PASSWORD}\x01\x02\n")),
                                   ["no password in its first line"]),
        })

    def test_password_file_that_the_user_of_php_may_not_read(self):
        secret = self.file("secret", PASSWORD)
        os.chmod(secret, 0)
        asking = self.password_server("asking")
        path = self.url(asking.port, f"user=web&password_file={secret}", scheme="tcp")
        extension = shutil.copy(os.environ["MEMCACHE_SESSION_SO"], self.listeners.folder)
        with unittest.mock.patch.dict(os.environ, {"MEMCACHE_SESSION_SO": extension}):
            as_nobody = ["setpriv", "--reuid=nobody", "--clear-groups"] if os.geteuid() == 0 else []
            done = subprocess.run([*as_nobody, *command(path), "-r", SCRIPT, "--", SID, VALUE],
                                  input="\n", stdout=subprocess.PIPE, text=True, check=True)
        self.assertIn("password_file names in the save_path cannot be read: Permission denied",
                      done.stdout.replace("permission", "Permission"))

    def test_file_that_is_missing_or_malformed(self):
        server = self.server("tls", self.authority)
        bad = self.file("bad.pem", "this is no certificate\n")
        encrypted = self.authority.issue("encrypted", (), passphrase=PASSWORD)
        key = f"local_cert={encrypted.path}&local_pk={encrypted.key_path}"
        wrong = self.file("passphrase", "not-" + PASSWORD)
        self.assert_told({
            "no CA": (self.url(server.port, "cafile=/no/such.pem"), ["cafile", "cannot be read"]),
            "bad CA": (self.url(server.port, f"cafile={bad}"),
                       ["cafile", "no certificate in PEM format"]),
            "bad certificate": (self.url(server.port, f"local_cert={bad}"),
                                ["local_cert", "no certificate in PEM format"]),
            "bad ciphers": (self.url(server.port, "ciphers=NO-SUCH"), ["none of the ciphers"]),
            "no passphrase": (self.url(server.port, key), ["give passphrase_file"]),
            "wrong passphrase": (self.url(server.port, f"{key}&passphrase_file={wrong}"),
                                 ["the passphrase in passphrase_file does not open it"]),
        })


class Secrets(EncryptedTestCase):
    """A search of all that the extension tells for the password, the passphrase and the value."""

    PASSPHRASE = "a-passphrase-that-nobody-may-see"

    def setUp(self):
        super().setUp()
        client = self.authority.issue("client", (), passphrase=self.PASSPHRASE)
        self.parameters = "&".join([
            f"user=web&password_file={self.file('password', PASSWORD)}",
            f"local_cert={client.path}&local_pk={client.key_path}",
            f"passphrase_file={self.file('passphrase', self.PASSPHRASE)}", "persistent=1"])

    def assert_tells_no_secret(self, told):
        for secret in (PASSWORD, self.PASSPHRASE, VALUE):
            self.assertNotIn(secret, told)

    def told(self, save_path):
        """All that PHP prints and logs, about visits and about itself."""
        log = self.file("log", "")
        php = command(save_path, display_errors=1, log_errors=1, error_log=log,
                      error_reporting=32767, session__gc_maxlifetime=600)
        told = ""
        script = SCRIPT.replace("return true;", "return false;")
        self.assertNotEqual(script, SCRIPT)
        for more in (["-r", script, "--", SID, VALUE],
                     ["-r", script + " phpinfo();", "--", SID, "another value"],
                     ["--ri", "memcache_session"]):
            done = subprocess.run([*php, *more], input="\n\n", stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=True, timeout=30)
            told += done.stdout
        with open(log, encoding="utf-8") as lines:
            return told + lines.read()

    def test_nothing_that_is_printed_or_logged_has_a_secret(self):
        well = self.password_server("well", self.authority)
        url = self.url(well.port, self.parameters)
        told = self.told(url)
        self.assertIn('"closed":true', told)
        self.assertIn("password_file", told, "the parameter is shown, but not the password")
        self.assert_tells_no_secret(told)
        plain = self.server("plain")
        with Says(b"SSH-2.0-x\r\n", first=True) as ssh:
            for bad in (self.url(ssh.port, self.parameters), self.url(plain.port, self.parameters),
                        self.url(well.port, self.parameters, host="localhost"),
                        f"{url}&user=web", f"{url}&unknown=1"):
                told = self.told(bad)
                self.assertIn('"opened":false', told)
                self.assert_tells_no_secret(told)
        self.file("password", f"{PASSWORD}x")
        told = self.told(url)
        self.assertIn('"opened":false', told)
        self.assert_tells_no_secret(told)

    def test_password_that_a_server_repeats_is_not_told(self):
        # A server without -Y may quote what it does not understand.
        with Says(f"CLIENT_ERROR I do not know web {PASSWORD}\r\n".encode(), first=False) as echo:
            self.assert_tells_no_secret(self.told(
                self.url(echo.port, self.parameters.partition("&local_cert")[0], scheme="tcp")))

    def test_lock_of_an_open_session_has_no_secret(self):
        server = self.server("open", self.authority)
        hold = "session_id($argv[1]); session_start(); echo 'held', PHP_EOL; fgets(STDIN);"
        path = self.url(server.port, self.parameters)
        with subprocess.Popen([*command(path), "-r", hold, "--", SID], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as php:
            self.assertEqual(php.stdout.readline(), "held\n")
            lock = server.item(f"{SID}.lock")
            php.communicate("\n")
        self.assertIsNotNone(lock)
        self.assert_tells_no_secret(lock[1].decode())
