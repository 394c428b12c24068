#!/usr/bin/python3
"""Every scenarios/invalid/x.yaml is refused with exactly the message of x.txt, by `offcut run` and `offcut validate` alike:
exit code 2, nothing on standard output, nothing written.

The program runs in that folder, so that messages name the files as x.txt does. With --update it writes the .txt
files instead: read the diff before you believe it.
"""
import concurrent.futures
import os
import sys
import tempfile
import unittest

from program import SOURCE, offcut

FOLDER = SOURCE / "scenarios" / "invalid"


def refusals(scenario):
    """What both commands do with it, and whether the run left a folder behind."""
    with tempfile.TemporaryDirectory(prefix="offcut-invalid-") as temporary:
        out = os.path.join(temporary, "results", "of run")
        run = offcut("run", scenario.name, "--out", out, cwd=FOLDER)
        validate = offcut("validate", scenario.name, cwd=FOLDER)
        return run, validate, os.listdir(temporary)


class Invalid(unittest.TestCase):
    maxDiff = None

    def test_every_scenario(self):
        scenarios = sorted(FOLDER.glob("*.yaml"))
        before = sorted(os.listdir(FOLDER))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for scenario, (run, validate, left) in zip(scenarios, pool.map(refusals, scenarios)):
                with self.subTest(scenario.name):
                    expected = scenario.with_suffix(".txt").read_text(encoding="utf-8")
                    self.assertMultiLineEqual(run.stderr, expected)
                    self.assertMultiLineEqual(validate.stderr, expected)
                    self.assertEqual((run.returncode, validate.returncode), (2, 2))
                    self.assertEqual((run.stdout, validate.stdout), ("", ""))
                    self.assertEqual(left, [])
        self.assertEqual(sorted(os.listdir(FOLDER)), before)

    def test_every_message_belongs_to_a_scenario(self):
        lonely = [text.name for text in FOLDER.glob("*.txt") if not text.with_suffix(".yaml").exists()]
        self.assertEqual(lonely, [])

    def test_messages_have_a_place_and_name_no_machine(self):
        """One line per error: "file:line:column: error: ...", or without line and column for a file as a whole."""
        for text in FOLDER.glob("*.txt"):
            for line in text.read_text(encoding="utf-8").splitlines():
                self.assertRegex(line, r"^[\w.-]+(:[1-9]\d*:[1-9]\d*)?: error: \S", text.name)
                self.assertNotIn(str(SOURCE), line, text.name)


def update():
    for scenario in sorted(FOLDER.glob("*.yaml")):
        scenario.with_suffix(".txt").write_text(refusals(scenario)[0].stderr, encoding="utf-8")


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    else:
        unittest.main()
