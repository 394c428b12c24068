#!/usr/bin/python3
"""The pages hang together: every page of docs can be reached from docs/README.md, every link leads somewhere, every file that
a page names exists, every quoted piece of a file is up to date, the changelog begins with the version, and lines of prose fit 100 characters.

A link leads to a file or folder of the project, to a heading (GitHub's anchors), or to the web, which is not looked at. An
HTML comment "<!-- file: PATH -->" before a code block says that the block is a piece of that file.
"""
import pathlib
import posixpath
import re
import tempfile
import unittest

from prose import prose_lines
from sources import ROOT, pages

LONGEST_LINE = 100
# Lines of prose that are longer. The number may fall and never rise.
LONG_LINES = 0

INDEX = "docs/README.md"
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
NAMED_FILE = re.compile(r"`((?:models|partition|sim|analysis|tests|scenarios|docs|cmake|\.ci)/[\w./-]*)(?::\d+)?`")
# Files of features to come.
NOT_YET = {"sim/study/sweep.cpp", "sim/training"}
QUOTE = re.compile(r"^<!-- file: (\S+) -->\n+```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def links(page):
    """Pairs of a line's number and the target of a link on it, of a page's text."""
    text = re.sub(r"^( *)```.*?^ *```$", lambda block: "\n" * block[0].count("\n"), page, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`]*`", lambda code: "\n" * code[0].count("\n") + "code", text)
    return [(text.count("\n", 0, match.start()) + 1, match[1]) for match in LINK.finditer(text)]


def anchors(page):
    """The anchors that GitHub gives the headings of a page's text."""
    found, seen = set(), {}
    for _, line in prose_lines(page):
        if heading := re.fullmatch(r"#{1,6} (.*?)\s*", line):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
            anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            seen[anchor] = seen.get(anchor, -1) + 1
            found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
    return found


def target_of(file, link):
    """The path and the anchor that a link on FILE leads to; the path is None on the web."""
    if re.match(r"[a-z]+:", link):
        return None, ""
    path, _, anchor = link.partition("#")
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), path)) if path else file, anchor


def broken_links(root, files):
    errors = []
    for file in files:
        for line, link in links(pathlib.Path(root, file).read_text(encoding="utf-8")):
            path, anchor = target_of(file, link)
            if path is None:
                continue
            found = pathlib.Path(root, path)
            if path.startswith("..") or not found.exists():
                errors.append(f"{file}:{line}: {link} leads nowhere")
            elif anchor and anchor not in (anchors(found.read_text(encoding="utf-8")) if path.endswith(".md") else ()):
                errors.append(f"{file}:{line}: {link}: {path} has no heading of this name")
    return errors


def unreached(root, files):
    """The pages of docs among FILES to which no path of links leads from the index."""
    reached, to_visit = set(), [INDEX]
    while to_visit:
        file = to_visit.pop()
        if file in reached or file not in files:
            continue
        reached.add(file)
        to_visit += [target_of(file, link)[0] for _, link in links(pathlib.Path(root, file).read_text(encoding="utf-8"))]
    return [file for file in files if file.startswith("docs/") and file not in reached]


def missing_files(root, files):
    """The files and folders that pages name in code, by their paths from the top, and that do not exist. Programs of the tests
    are named as in the build folder."""
    errors, cmake = [], pathlib.Path(root, "tests/CMakeLists.txt")
    programs = re.findall(r"add_executable\((\w+)", cmake.read_text(encoding="utf-8")) if cmake.exists() else []
    known = NOT_YET.union(f"tests/{program}" for program in programs)
    for file in files:
        page = pathlib.Path(root, file).read_text(encoding="utf-8")
        for match in NAMED_FILE.finditer(page):
            if match[1] not in known and not pathlib.Path(root, match[1]).exists():
                errors.append(f"{file}:{page.count(chr(10), 0, match.start()) + 1}: there is no {match[1]}")
    return errors


def outdated_quotes(root, files):
    errors = []
    for file in files:
        page = pathlib.Path(root, file).read_text(encoding="utf-8")
        if page.count("<!-- file:") != len(QUOTE.findall(page)):
            errors.append(f"{file}: a comment 'file:' without a code block after it")
        for path, block in QUOTE.findall(page):
            quoted = pathlib.Path(root, path)
            if not quoted.is_file() or block not in quoted.read_text(encoding="utf-8"):
                errors.append(f"{file}: the block of {path} is no piece of that file")
    return errors


def long_lines(root, files):
    return [f"{file}:{number}: {len(line)} characters" for file in files
            for number, line in prose_lines(pathlib.Path(root, file).read_text(encoding="utf-8")) if len(line) > LONGEST_LINE]


