"""Certificates that tests make by openssl, as docs/encryption.md makes them."""

import os
import subprocess

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


class Certificate:
    """A certificate and its key, as the PEM files that servers and clients read."""

    def __init__(self, folder, name):
        self.path = os.path.join(folder, f"{name}.pem")
        self.key_path = os.path.join(folder, f"{name}.key")

    def replace_by(self, other):
        """Puts another certificate and its key into these files, as a renewal does."""
        for ours, theirs in ((self.key_path, other.key_path), (self.path, other.path)):
            os.replace(theirs, ours)


class Authority:
    """A CA with its files in `folder`, which servers that run as another user can read."""

    def __init__(self, folder, name="ca"):
        self._folder = folder
        self._ca = Certificate(folder, name)
        # Strict clients ask of a CA that it says what its key is for.
        self._request("-x509", self._ca, name, [], "-days", "30",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    @property
    def path(self):
        """What clients name as cafile."""
        return self._ca.path

    def issue(self, name, subjects=("IP:127.0.0.1",), days=30, passphrase=None):
        """A certificate for `subjects`, each of the form IP:10.0.0.1 or DNS:cache1.

        days: negative for a certificate that has expired. passphrase: encrypts the key by it.
        """
        issued = Certificate(self._folder, name)
        request = Certificate(self._folder, f"{name}-request")
        self._request("-new", issued, name, subjects, request=request)
        _openssl("x509", "-req", "-in", request.path, "-CA", self._ca.path, "-CAkey",
                 self._ca.key_path, "-copy_extensions", "copy", "-days", str(days),
                 "-out", issued.path)
        if passphrase is not None:
            encrypted = f"{issued.key_path}-encrypted"
            _openssl("pkey", "-in", issued.key_path, "-aes256", "-passout", f"pass:{passphrase}",
                     "-out", encrypted)
            os.replace(encrypted, issued.key_path)
            os.chmod(issued.key_path, 0o644)
        return issued

    def self_signed(self, name, subjects=("IP:127.0.0.1",)):
        """A certificate that nobody but itself vouches for."""
        signed = Certificate(self._folder, name)
        self._request("-x509", signed, name, subjects, "-days", "30")
        return signed

    @staticmethod
    def _request(kind, certificate, name, subjects, *options, request=None):
        named = ["-addext", "subjectAltName=" + ",".join(subjects)] if subjects else []
        _openssl("req", kind, *KEY, "-subj", f"/CN={name}", *named, *options,
                 "-keyout", certificate.key_path, "-out", (request or certificate).path)
        os.chmod(certificate.key_path, 0o644)
