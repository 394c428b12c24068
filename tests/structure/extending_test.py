#!/usr/bin/python3
"""The worked extensions of docs/extending are in the guide and in CONTRIBUTING.md, letter for letter: what is read there is what is
tested."""
import pathlib
import re
import unittest

from sources import ROOT

BLOCK = re.compile(r"^```cpp\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def differences(page, files):
    """What the C++ blocks of PAGE and FILES {name: text} do not have in common."""
    blocks = BLOCK.findall(page)
    return ([f"{name} is not quoted" for name, text in files.items() if text not in blocks]
            + [f"no file has this block:\n{block}" for block in blocks if block not in files.values()])


class ExtendingTest(unittest.TestCase):
    def test_the_pages_quote_the_files_and_nothing_else(self):
        files = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
                 for file in sorted(pathlib.Path(ROOT, "docs/extending").glob("*.cpp"))}
        self.assertGreaterEqual(len(files), 3)
        pages = [ROOT / name for name in ("docs/guide/5-own-algorithm.md", "CONTRIBUTING.md")]
        self.assertEqual(differences("\n".join(page.read_text(encoding="utf-8") for page in pages), files), [])

    def test_a_file_that_is_not_quoted_and_a_block_that_is_no_file_are_found(self):
        page = "Text.\n\n```cpp\nint a;\n```\n\n```console\n$ ls\n```\n"
        self.assertEqual(differences(page, {"a.cpp": "int a;\n"}), [])
        self.assertEqual(differences(page, {"a.cpp": "int  a;\n"}),
                         ["a.cpp is not quoted", "no file has this block:\nint a;\n"])


if __name__ == "__main__":
    unittest.main()
