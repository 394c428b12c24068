#!/usr/bin/python3
"""The manual pages: every option of the program is in its page, and neither groff nor mandoc complains."""
import json
import os
import re
import shutil
import subprocess
import unittest

from program import InFolder, offcut

ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "LC_ALL": "C.UTF-8", "MANROFFOPT": "", "MANWIDTH": "200"}


def complaints(*command):
    """All that a checker says."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", env=ENVIRONMENT, check=False)
    return result.stdout


def options_of(*command):
    """The options in the help of a command."""
    return set(re.findall(r"(?m)^  (?:(-\w), )?(--[a-z-]+)", offcut(*command, "--help").stdout))


class Pages(InFolder):
    def setUp(self):
        super().setUp()
        result = offcut("man", "--out", self.folder / "man", env=ENVIRONMENT)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.pages = sorted((self.folder / "man").rglob("*.[15]"))
        self.commands = re.findall(r"(?m)^  ([a-z]+) ", offcut("--help").stdout.partition("Commands:")[2])

    def test_every_command_has_a_page(self):
        self.assertEqual({page.name for page in self.pages},
                         {"offcut.1", "offcut-scenario.5", *(f"offcut-{command}.1" for command in self.commands)})
        main = (self.folder / "man/man1/offcut.1").read_text(encoding="utf-8")
        for command in self.commands:
            self.assertIn(f"\\fBoffcut\\-{command}\\fR(1)\n", main)
            page = (self.folder / f"man/man1/offcut-{command}.1").read_text(encoding="utf-8")
            self.assertEqual(page, offcut("man", command, env=ENVIRONMENT).stdout)
            for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "FILES", "EXAMPLES", "SEE ALSO"]:
                self.assertIn(f'.SH "{section}"\n', page)

    def test_every_option_is_in_its_page(self):
        for command in [[], *([name] for name in self.commands)]:
            options = options_of(*command)
            self.assertIn(("-h", "--help"), options)
            page = (self.folder / "man/man1" / ("-".join(["offcut", *command]) + ".1")).read_text(encoding="utf-8")
            tags = set()
            for tag in re.findall(r"(?m)^\.TP\n(.*)$", page):
                plain = tag.replace("\\-", "-")
                tags.update(re.findall(r"^(?:\\fB(-\w)\\fR, )?\\fB(--[a-z-]+)\\fR", plain))
            self.assertEqual(tags, options, command)

    def test_every_key_is_in_the_page_of_scenarios(self):
        page = (self.folder / "man/man5/offcut-scenario.5").read_text(encoding="utf-8").replace("\\-", "-")
        keys = [key["name"] for block in json.loads(offcut("list", "keys", "--json").stdout)["blocks"] for key in block["keys"]]
        self.assertGreater(len(keys), 300)
        for key in keys:
            self.assertTrue(f"\n\\fB{key}\\fR" in page, key)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_has_no_warning(self):
        self.assertEqual(complaints("mandoc", "-T", "lint", "-W", "warning", *self.pages), "")

    @unittest.skipUnless(shutil.which("man"), "man is not installed")
    def test_man_has_no_warning_and_shows_texts_as_they_are(self):
        for page in self.pages:
            result = subprocess.run(["man", "--warnings", "-l", "-P", "cat", page], capture_output=True, encoding="utf-8", env=ENVIRONMENT,
                                    check=False)
            self.assertEqual((result.returncode, result.stderr), (0, ""), page)
            if page.name == "offcut-run.1":
                self.assertIn("offcut run scenarios/quickstart.yaml --seed 2 --out /tmp/q \\\n", result.stdout)
                self.assertIn("--set network.device-edge.up='10 Mbit/s'", result.stdout)

    def test_the_text_is_escaped(self):
        page = offcut("man", "run", env=ENVIRONMENT).stdout
        self.assertIn("\\-\\-seed 2 \\-\\-out /tmp/q \\e\n", page)
        self.assertIn("up=\\(aq10 Mbit/s\\(aq", page)
        self.assertTrue(page.startswith('.TH "OFFCUT\\-RUN" 1 "2023-11-14" "offcut '), page[:80])

    def test_bad_input(self):
        self.assertEqual(self.refuse("man", "rnu"), "offcut man: error: no page of 'rnu'; did you mean 'run'?\n")
        self.assertEqual(self.refuse("man", "run", "--out", "x"), "--out: error: writes all pages; expected no COMMAND\n")
        (self.folder / "file").write_text("", encoding="utf-8")
        self.assertRegex(self.refuse("man", "--out", "file"), "^file.*: error: .*\n$")


if __name__ == "__main__":
    unittest.main()
