#!/usr/bin/python3
"""The voice of comments, messages and pages: each count below may fall and never rise.

A budget far above its count is an error, too, so that a count that has fallen stays low. With --list, the places are printed
instead.
"""
import pathlib
import re
import sys
import tempfile
import unittest

from prose import Source, prose_lines, sentences
from sources import ROOT, pages, sources

# A comment begins in mid-sentence if its first word is in lower case and no code: it has no underscore, digit, inner
# capital or operator, and is no identifier on the comment's line or on the three lines below it.
MID_SENTENCE = 20
# "behind" in a place where it hardly ever means a place: after a layer, a column, a computation.
BEHIND = 10
# Sentences with a noun clause for a subject ("What crosses is encoded"), in comments, texts and prose. Questions are fine.
WHAT = 10
# Core .cpp files above so many lines that do not begin with a comment.
WITHOUT_OPENING = 0
SLACK = 10  # A budget may exceed its count by so much: branches that lower it at the same time do not conflict.
LINES_WITHOUT_OPENING = 60
CORE = ("sim/engine/", "sim/scenario/", "partition/", "models/graph/", "models/onnx/", "models/codec/")

# English words which are too common to pass for a variable that has their name.
FUNCTION_WORDS = frozenset("""a all also an and any are as at be before between but by each either every for from given has have if in
    into is it its just like most no none nor not of off on one only or out over per same since so some such that the their them then
    there these they this those to too two under until up was what when where whether which while who whose why with without""".split())


def begins_in_mid_sentence(comment):
    """Whether a comment's first word is in lower case and no code."""
    first = re.match(r"[a-z]\S*", comment.text)
    if not first or re.match(r"\}|NOLINT|namespace\b", comment.text):
        return False
    word = first[0].rstrip(".,:;!?")
    if not re.fullmatch(r"[a-z]+(?:[-'’][a-z]+)*", word):
        return False
    return word in FUNCTION_WORDS or not re.search(rf"\b{re.escape(word)}\b", comment.code)


def mid_sentence_comments(file, text):
    return [f"{file}:{comment.line}: {comment.text[:80]}" for comment in Source(text).comments if begins_in_mid_sentence(comment)]


def behinds(file, text):
    return [f"{file}:{number}: {line.strip()[:100]}" for number, line in enumerate(text.splitlines(), 1)
            for _ in re.findall("behind", line, re.IGNORECASE)]


def paragraphs(page):
    """The paragraphs and list items of a page's prose, each with its first line. Headings are left out."""
    found, previous = [], None
    for number, line in prose_lines(page):
        text = line.strip()
        item = re.match(r"(?:[-*]|\d+\.)\s+", text)
        if not text or text.startswith("#"):
            previous = None
        elif previous == number - 1 and not item:
            found[-1] = (found[-1][0], f"{found[-1][1]} {text}")
            previous = number
        else:
            found.append((number, text[item.end() if item else 0:]))
            previous = number
    return found


def whats(file, text):
    """The sentences of FILE that begin with "What" and ask nothing."""
    if file.endswith(".md"):
        parts = paragraphs(text)
    else:
        source = Source(text)
        parts = [(comment.line, comment.text) for comment in source.comments] + source.texts
    return [f"{file}:{line}: {sentence[:80]}" for line, part in parts for sentence in sentences(part)
            if re.match(r"What\b", sentence) and not sentence.endswith("?")]


def without_opening(file, text):
    is_core = file.startswith(CORE) and file.endswith(".cpp")
    return [file] if is_core and text.count("\n") > LINES_WITHOUT_OPENING and not text.startswith("//") else []


def read(files):
    return [(file, pathlib.Path(ROOT, file).read_text(encoding="utf-8")) for file in files]


def found(check, files):
    return [place for file, text in read(files) for place in check(file, text)]


COUNTS = {
    "comments that begin in mid-sentence": (lambda: found(mid_sentence_comments, sources()), "MID_SENTENCE"),
    "'behind' for 'after'": (lambda: found(behinds, [*sources(), *pages()]), "BEHIND"),
    "sentences that begin with 'What'": (lambda: found(whats, [*sources(), *pages()]), "WHAT"),
    "core files without an opening comment": (lambda: found(without_opening, sources()), "WITHOUT_OPENING"),
}


class Voice(unittest.TestCase):
    maxDiff = None

    def test_counts_only_fall(self):
        for title, (count, budget) in COUNTS.items():
            with self.subTest(title):
                places = count()
                allowed = globals()[budget]
                self.assertLessEqual(len(places), allowed, "\n".join([f"{len(places)} {title}, at most {allowed}:", *places]))
                self.assertGreaterEqual(len(places) + SLACK, allowed, f"only {len(places)} {title} are left: lower {budget}")


class Planted(unittest.TestCase):
    def places(self, check, text, file="sim/engine/x.cpp"):
        return [place.removeprefix(file + ":") for place in check(file, text)]

    def test_comments_in_mid_sentence(self):
        for text in ("// of each tier\nint a;\n", "int a;  // in seconds\n", "/// whether it is up\nbool f();\n", "// it's late\n",
                     "int of;  // of each tier\n", "// goes\n// on\n", 'f("//");  // for a text\n'):
            with self.subTest(text):
                self.assertEqual(len(self.places(mid_sentence_comments, text)), 1)

    def test_other_comments(self):
        for text in ("// Of each tier.\n", "// up_bytes of a hop.\n", "/// units::Seconds.\n", "// x(y) is called.\n", "// resolved.yaml has it.\n",
                     "int width;  // width: of a line\n", "}  // namespace offcut\n", "// --- sending\n", "// 3 of them\n", "// `a` is.\n",
                     "int a;  // Seconds until it\n        // ends.\n", "int a;  /* of it */\n", 'f("// of it");\n', "int a = 1'000;  // A's.\n",
                     'f(R"(\n// of it\n)");\n', "// Two lines\n// of one comment.\n", "// kMost is exclusive.\n", "// std::map keeps the order.\n"):
            with self.subTest(text):
                self.assertEqual(self.places(mid_sentence_comments, text), [])

    def test_sentences_with_what(self):
        self.assertEqual(self.places(whats, "// It does. What it does\n// is little.\n"), ["1: What it does is little."])
        self.assertEqual(self.places(whats, 'f("What is left", "What is left?");  // Whatever.\n'), ["1: What is left"])
        page = "# What it is\n\nWhat is it?\nSo. What\nit is.\n\n- What is\n\n```text\nWhat is\n```\n"
        self.assertEqual(self.places(whats, page, "docs/a.md"), ["3: What it is.", "7: What is"])

    def test_behind(self):
        self.assertEqual(len(self.places(behinds, "// Behind it, cut_behind.\n\nint a;\n")), 2)

    def test_opening_comments(self):
        code = "int a;\n" * 61
        self.assertEqual(without_opening("sim/engine/x.cpp", code), ["sim/engine/x.cpp"])
        for file, text in (("sim/engine/x.cpp", "// It does.\n" + code), ("sim/engine/x.cpp", code[:-7]), ("sim/cli/x.cpp", code),
                           ("sim/engine/x.h", code)):
            self.assertEqual(without_opening(file, text), [])

    def test_a_tree_is_read(self):
        self.assertGreater(len(sources()), 500)
        self.assertGreater(len(pages()), 15)
        self.assertGreater(sum(len(Source(text).comments) for _, text in read(sources())), 3000)


if __name__ == "__main__":
    if "--list" in sys.argv:
        for title, (count, _) in COUNTS.items():
            places = count()
            print(f"{len(places)} {title}", *places, sep="\n  ")
    else:
        unittest.main()
