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


def refusal(scenario):
    """What a run does with it, and whether it left a folder behind."""
    with tempfile.TemporaryDirectory(prefix="offcut-invalid-") as temporary:
        out = os.path.join(temporary, "results", "of run")
        run = offcut("run", scenario.name, "--out", out, cwd=FOLDER)
        return run, os.listdir(temporary)


def expected(scenario):
    return scenario.with_suffix(".txt").read_text(encoding="utf-8")


def handfuls(scenarios):
    """The scenarios in groups with fewer errors than a call prints (a hundred): most of a call's time is its start."""
    groups, errors = [[]], 0
    for scenario in scenarios:
        errors += expected(scenario).count("\n")
        if errors > 90:
            groups.append([])
            errors = expected(scenario).count("\n")
        groups[-1].append(scenario)
    return groups


class Invalid(unittest.TestCase):
    maxDiff = None

    def test_every_scenario(self):
        scenarios = sorted(FOLDER.glob("*.yaml"))
        before = sorted(os.listdir(FOLDER))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for scenario, (run, left) in zip(scenarios, pool.map(refusal, scenarios)):
                with self.subTest(scenario.name):
                    self.assertMultiLineEqual(run.stderr, expected(scenario))
                    self.assertEqual((run.returncode, run.stdout, left), (2, "", []))
        for group in handfuls(scenarios):
            with self.subTest(f"validate {group[0].name} to {group[-1].name}"):
                validate = offcut("validate", *(scenario.name for scenario in group), cwd=FOLDER)
                self.assertMultiLineEqual(validate.stderr, "".join(map(expected, group)))
                self.assertEqual((validate.returncode, validate.stdout), (2, ""))
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
        scenario.with_suffix(".txt").write_text(refusal(scenario)[0].stderr, encoding="utf-8")


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    else:
        unittest.main()
