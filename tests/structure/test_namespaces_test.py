#!/usr/bin/python3
"""The cases of every file of tests are in a namespace of the file's name.

A build for users compiles several test files as one, so that helpers of the same name in two files would clash.
"""
import pathlib
import re
import unittest

from sources import ROOT

NAMESPACE = re.compile(r"^namespace ([\w:]+) \{$")


def misplaced(text, stem):
    """The lines of cases outside of a namespace that ends in STEM."""
    lines, namespace = [], ""
    for number, line in enumerate(text.splitlines(), 1):
        opened = NAMESPACE.match(line)
        namespace = opened.group(1) if opened else namespace
        if line.startswith("TEST_CASE") and namespace.rpartition("::")[2] != stem:
            lines.append(number)
    return lines


class TestNamespaces(unittest.TestCase):
    def test_files_have_namespaces_of_their_own(self):
        files = [file for file in (ROOT / "tests").rglob("*_test.cpp") if file.stem != "extending_test"]
        self.assertGreater(len(files), 300)
        for file in files:
            with self.subTest(file.relative_to(ROOT)):
                self.assertEqual(misplaced(file.read_text(encoding="utf-8"), file.stem), [])

    def test_cases_elsewhere_are_found(self):
        text = 'namespace offcut::a_test {\nTEST_CASE("x") {}\n}\nnamespace offcut {\nTEST_CASE("y") {}\n}\n'
        self.assertEqual(misplaced(text, "a_test"), [5])
        self.assertEqual(misplaced('TEST_CASE("x") {}\n', pathlib.Path("b_test.cpp").stem), [1])


if __name__ == "__main__":
    unittest.main()
