"""TLS and passwords, as a PHP process without a web server sees them."""

import json
import os
import ssl
import subprocess

from certificates import Authority
from encrypted import PASSWORD, SID, VALUE, EncryptedTestCase, Php, command
from middle import Middle, Staller

# What a call may take beyond the two timeouts that it has.
OVERHEAD_S = 0.4
ANSWER_DELAY_S = 0.05
ASK = "echo json_encode(array_column(memcache_session_status(true)['servers'], 'asked'));"
FORK = r"""
session_id($argv[1]);
session_start();
$_SESSION['n'] = 1;
session_write_close();
$child = pcntl_fork();
session_start();
$_SESSION['n']++;
session_write_close();
if ($child === 0) {
    exit(count(array_filter([error_get_last()])));
}
pcntl_waitpid($child, $status);
session_start();
echo json_encode([$_SESSION['n'], $status, error_get_last()]);
session_write_close();
"""


class Visits(EncryptedTestCase):
    def test_servers_of_each_kind_keep_sessions(self):
        trusted = self.authority
        plain = self.password_server("password")
        both = self.password_server("password-and-tls", trusted)
        tls = self.server("tls", trusted)
        self.file("password", PASSWORD + "\n")
        login = f"user=web&password_file={self.file('password')}&persistent=1"
        for name, save_path in {
                "TLS": self.url(tls.port, "persistent=1"),
                "TLS 1.3": self.url(tls.port, "min_version=1.3"),
                "ciphers": self.url(tls.port, "ciphers=ECDHE-ECDSA-AES256-GCM-SHA384"),
                "as phpredis writes it": self.url(tls.port, f"stream[cafile]={trusted.path}"),
                "unverified": self.url(tls.port, "verify_peer=0&verify_peer_name=0&cafile="
                                       + trusted.path, host="localhost"),
                "another name": self.url(tls.port, "peer_name=127.0.0.1", host="localhost"),
                "password": self.url(plain.port, login, scheme="tcp"),
                "password in TLS": self.url(both.port, login),
                "all": ",".join([self.url(plain.port, login, scheme="tcp"),
                                 self.url(both.port, login), self.url(tls.port)])}.items():
            with self.subTest(name):
                self.assert_works(save_path)

    def test_servers_of_each_kind_tell_of_themselves_when_asked(self):
        plain = self.password_server("asked-password")
        both = self.password_server("asked-both", self.authority)
        tls = self.server("asked-tls", self.authority)
        mutual = self.server("asked-mutual", self.authority, more=(
            "-o", f"ssl_verify_mode=2,ssl_ca_cert={self.authority.path}"))
        self.file("password", PASSWORD + "\n")
        login = f"user=web&password_file={self.file('password')}"
        save_path = ",".join([self.url(plain.port, login, scheme="tcp"), self.url(both.port, login),
                              self.url(tls.port), self.url(mutual.port),
                              self.url(tls.port, "peer_name=elsewhere", host="localhost")])
        output = subprocess.run([*command(save_path), "-r", ASK], check=True, capture_output=True,
                                text=True, timeout=30)
        self.assertNotIn(PASSWORD, output.stdout + output.stderr)
        *well, stranger, misnamed = json.loads(output.stdout)
        for server in well:
            self.assertIsNone(server["error"])
            self.assertRegex(server["version"], r"^1\.\d+\.\d+")
            self.assertGreaterEqual(server["connections"], 1)
        for server, words in (stranger, "certificate"), (misnamed, "another name"):
            self.assertIn(words, server["error"])
            self.assertEqual([name for name, value in server.items() if value is not None],
                             ["error"])

    def test_password_that_a_server_does_not_ask_for_is_not_kept_there(self):
        server = self.server("asks-for-nothing", self.authority)
        self.file("password", PASSWORD)
        self.assert_works(self.url(server.port, "user=web&password_file=" + self.file("password")))
        self.assertIsNone(server.item("memcache_session.login"))
        self.assertEqual(server.items(), 1, "the session alone is stored")

    def test_client_with_a_certificate_and_an_encrypted_key_is_let_in(self):
        server = self.server("mutual", self.authority, more=(
            "-o", f"ssl_verify_mode=2,ssl_ca_cert={self.authority.path}"))
        client = self.authority.issue("client", ())
        encrypted = self.authority.issue("encrypted", (), passphrase=PASSWORD)
        self.file("passphrase", PASSWORD + "\n")
        # Two connections each: memcached refuses to resume a session of such a client.
        self.assert_works(self.url(
            server.port, f"local_cert={client.path}&local_pk={client.key_path}&persistent=0"))
        self.assert_works(self.url(
            server.port, f"local_cert={encrypted.path}&local_pk={encrypted.key_path}"
                         f"&passphrase_file={self.file('passphrase')}&persistent=0"))
        self.assertTrue(self.refusal(self.url(server.port)))

    def test_files_that_change_count_for_new_connections_without_a_restart(self):
        another = Authority(self.listeners.folder, "another-ca")
        server = self.server("renewed", self.authority)
        trusted = self.file("trusted.pem")
        self.copy(self.authority.path, trusted)
        self.file("password", "wrong")
        asking = self.password_server("asking")
        renewed = self.url(server.port, f"retry_interval=0&cafile={trusted}")
        with Php(renewed) as php, Php(self.url(
                asking.port, "retry_interval=0&user=web&password_file=" + self.file("password"),
                scheme="tcp")) as with_password:
            self.assertTrue(php.visit()["closed"])
            self.assertFalse(with_password.visit()["opened"])
            server.certificate.replace_by(another.issue("newer"))
            server.kill()
            server.start()
            self.assertFalse(php.visit()["opened"])
            self.copy(another.path, trusted)
            self.file("password", PASSWORD)
            self.assertTrue(php.visit()["closed"])
            self.assertTrue(with_password.visit()["closed"])

    def copy(self, source, target):
        """Replaces a file by a copy of another, in one step."""
        with open(source, encoding="ascii") as file:
            text = file.read()
        os.replace(self.file("copy", text), target)

    def turns_of_three_visits(self, version, persistent):
        """The round trips of each visit, and how many of the connections were resumed."""
        plain = self.server(f"plain-{version}-{persistent}")
        with Middle(plain.port, self.authority.issue("tls"), version) as tls, \
                Middle(tls.port, delay_s=ANSWER_DELAY_S) as wire, \
                Php(self.url(wire.port, f"persistent={persistent}")) as php:
            turns = []
            for _ in range(3):
                before = wire.turns
                self.assertTrue(php.visit()["closed"])
                turns.append(wire.turns - before)
            return turns, tls.resumed

    def test_visit_costs_two_round_trips_and_a_new_connection_those_of_its_handshake(self):
        for version, persistent, turns, resumed in [
                (ssl.TLSVersion.TLSv1_3, 1, [3, 2, 2], 0),
                (ssl.TLSVersion.TLSv1_3, 0, [3, 3, 3], 2),
                (ssl.TLSVersion.TLSv1_2, 1, [4, 2, 2], 0),
                (ssl.TLSVersion.TLSv1_2, 0, [4, 3, 3], 2)]:
            with self.subTest(version=version.name, persistent=persistent):
                self.assertEqual(self.turns_of_three_visits(version, persistent),
                                 (turns, resumed))

    def test_forked_child_leaves_the_connection_of_its_parent_alone(self):
        server = self.server("forking", self.authority)
        with Middle(server.port) as middle:
            printed = subprocess.run(
                [*command(self.url(middle.port, "persistent=1")), "-r", FORK, "--", SID],
                stdout=subprocess.PIPE, text=True, check=True, timeout=30).stdout
            self.assertEqual((printed, middle.connections), ("[3,0,null]", 2))


