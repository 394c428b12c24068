#!/usr/bin/python3
"""CITATION.cff has the keys that its format (Citation File Format 1.2.0) requires and no others than it allows, and the version
and licence of the project. The Debian change log has that version, too.
"""
import re
import unittest

import yaml
from sources import ROOT

REQUIRED = {"cff-version", "message", "title", "authors"}
OPTIONAL = {"abstract", "commit", "contact", "date-released", "doi", "identifiers", "keywords", "license", "license-url",
            "preferred-citation", "references", "repository", "repository-artifact", "repository-code", "type", "url", "version"}
PERSON = {"family-names", "given-names", "name-particle", "name-suffix", "alias", "affiliation", "email", "orcid", "website"}
ENTITY = {"name", "alias", "email", "website"}


class Citation(unittest.TestCase):
    def setUp(self):
        self.citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
        self.version = re.search(r"project\(offcut VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]

    def test_keys(self):
        self.assertLessEqual(REQUIRED, self.citation.keys())
        self.assertLessEqual(self.citation.keys(), REQUIRED | OPTIONAL)
        self.assertEqual(self.citation["cff-version"], "1.2.0")
        self.assertEqual(self.citation["type"], "software")
        for key in REQUIRED - {"authors"} | {"abstract", "version", "license"}:
            self.assertTrue(isinstance(self.citation[key], str) and self.citation[key].strip(), key)
        self.assertTrue(self.citation["authors"])
        for author in self.citation["authors"]:
            self.assertTrue(author.keys() <= PERSON or "name" in author and author.keys() <= ENTITY, author)
        keywords = self.citation["keywords"]
        self.assertTrue(keywords and len(set(keywords)) == len(keywords) and all(isinstance(word, str) for word in keywords))

    def test_it_agrees_with_the_project(self):
        self.assertEqual(self.citation["version"], self.version)
        self.assertEqual(self.citation["license"], "MIT")
        self.assertTrue((ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License"))

    def test_change_logs_have_the_version(self):
        self.assertIn(f"\n## {self.version}\n", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
        self.assertTrue((ROOT / "cmake/debian/changelog").read_text(encoding="utf-8").startswith(f"offcut ({self.version}-1) "))


if __name__ == "__main__":
    unittest.main()
