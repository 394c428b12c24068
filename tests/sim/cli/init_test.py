#!/usr/bin/python3
"""`offcut init`: each template is written, is valid for the program and for its schema, and runs, as do the commands that its
comments name. Nothing is overwritten unless it is asked for."""
import re
import shlex
import unittest

from program import SOURCE, InFolder, offcut
from schemas import errors, parsed

TEMPLATES = sorted((SOURCE / "scenarios/templates").glob("*.yaml"))
# Few requests suffice to see that a command runs, and that it takes its options.
SHORT = {"run": ["--set", "stop.requests=200"], "size": ["--set", "stop.requests=500", "--replications", "3"],
         "sweep": ["--set", "stop.requests=200"], "codecs": ["--samples", "10"]}
NOT_HERE = {"plot", "compare"}  # They need Python's plots, or a second scenario.


def commands(text):
    """The commands of the comments, without what is said about them."""
    return [shlex.split(line) for line in re.findall(r"(?m)^#   offcut (.*?)(?:  +#.*)?$", text)]


class Templates(InFolder):
    def test_each_is_written_and_runs(self):
        self.assertEqual([path.stem for path in TEMPLATES], ["digits", "paper", "sizing"])
        for path in TEMPLATES:
            with self.subTest(path.stem):
                out = f"{path.stem}-of-mine.yaml"
                printed = self.succeed("init", "--from", path.stem, "--out", out)
                self.assertTrue(printed.startswith(f"{out}: a scenario that runs as it is"))
                self.assertTrue(printed.endswith(f"  offcut run {out}\n"))
                text = (self.folder / out).read_text(encoding="utf-8")
                self.assertEqual(text, path.read_text(encoding="utf-8").replace(path.name, out))
                self.assertEqual(errors(parsed(text)), [])
                self.succeed("validate", out)
                self.check_commands(text, out)

    def check_commands(self, text, out):
        """Runs what the comments name, the whole run of the scenario included."""
        named = commands(text)
        self.assertGreaterEqual(len(named), 4)
        self.assertTrue(any(command[:2] == ["run", out] for command in named))
        for command in named:
            if command[0] in NOT_HERE:
                continue
            whole = command == ["run", out]
            result = self.run_here(*command, *([] if whole else SHORT.get(command[0], [])))
            self.assertEqual((result.returncode, result.stderr), (0, ""), command)
        resolved = self.folder / "results" / out.removesuffix(".yaml") / "resolved.yaml"
        self.assertEqual(errors(parsed(resolved.read_text(encoding="utf-8"))), [])

    def test_nothing_is_overwritten_unasked(self):
        self.succeed("init")
        self.assertEqual((self.folder / "sizing.yaml").read_text(encoding="utf-8"),
                         (SOURCE / "scenarios/templates/sizing.yaml").read_text(encoding="utf-8"))
        (self.folder / "sizing.yaml").write_text("mine", encoding="utf-8")
        self.assertEqual(self.refuse("init"), "sizing.yaml: error: exists; --overwrite replaces it\n")
        self.assertEqual((self.folder / "sizing.yaml").read_text(encoding="utf-8"), "mine")
        self.assertEqual(self.succeed("init", "--overwrite", "--quiet"), "")
        self.assertNotEqual((self.folder / "sizing.yaml").read_text(encoding="utf-8"), "mine")

    def test_what_is_no_template_or_file(self):
        self.assertEqual(self.refuse("init", "--from", "sizng"),
                         "--from: error: unknown template 'sizng'; did you mean 'sizing'?\n")
        self.assertEqual(self.refuse("init", "--from", "x"), "--from: error: unknown template 'x'; valid: digits, paper, sizing\n")
        (self.folder / "folder").mkdir()
        self.assertEqual(self.refuse("init", "--out", "folder", "--overwrite").split(": ")[:2], ["folder", "error"])
        self.assertEqual(self.refuse("init", "--out", "none/x.yaml").split(": ")[:2], ["none/x.yaml", "error"])

    def test_help_names_all_templates(self):
        text = " ".join(offcut("init", "--help").stdout.split())
        for path in TEMPLATES:
            self.assertRegex(text, rf"Template:.* {path.stem} \(")


if __name__ == "__main__":
    unittest.main()
