"""composer.json keeps PIE's rules, and the check finds each breach."""

import copy
import json
import os
import sys
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.path.append(os.path.join(ROOT, "tools"))

import pie_rules  # noqa: E402  pylint: disable=wrong-import-position

# Each breaks one rule: the keys from the top, the value set there, and a word of the complaint.
BREACHES = [
    (["name"], "memcache_session", "name of a package"),
    (["type"], "library", "php-ext"),
    (["version"], "1.0.0", "tag"),
    (["require", "monolog/monolog"], "*", "neither php nor an extension"),
    (["php-ext", "extension-name"], "memcache-session", "extension-name"),
    (["php-ext", "extension_name"], "memcache_session", "no key"),
    (["php-ext", "support-zts"], "yes", "support-zts"),
    (["php-ext", "support-nts"], 1, "support-nts"),
    (["php-ext", "priority"], 9, "priority"),
    (["php-ext", "priority"], True, "priority"),
    (["php-ext", "download-url-method"], [], "download-url-method"),
    (["php-ext", "os-families"], ["Linux"], "os-families"),
    (["php-ext", "os-families"], [], "os-families"),
    (["php-ext", "os-families-exclude"], ["solaris"], "exclude each other"),
    (["php-ext", "configure-options", 0, "name"], "--with-zlib-dir", "name"),
    (["php-ext", "configure-options", 0, "name"], "with-zlib", "does not declare"),
    (["php-ext", "configure-options", 0, "needs-value"], False, "does not agree"),
    (["php-ext", "configure-options", 0, "default"], "auto", "no key"),
]


class Pie(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(ROOT, "composer.json"), encoding="utf-8") as composer:
            self.composer = json.load(composer)
        with open(os.path.join(ROOT, "config.m4"), encoding="utf-8") as config:
            self.config = config.read()

    def test_composer_json_keeps_every_rule(self):
        self.assertEqual(pie_rules.breaches(self.composer, self.config), [])

    def test_the_extension_is_named_as_its_module(self):
        name = self.composer["php-ext"]["extension-name"]
        self.assertIn(f"PHP_NEW_EXTENSION([{name}],", self.config)

    def test_each_breach_is_seen(self):
        for keys, value, complaint in BREACHES:
            broken = copy.deepcopy(self.composer)
            place = broken
            for key in keys[:-1]:
                place = place[key]
            place[keys[-1]] = value
            with self.subTest(keys=keys, value=value):
                found = pie_rules.breaches(broken, self.config)
                self.assertTrue(any(complaint in text for text in found), found)

    def test_an_extension_that_supports_no_php_is_seen(self):
        self.composer["php-ext"].update({"support-zts": False, "support-nts": False})
        self.assertEqual(pie_rules.breaches(self.composer, self.config),
                         ["php-ext: it can be installed nowhere"])
