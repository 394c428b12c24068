#!/usr/bin/python3
"""The guide keeps its form, and what it says of validation does not rot: on the page on trust, each figure of a table's row stands
in the linked section of the linked page, each test exists and is one that ctest runs, unless the row says "by hand", and no test of
theory and no published result is forgotten.

A figure is a number that begins a word, with "%" if that follows. Tables have the columns "page" and "test".
"""
import pathlib
import re
import unittest

from docs_test import anchors, target_of
from prose import prose_lines
from sources import ROOT

GUIDE = ROOT / "docs/guide"
TRUST = "docs/guide/8-trust.md"
LONGEST_PAGE = 150
FIGURE = re.compile(r"(?<![^\s(])\d+(?:,\d{3})*(?:\.\d+)?(?:e-\d+)?(?: %)?")
# Tests whose every file the page names.
COMPLETE = ("tests/theory", "tests/differential", "tests/conformance", "tests/families")
# Headings of papers.md that have no result of their own.
NO_RESULT = {"training-spread-over-devices"}


def rows(page):
    """The rows of a page's tables with a column "test", as maps from the column's name to the cell."""
    found, header = [], None
    for line in page.splitlines():
        if not line.startswith("| "):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip()[1:-1].split("|")]
        if header is None:
            header = cells
        elif not set(line) <= set("|- :") and "test" in header:
            found.append(dict(zip(header, cells)))
    return found


def figures(row):
    return [figure for column, cell in row.items() if column not in ("page", "test")
            for figure in FIGURE.findall(re.sub(r"`[^`]*`", "", cell))]


def section(page, anchor):
    """The text below the heading of this anchor, up to the next one that is not deeper, on one line."""
    lines, depth = [], None
    heading_depth = {}
    for number, line in prose_lines(page):
        if match := re.match(r"(#+) ", line):
            heading_depth[number] = len(match[1])
    for number, line in enumerate(page.splitlines(), 1):
        if number in heading_depth:
            if depth and heading_depth[number] <= depth:
                break
            if anchor in anchors(line + "\n"):
                depth = heading_depth[number]
        if depth:
            lines.append(line)
    return " ".join(" ".join(lines).split())


def stands_in(figure, text):
    return re.search(rf"(?<![\d.]){re.escape(figure)}(?!\d|[.,]\d)", text) is not None


def is_run(test, cmake):
    """Whether ctest runs a file of tests or a program, by its path."""
    path = pathlib.Path(test)
    if path.suffix == ".cpp":
        return path.name.endswith("_test.cpp") and path.parts[0] == "tests" and re.search(rf"^offcut_(slow_)?test\({path.parts[1]}\b", cmake, re.M) is not None
    if test.startswith("tests/sim/cli/"):
        names = re.search(r"foreach\(name IN ITEMS (adapt_chaos[^)]*)\)", cmake)[1].split()
        return path.stem.removesuffix("_test") in names
    return test.removeprefix("tests/") in cmake