class Handshakes(EncryptedTestCase):
    """Handshakes that take long, or do not end."""

    def test_stalled_and_half_closed_handshakes_keep_the_time_bound(self):
        server = self.server("stalled", self.authority)
        for bytes_max in (0, 3, 200):
            for half_closed in (False, True):
                with self.subTest(bytes_max=bytes_max, half_closed=half_closed), \
                        Staller(server.port, bytes_max=bytes_max, half_closed=half_closed) as slow:
                    seen = self.visit(self.url(slow.port, "timeout=0.3"))
                    self.assertFalse(seen["opened"], seen)
                    self.assertLess(seen["open_seconds"], 2 * 0.3 + OVERHEAD_S, seen)
                    self.assertIn("TLS", seen["text"])

    def test_handshakes_that_stall_run_in_parallel(self):
        server = self.server("stalled", self.authority)
        with Staller(server.port, bytes_max=200) as one, \
                Staller(server.port, bytes_max=0) as two, \
                Staller(server.port, bytes_max=3) as three:
            seen = self.visit(",".join(self.url(slow.port, "timeout=0.3")
                                       for slow in (one, two, three)),
                              memcache__session_redundancy=2)
        self.assertFalse(seen["opened"], seen)
        self.assertLess(seen["open_seconds"], 2 * 0.3 + OVERHEAD_S, seen)

    def test_server_that_is_stalled_for_all_is_replaced_within_the_time_bound(self):
        servers = [self.server(f"well-{number}", self.authority) for number in (1, 2)]
        with Staller(servers[0].port, bytes_max=200) as slow:
            seen = self.visit(",".join([self.url(slow.port, "timeout=0.3")] + [
                self.url(server.port, "timeout=0.3") for server in servers]))
            self.assertTrue(seen["closed"], seen)
            self.assertLess(seen["open_seconds"], 2 * 0.3 + OVERHEAD_S, seen)

    def test_handshake_that_comes_byte_by_byte_succeeds(self):
        server = self.server("slow", self.authority)
        with Staller(server.port, pause_s=0.0001) as slow:
            self.assert_works(self.url(slow.port, "timeout=10&persistent=1"))


