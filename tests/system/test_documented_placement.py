"""docs/protocol.md, "Buckets" and "The rings of libmemcached", followed step by step: a client that
is made by the page finds sessions where pecl/memcache and php-memcached stored them. The code here
knows nothing but that page.
"""

import hashlib
import os
import re
import struct
import unittest
import urllib.parse
import zlib

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def text_of(path):
    with open(os.path.join(ROOT, path), encoding="ascii") as file:
        return file.read()


def hash_of(function, text):
    if function == "crc32":
        return zlib.crc32(text)
    value = 0x811c9dc5
    for byte in text:
        value ^= byte if byte < 128 else byte | 0xffffff00
        value = value * 0x01000193 & 0xffffffff
    return value


class Table:
    """The buckets of servers, which are (name, weight)."""

    def __init__(self, strategy, function, servers):
        self.strategy, self.function, self.server_count = strategy, function, len(servers)
        if strategy == "standard":
            self.buckets = [place for place, (_, weight) in enumerate(servers)
                            for _ in range(weight)]
            return
        points = sorted((hash_of(function, f"{name}-{i}".encode()), place)
                        for place, (name, weight) in enumerate(servers)
                        for i in range(160 * weight))
        self.buckets, at = [], 0
        for bucket in range(1024):
            while at < len(points) and points[at][0] < bucket * 4194303:
                at += 1
            self.buckets.append(points[at % len(points)][1])

    def bucket_of(self, value):
        if self.strategy == "consistent":
            return value % 1024
        return ((value >> 16 & 0x7fff) or 1) % len(self.buckets)

    def preference_list(self, key):
        met, reachable = [], len(set(self.buckets))
        for step in range(50000):
            if len(met) == reachable:
                break
            server = self.buckets[self.bucket_of(hash_of(self.function, key + b"-%d" % step))]
            if server not in met:
                met.append(server)
        return met + [place for place in range(self.server_count) if place not in met]


def md5_of(text):
    return struct.unpack("<4I", hashlib.md5(text).digest())


def jenkins_of(text):
    value = 0
    for byte in text:
        value += byte if byte < 128 else byte | 0xffffff00
        value = value + (value << 10) & 0xffffffff
        value ^= value >> 6
    value = value + (value << 3) & 0xffffffff
    value ^= value >> 11
    return value + (value << 15) & 0xffffffff


def rounded(value):
    """The float of 32 bits that is nearest."""
    return struct.unpack("f", struct.pack("f", value))[0]


class Ring:
    """A ring of libmemcached. Servers are (name, weight)."""

    def __init__(self, strategy, servers):
        self.strategy, self.count = strategy, len(servers)
        total = sum(weight for _, weight in servers)
        self.points = sorted((value, place) for place, (name, weight) in enumerate(servers)
                             for value in self.points_of(name, weight, total))

    def points_of(self, name, weight, total):
        if self.strategy == "ketama_unweighted":
            return [jenkins_of(b"%s-%d" % (name.encode(), n)) for n in range(100)]
        texts = 0
        if self.strategy == "ketama":
            share = rounded(rounded(rounded(weight / total) * 160) / 4)
            texts = int(rounded(rounded(share * self.count) + 1e-10))
        return [value for n in range(texts) for value in md5_of(b"%s-%d" % (name.encode(), n))]

    def first(self, key):
        value = md5_of(key)[0] if self.strategy == "ketama" else jenkins_of(key)
        if self.strategy == "modula":
            return value % self.count
        return next((place for point, place in self.points if point >= value), self.points[0][1])


def name_of(url):
    """The name of a server by its URL in the recorded placements."""
    url = url.partition("?")[0]
    return url.removeprefix("tcp://") if url.startswith("tcp://") else \
        url.removesuffix(":0") + ":0"


class DocumentedPlacement(unittest.TestCase):
    def test_every_list_of_pecl_memcache_follows_from_the_page(self):
        ids, compared, table, place = [], 0, None, 0
        for line in text_of("tests/unit/data/pecl_placement.txt").splitlines():
            words = [word for word in line.split() if word != "dead"]
            if line.startswith("#"):
                continue
            if words[0] == "id":
                ids.append(urllib.parse.unquote_to_bytes(words[1]))
            elif words[0] == "pool":
                servers = [(name_of(url), int(weight))
                           for url, weight in zip(words[4::2], words[5::2])]
                table, place = Table(words[1], words[2], servers), 0
            else:
                for word in words:
                    found = table.preference_list(ids[place])
                    for server, digit in zip(found, word):
                        self.assertIn(digit, (DIGITS[server], "."), (line, ids[place]))
                    compared, place = compared + 1, place + 1
        quoted, = re.findall(r"has ([\d,]+) lists that pecl/memcache itself made",
                             text_of("docs/protocol.md"))
        self.assertEqual(f"{compared:,}", quoted)

    def test_the_quoted_values_follow_from_the_page(self):
        page = text_of("docs/protocol.md")
        servers = [("127.0.0.1:21001", 1), ("127.0.0.1:21002", 2), ("127.0.0.1:21003", 3)]
        rows = re.findall(r"^\| (consistent|standard) \| (\w+) \| `(.+)` \| (\d+) \| (\d+) \| "
                          r"([\d, ]+) \|$", page, re.MULTILINE)
        self.assertEqual(len(rows), 9)
        for strategy, function, key, value, bucket, listed in rows:
            table = Table(strategy, function, servers)
            key = key.encode()
            found = table.preference_list(key)
            with self.subTest(strategy=strategy, function=function, key=key):
                self.assertEqual(hash_of(function, key + b"-0"), int(value))
                self.assertEqual(table.bucket_of(int(value)), int(bucket))
                self.assertEqual(", ".join(map(str, found)), listed)
        first = ", ".join(map(str, Table("consistent", "crc32", servers).buckets[:10]))
        self.assertIn(f"are those of the servers {first}", page)
        for function, text in (("crc32", b"123456789"), ("fnv", b"a"), ("fnv", b"\x80")):
            self.assertIn(str(hash_of(function, text)), page)

    def test_the_quoted_places_of_libmemcached_follow_from_the_page(self):
        servers = [("127.0.0.1:21001", 1), ("127.0.0.1:21002", 2), ("127.0.0.1:21003", 3)]
        rows = re.findall(r"^\| `(.+)` \| (\d+) \| (\d) \| (\d) \| (\d) \|$",
                          text_of("docs/protocol.md"), re.MULTILINE)
        self.assertEqual(len(rows), 6)
        for key, value, *places in rows:
            with self.subTest(key=key):
                self.assertEqual(md5_of(key.encode())[0], int(value))
                for strategy, place in zip(("ketama", "ketama_unweighted", "modula"), places):
                    self.assertEqual(Ring(strategy, servers).first(key.encode()), int(place))