class Trust(unittest.TestCase):
    def setUp(self):
        self.page = (ROOT / TRUST).read_text(encoding="utf-8")
        self.rows = rows(self.page)
        self.cmake = (ROOT / "tests/CMakeLists.txt").read_text(encoding="utf-8")

    def test_every_figure_stands_in_its_section(self):
        self.assertGreater(len(self.rows), 35)
        count = 0
        for row in self.rows:
            link = re.search(r"\]\(([^)]*)\)", row["page"])[1]
            file, anchor = target_of(TRUST, link)
            text = section((ROOT / file).read_text(encoding="utf-8"), anchor)
            with self.subTest(link):
                self.assertGreater(len(text), 100, "no such section")
            for figure in figures(row):
                count += 1
                with self.subTest(f"{link}: {figure}"):
                    self.assertTrue(stands_in(figure, text), row)
        self.assertGreater(count, 80)

    def test_every_test_exists_and_is_run(self):
        for before, row in zip([None, *self.rows], self.rows):
            cell = row["test"] if row["test"] != "the same" else before["test"]
            tests = re.findall(r"`([^`]*)`", cell)
            with self.subTest(row):
                self.assertTrue(tests or "by hand" in cell)
                for test in tests:
                    self.assertTrue((ROOT / test).is_file(), test)
                    self.assertEqual(is_run(test, self.cmake), not cell.startswith("by hand: "), test)

    def test_no_test_of_theory_is_forgotten(self):
        for folder in COMPLETE:
            for file in (ROOT / folder).glob("*_test.cpp"):
                with self.subTest(file.name):
                    self.assertIn(f"`{file.relative_to(ROOT)}`", self.page)

    def test_no_published_result_is_forgotten(self):
        papers = (ROOT / "docs/papers.md").read_text(encoding="utf-8")
        for anchor in anchors(papers) - NO_RESULT:
            with self.subTest(anchor):
                self.assertIn(f"papers.md#{anchor})", self.page)


class Form(unittest.TestCase):
    def test_pages_are_short_say_what_they_give_and_are_listed_in_order(self):
        pages = sorted(GUIDE.glob("[0-9]*.md"))
        for page in pages:
            with self.subTest(page.name):
                lines = page.read_text(encoding="utf-8").splitlines()
                self.assertLessEqual(len(lines), LONGEST_PAGE)
                self.assertTrue(lines[0].startswith(f"# {page.name[0]} "))
                self.assertTrue(lines[2].startswith("At the end you will "))
        index = (GUIDE / "README.md").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"^\| \[\d [^\]]*\]\(([^)]*)\)", index, re.MULTILINE), [page.name for page in pages])


class Reading(unittest.TestCase):
    TABLE = "| what | error | page | test |\n| --- | --- | --- | --- |\n| 3 T4 | 1.5 % (2,000), `5` | [a](b.md) | `c` |\n"

    def test_rows_and_figures(self):
        row, = rows("# A\n\n" + self.TABLE + "\n| other |\n| --- |\n| 7 |\n")
        self.assertEqual(row["page"], "[a](b.md)")
        self.assertEqual(figures(row), ["3", "1.5 %", "2,000"])

    def test_figures_begin_words(self):
        self.assertEqual(figures({"what": "int8 D/D^b/1 below 5.3e-03; 10 to 44 %, 3.5x, 7.1e-7."}),
                         ["5.3e-03", "10", "44 %", "3.5", "7.1e-7"])

    def test_sections_end_at_the_next_heading_of_their_depth(self):
        page = "# A\n\none\n\n## B c\n\ntwo\n\n### D\n\nthree\n\n## E\n\nfour\n"
        self.assertEqual(section(page, "b-c"), "## B c two ### D three")
        self.assertIn("four", section(page, "a"))
        self.assertEqual(section(page, "none"), "")

    def test_a_figure_is_no_part_of_another(self):
        self.assertTrue(stands_in("12 %", "of -12 %, below 15 %"))
        self.assertFalse(stands_in("12 %", "of 112 %, 0.12 %, 12.5 %"))
        self.assertFalse(stands_in("2", "2,000 or 2.5"))

    def test_a_test_that_is_not_registered_is_found(self):
        cmake = "offcut_slow_test(theory x)\nforeach(name IN ITEMS adapt_chaos plan)\n${X}/validation/v.py\n"
        self.assertTrue(is_run("tests/theory/a_test.cpp", cmake))
        self.assertTrue(is_run("tests/sim/cli/plan_test.py", cmake))
        self.assertTrue(is_run("tests/validation/v.py", cmake))
        for test in ("tests/theory/a.cpp", "tests/other/a_test.cpp", "tests/sim/cli/sweep_test.py", "tests/bench/b.py"):
            self.assertFalse(is_run(test, cmake), test)


if __name__ == "__main__":
    unittest.main()
