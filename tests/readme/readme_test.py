#!/usr/bin/python3
"""Runs every command of the pages and compares its output with the text below it.

The pages are README.md, CONTRIBUTING.md and all of docs. A line of a `console` block that begins
with "$ " is a command, a trailing backslash or a here-document continues it, and the lines below it
are its output; a line "..." stands for any lines, and no lines at all stand for any output. A
`python` block is a program; a comment "# prints TEXT" in it is a line of its output. Commands run in the source tree,
page by page, from top to bottom, as a reader would type them; README.md comes first. Commands with
an exception in NOT_RUN only have their names checked.
Usage: readme_test.py [PAGE...]
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LANGUAGES = {"console", "cpp", "csv", "dot", "json", "python", "text", "yaml"}

# Commands that the tests do not run: page, beginning of the command, reason.
NOT_RUN = [
    ("CONTRIBUTING.md", "./dev build work", "It builds the whole tree a second time."),
    ("CONTRIBUTING.md", "./dev build dev", "It builds the whole tree with sanitizers."),
    ("CONTRIBUTING.md", "./dev build tidy", "It runs clang-tidy, an optional package, on the whole tree."),
    ("CONTRIBUTING.md", "ctest --preset work", "It tests the build of another preset."),
    ("CONTRIBUTING.md", "ctest --preset dev", "It tests the build of another preset."),
    ("CONTRIBUTING.md", "clang-format", "It needs an optional package, and changes files."),
    ("docs/codecs.md", "build/release/offcut codecs models/data/digits/digits_cnn.onnx --cut all",
     "It measures for five minutes."),
    ("docs/compression.md", "build/release/offcut train", "It trains for a minute."),
    ("docs/compression.md", "build/release/offcut compress lenet5.onnx", "It needs the network of that training."),
    ("docs/compression.md", "build/release/offcut compress fashion", "It needs Debian's data set, and trains for minutes."),
    ("docs/fuzzing.md", "", "The fuzzer needs clang, and runs for half an hour."),
    ("docs/guide/5-own-algorithm.md", "cp ", "It changes the source tree."),
    ("docs/guide/5-own-algorithm.md", "./dev build", "It builds offcut with that change."),
    ("docs/guide/5-own-algorithm.md", "build/release/offcut run my/first.yaml --out my/results/share",
     "It needs that build; tests/extending/guide_test.cpp runs the same and compares its output with the page."),
    ("docs/planning.md", "dot ", "Graphviz is an optional package."),
    ("docs/scheduling.md", "OFFCUT=build/release/offcut",
     "It rewrites the page; cli/scheduling_test.py computes the same table and compares it."),
    ("docs/under-load.md", "OFFCUT=build/release/offcut",
     "It rewrites the page; cli/three_groups_test.py computes a part of the tables and compares it."),
]


def blocks(page):
    """The fenced blocks of a page's text: pairs of a language and the lines."""
    return [(language, block.splitlines())
            for language, block in re.findall(r"^ *```([^\n]*)\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)]


def without_blocks(page):
    return re.sub(r"^ *```.*?^ *```$", "", page, flags=re.MULTILINE | re.DOTALL)


def console_commands(lines):
    """Pairs of a command and its expected output lines in a console block."""
    found, continues, end = [], False, None  # The last line of the here-document that is open, if one is.
    for line in lines:
        if end or continues:
            found[-1][0] += "\n" + line
        elif line.startswith("$ "):
            found.append([line[2:], []])
        elif found:
            found[-1][1].append(line)
            continue
        else:
            raise ValueError(f"a console block begins with a command, not with: {line}")
        if end:
            end = None if line == end else end
        else:
            continues = line.endswith("\\")
            end = opened[1] if (opened := re.search(r"<<'?(\w+)", line)) else None
    if end:
        raise ValueError(f"the here-document of this command does not end: {found[-1][0]}")
    return [tuple(pair) for pair in found]


def commands(page):
    """Pairs of a command and its expected output lines on a page."""
    found = []
    for language, lines in blocks(page):
        if language == "console":
            found += console_commands(lines)
        elif language == "python":
            program = "\n".join(lines)
            found.append((shlex.join([sys.executable, "-c", program]), re.findall(r"# prints (.*)", program)))
    return found


def pattern(expected):
    """The expected lines as a regular expression, or None if any output will do."""
    if not expected:
        return None
    return re.compile("".join(r"(?:.*\n)*" if line == "..." else re.escape(line) + r"\n" for line in expected))


def exception(name, command):
    """The entry of NOT_RUN that applies to a page's command, or None."""
    return next((entry for entry in NOT_RUN if entry[0] == name and command.startswith(entry[1])), None)


def pages():
    """README.md, which later pages may rely on, and the other pages, by their names."""
    rest = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in [ROOT / "README.md", *rest]}


def chosen_pages():
    return {name: text for name, text in pages().items() if not CHOSEN or name in CHOSEN}


class Commands(unittest.TestCase):
    maxDiff = None

    def test_every_command_runs_and_prints_its_output(self):
        run = 0
        for name, page in chosen_pages().items():
            for command, expected in commands(page):
                if exception(name, command):
                    continue
                print(f"{name}: $ {command}", file=sys.stderr, flush=True)
                result = subprocess.run(command, shell=True, cwd=ROOT, text=True, capture_output=True, check=False)
                self.assertEqual(result.returncode, 0, f"{name}: {command}\n{result.stdout}{result.stderr}")
                wanted = pattern(expected)
                if wanted and not wanted.fullmatch(result.stdout):
                    self.fail(f"{name}: {command}\nprints another text:\n{result.stdout}")
                run += 1
        self.assertGreater(run, 0 if CHOSEN else 30, "the pages have hardly any commands: this test no longer reads them")

    def test_every_exception_is_needed(self):
        texts = pages()
        for name, beginning, reason in NOT_RUN:
            with self.subTest(f"{name}: {beginning}"):
                self.assertTrue(reason.endswith("."))
                self.assertTrue(any(command.startswith(beginning) for command, _ in commands(texts[name])))

    def test_commands_that_do_not_run_name_existing_presets_and_files(self):
        presets = {preset["name"] for preset in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}
        for name, page in pages().items():
            for command, _ in commands(page):
                if not exception(name, command):
                    continue
                with self.subTest(f"{name}: {command}"):
                    named = re.findall(r"(?:--preset |\./dev build )([\w-]+)", command)
                    self.assertLessEqual(set(named), presets)
                    for path in re.findall(r"(?<![\w/-])(?:tests|docs|models|partition|scenarios|sim)/[\w./-]+", command):
                        self.assertTrue((ROOT / path).exists(), path)

    def test_commands_are_in_console_blocks(self):
        for name, page in pages().items():
            indented = re.findall(r"^ {4}(?:\$|offcut|build/|\./dev|cmake|ctest|dot|tests/|scenarios/).*", without_blocks(page), re.MULTILINE)
            self.assertEqual(indented, [], f"{name}: a command in an indented block")
            for language, lines in blocks(page):
                with self.subTest(f"{name}: {lines[:1]}"):
                    self.assertIn(language, LANGUAGES)
                    if language != "console":
                        self.assertFalse([line for line in lines if line.startswith("$ ")], "a command outside of a console block")


class Parsing(unittest.TestCase):
    def test_commands_and_their_outputs(self):
        page = ("text\n```console\n$ first \\\n  --long\none\n...\n$ second\n```\n"
                "```text\nnothing\n```\n```python\nprint(1)  # prints 1\n```\n")
        found = commands(page)
        self.assertEqual(found[:2], [("first \\\n  --long", ["one", "..."]), ("second", [])])
        self.assertEqual(found[2][1], ["1"])
        self.assertEqual(len(found), 3)

    def test_a_here_document_belongs_to_its_command(self):
        self.assertEqual(console_commands(["$ cat > a <<EOF", "$ b", "c \\", "EOF", "output", "$ d"]),
                         [("cat > a <<EOF\n$ b\nc \\\nEOF", ["output"]), ("d", [])])
        with self.assertRaises(ValueError):
            console_commands(["$ cat > a <<EOF", "b"])

    def test_blocks_can_be_taken_out(self):
        self.assertEqual(without_blocks("a\n```text\nb\n```\nc\n  ```console\n$ d\n  ```\n"), "a\n\nc\n\n")

    def test_output_without_a_command_is_an_error(self):
        with self.assertRaises(ValueError):
            commands("```console\noutput\n```\n")

    def test_other_output_does_not_match(self):
        self.assertIsNone(pattern(["a.c", "..."]).fullmatch("abc\n"))
        self.assertIsNone(pattern(["a", "..."]).fullmatch("b\na\n"))
        self.assertTrue(pattern(["a", "...", "z"]).fullmatch("a\nb\nc\nz\n"))
        self.assertIsNone(pattern([]))


CHOSEN = [argument for argument in sys.argv[1:] if argument.endswith(".md")]

if __name__ == "__main__":
    unittest.main(argv=[argument for argument in sys.argv if argument not in CHOSEN])