class NothingBeforeThePeerIsVerified(EncryptedTestCase):
    def setUp(self):
        super().setUp()
        self.file("password", PASSWORD)
        self.login = f"user=web&password_file={self.file('password')}"
        self.memcached = self.password_server("behind")

    def heard_by(self, certificate, parameters=""):
        """What a man in the middle with this certificate hears: decrypted, and as it is sent."""
        with Middle(self.memcached.port, certificate) as inner, Middle(inner.port) as outer:
            seen = self.visit(self.url(outer.port, self.login + parameters))
        return seen, inner.heard, outer.heard

    def assert_hides(self, sent):
        for secret in (SID, VALUE, PASSWORD, "web"):
            self.assertNotIn(secret.encode(), sent)

    def test_man_in_the_middle_with_a_trusted_certificate_would_hear_all(self):
        seen, decrypted, sent = self.heard_by(self.authority.issue("trusted"))
        self.assertTrue(seen["closed"], seen)
        for secret in (SID, VALUE, PASSWORD):
            self.assertIn(secret.encode(), decrypted)
        self.assert_hides(sent)

    def test_man_in_the_middle_with_a_wrong_certificate_hears_nothing(self):
        another = Authority(self.listeners.folder, "another-ca")
        for certificate in (self.authority.self_signed("self-signed"), another.issue("untrusted"),
                            self.authority.issue("misnamed", ("IP:127.0.0.2", "DNS:cache1")),
                            self.authority.issue("expired", days=-1)):
            with self.subTest(certificate.path):
                seen, decrypted, sent = self.heard_by(certificate)
                self.assertFalse(seen["opened"], seen)
                self.assertEqual(decrypted, b"")
                self.assert_hides(sent)

    def test_plain_listener_behind_tls_hears_nothing(self):
        for server in (None, self.memcached.port):
            with Middle(server) as middle:
                seen = self.visit(self.url(middle.port, self.login))
            self.assertFalse(seen["opened"], seen)
            self.assertTrue(middle.heard.startswith(b"\x16\x03"), middle.heard)
            self.assert_hides(middle.heard)

    def test_password_without_tls_is_sent_and_no_session_before_it_is_accepted(self):
        self.file("password", "wrong")
        with Middle(self.memcached.port) as middle:
            seen = self.visit(self.url(middle.port, self.login, scheme="tcp"))
        self.assertFalse(seen["opened"], seen)
        self.assertIn(b"web wrong", middle.heard)
        for secret in (SID, VALUE):
            self.assertNotIn(secret.encode(), middle.heard)