class Docs(unittest.TestCase):
    maxDiff = None

    def test_every_page_is_reached_from_the_index(self):
        self.assertEqual(unreached(ROOT, pages()), [])

    def test_every_link_leads_somewhere(self):
        files = pages()
        self.assertGreater(sum(len(links(pathlib.Path(ROOT, file).read_text(encoding="utf-8"))) for file in files), 80)
        self.assertEqual(broken_links(ROOT, files), [])

    def test_every_named_file_exists(self):
        self.assertEqual(missing_files(ROOT, pages()), [])

    def test_quoted_pieces_of_files_are_up_to_date(self):
        self.assertEqual(outdated_quotes(ROOT, pages()), [])

    def test_the_changelog_begins_with_the_version(self):
        version = re.search(r"project\(offcut VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
        self.assertEqual(re.findall(r"^## (.*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[0], version)

    def test_lines_of_prose_fit(self):
        found = long_lines(ROOT, pages())
        self.assertLessEqual(len(found), LONG_LINES, "\n".join([f"{len(found)} lines of prose are too long:", *found]))
        self.assertEqual(len(found), LONG_LINES, "fewer long lines are left: lower LONG_LINES")


class Planted(unittest.TestCase):
    def errors(self, check, **texts):
        """The errors of CHECK in a tree of these texts: docs__a_md="..." is docs/a.md."""
        with tempfile.TemporaryDirectory(prefix="offcut-structure-") as folder:
            files = [name.replace("__", "/").replace("_", ".") for name in texts]
            for file, text in zip(files, texts.values()):
                pathlib.Path(folder, file).parent.mkdir(parents=True, exist_ok=True)
                pathlib.Path(folder, file).write_text(text, encoding="utf-8")
            return check(folder, [file for file in files if file.endswith(".md")])

    def test_pages_without_a_link_are_found(self):
        self.assertEqual(self.errors(unreached, docs__README_md="[a](a.md), `[d](d.md)`\n```text\n[e](e.md)\n```\n", docs__a_md="[b](x/b.md#c)",
                                     docs__x__b_md="[up](../README.md)", docs__d_md="[a](a.md)", docs__e_md="", c_md=""), ["docs/d.md", "docs/e.md"])

    def test_broken_links_are_found(self):
        page = "# One `two`: 3\n\n[a](b.md) [c](#one-two-3)\n[d](#two) ![e](f.png) [web](https://example.org/#x)\n[g](g.md#none) [h](../../h.md)\n"
        found = self.errors(broken_links, docs__a_md=page, docs__g_md="# None here\n")
        self.assertEqual([error.split(": ")[0] + " " + error.split(" ")[1].rstrip(":") for error in found],
                         ["docs/a.md:3 b.md", "docs/a.md:4 #two", "docs/a.md:4 f.png", "docs/a.md:5 g.md#none", "docs/a.md:5 ../../h.md"])

    def test_repeated_headings_have_numbered_anchors(self):
        self.assertEqual(anchors("# A b\n## A b\n```text\n# c\n```\n## [D](e.md), f!\n"), {"a-b", "a-b-1", "d-f"})

    def test_missing_files_are_found(self):
        page = "`docs/a.md`\n`sim/none.cpp` `sim/engine/x.h:3` sim/none.h `sim/study/sweep.cpp` `docs/` `tests/bench` `tests/other`\n"
        found = self.errors(missing_files, docs__a_md=page, sim__engine__x_h="", tests__CMakeLists_txt="add_executable(bench bench.cpp)\n")
        self.assertEqual(found, ["docs/a.md:2: there is no sim/none.cpp", "docs/a.md:2: there is no tests/other"])

    def test_outdated_quotes_are_found(self):
        code = "int a;\nint b;\n"
        page = "<!-- file: docs/a.cpp -->\n```cpp\n{}```\n"
        self.assertEqual(self.errors(outdated_quotes, a_md=page.format("int b;\n"), docs__a_cpp=code), [])
        self.assertEqual(len(self.errors(outdated_quotes, a_md=page.format("int c;\n"), docs__a_cpp=code)), 1)
        self.assertEqual(len(self.errors(outdated_quotes, a_md=page.format("int b;\n"))), 1)
        self.assertEqual(len(self.errors(outdated_quotes, a_md="<!-- file: docs/a.cpp -->\n", docs__a_cpp=code)), 1)

    def test_long_lines_are_found(self):
        long = "x" * 101
        found = self.errors(long_lines, a_md=f"{long}\n| {long} |\n```text\n{long}\n```\n- {long[3:]}\n  - {long}\n{long[1:]}\n")
        self.assertEqual([place.split(": ")[0] for place in found], ["a.md:1", "a.md:7"])


if __name__ == "__main__":
    unittest.main()
