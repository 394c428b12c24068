#!/usr/bin/python3
"""Help, versions, --quiet, and the errors of unknown commands and options."""
import re
import subprocess
import unittest

import numpy

from program import PROGRAM, RESULTS, SOURCE, TIMEOUT_S, TWO_PROFILES, InFolder, offcut

COMMANDS = ["run", "sweep", "compare", "size", "recommend", "screen", "plot", "page", "plan", "validate", "inspect", "infer", "codecs", "train", "compress", "export", "split", "serve", "profile", "fit", "predict", "probe", "calibrate", "list", "init", "schema", "completion", "man"]
DIGITS = SOURCE / "models/data/digits/digits_cnn.onnx"


class Help(unittest.TestCase):
    def test_every_command_explains_itself_with_an_example(self):
        for command in [[], *([c] for c in COMMANDS)]:
            result = offcut(*command, "--help")
            self.assertEqual((result.returncode, result.stderr), (0, ""), command)
            self.assertIn("Example: offcut " + " ".join(command), result.stdout)

    def test_the_program_names_all_its_commands(self):
        text = offcut("--help").stdout
        self.assertEqual(re.findall(r"(?m)^  ([a-z]+) ", text.partition("Commands:")[2]), COMMANDS)

    def test_without_a_command_it_shows_its_help(self):
        result = offcut()
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, offcut("--help").stdout, ""))

    def test_placeholders_name_what_they_stand_for(self):
        for command in COMMANDS:
            text = offcut(command, "--help").stdout
            usage, _, rest = text.partition("\n\n")
            self.assertRegex(usage, rf"(?m)^Usage: offcut {command} \[OPTIONS\]( \[?[A-Z]+(\.\.\.)?\]?(\.\.\.)?)*$")
            for line in re.findall(r"(?m)^  (-\S.*)$", rest):
                placeholder = re.match(r"--?[a-z-]+(?:, --[a-z-]+)?(?: (\S+))?(?:  |$)", line)
                self.assertIsNotNone(placeholder, line)
                self.assertNotIn(placeholder[1], ["TEXT", "INT", "UINT", "FLOAT"], line)
                self.assertRegex(placeholder[1] or "N", r"^\[?[A-Z]", line)

    def test_all_options_of_all_commands(self):
        text = offcut("--help-all").stdout
        for option in ["--decisions FILE", "--timeline FILE", "--sensitivity [NAME.]PARAMETER=FROM..TO", "--cache DIR", "--markdown"]:
            self.assertIn(option, text)

    def test_versions(self):
        project = (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8")
        version = re.search(r"project\(offcut VERSION ([\d.]+)", project).group(1)
        self.assertRegex(offcut("--version").stdout,
                         rf"^offcut {re.escape(version)}\nwith SimGrid \d[\d.]*, zstd \d[\d.]*, CBC \d[\d.]*\n$")


class Quiet(InFolder):
    def test_nothing_is_printed_and_all_is_written(self):
        (self.folder / "two.csv").write_text(TWO_PROFILES, encoding="utf-8")
        image = ["--input", f"image={self.folder}/image.npy"]
        numpy.save(self.folder / "image.npy", numpy.zeros((1, 1, 28, 28), numpy.float32))
        for arguments, file in [
            (["run", "small.yaml", "--out", "run", "--decisions", "d.csv"], "run/summary.csv"),
            (["plan", "small.yaml", "--out", "plan", "--explain"], "plan/plans.csv"),
            (["validate", "small.yaml"], None),
            (["inspect", "layers.csv", "--out", "work.csv"], "work.csv"),
            (["infer", DIGITS, *image, "--out", "infer"], "infer/probabilities.npy"),
            (["codecs", DIGITS, "--cut", "fc1", "--codec", "int8", "--samples", "2", "--out", "codecs.csv"], "codecs.csv"),
            (["export", "zoo:lenet5", "--out", "m.onnx"], "m.onnx"),
            (["split", "zoo:lenet5", "--cut", "pool1", "--out", "split"], "split/1-cloud.onnx"),
            (["profile", "zoo:squeezenet", "--rounds", "1", "--tolerance", "1000", "--out", "p.csv"], "p.csv"),
            (["fit", "two.csv", "--out", "device.yaml"], "device.yaml"),
        ]:
            for quiet in ["-q", "--quiet"]:
                with self.subTest(arguments[0]):
                    self.assertEqual(self.succeed(*arguments, quiet), "")
                    self.assertTrue(file is None or (self.folder / file).exists())

    def test_errors_are_still_printed(self):
        self.assertEqual(self.refuse("validate", "-q", "none.yaml"), "none.yaml: error: does not exist\n")

    def test_results_are_the_same(self):
        self.succeed("run", "small.yaml", "--out", "a")
        self.succeed("run", "small.yaml", "--out", "b", "--quiet")
        for name in RESULTS:
            self.assertEqual((self.folder / "a" / name).read_bytes(), (self.folder / "b" / name).read_bytes(), name)


class ExitCodes(InFolder):
    def test_help_and_page_have_one_table(self):
        page = (SOURCE / "docs/tour.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| (\d+) \| (.*) \|$", page.split("| exit code | meaning |")[1].split("\n\n")[0], re.MULTILINE)
        self.assertEqual([int(code) for code, _ in rows], [0, 1, 2, 130])
        text = " ".join(self.succeed("--help").split())
        self.assertIn("Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in rows) + ".", text)


class Usage(InFolder):
    def test_what_is_no_command(self):
        self.assertEqual(self.refuse("rnu", "small.yaml"), "offcut: error: unknown command 'rnu'; did you mean 'run'?\n")
        self.assertEqual(self.refuse("simulate"),
                         "offcut: error: unknown command 'simulate'; valid: run, sweep, compare, size, recommend, screen, plot, page, plan, validate, inspect, infer, codecs, train, compress, export, split, serve, profile, fit, predict, probe, calibrate, list, init, schema, completion, man\n")

    def test_missing_and_odd_arguments(self):
        self.assertEqual(self.refuse("run"), "offcut run: error: SCENARIO is required (see offcut run --help)\n")
        self.assertEqual(self.refuse("run", "small.yaml", "--set"),
                         "offcut run: error: --set: 1 required KEY=VALUE missing (see offcut run --help)\n")
        self.assertEqual(self.refuse("run", "small.yaml", "--speed"),
                         "offcut run: error: unknown option '--speed'; did you mean '--seed'? (see offcut run --help)\n")
        self.assertEqual(self.refuse("run", "small.yaml", "--ot", "x"),
                         "offcut run: error: unknown option '--ot'; did you mean '--out'? (see offcut run --help)\n")
        self.assertEqual(self.refuse("run", "small.yaml", "one", "two"),
                         "offcut run: error: The following arguments were not expected: one two (see offcut run --help)\n")
        self.assertEqual(self.refuse("list", "devcies"),
                         "offcut list: error: no list of 'devcies'; did you mean 'devices'?\n")

    def test_what_is_no_scenario(self):
        self.assertEqual(self.refuse("run", "smal.yaml"), "smal.yaml: error: does not exist; did you mean 'small.yaml'?\n")
        self.assertEqual(self.refuse("run", "nowhere.yaml"), "nowhere.yaml: error: does not exist\n")
        self.assertEqual(self.refuse("run", "."), ".: error: is a directory, expected a YAML file\n")
        self.assertEqual(self.refuse("run", ""), "'': error: does not exist\n")
        self.assertEqual(self.refuse("run", "/dev/zero"), "/dev/zero: error: is larger than 1 MiB, expected a YAML file\n")

    def test_a_file_of_something_else_does_not_fill_the_screen(self):
        (self.folder / "other.yaml").write_text("".join(f"key{i}: 1\n" for i in range(5000)), encoding="utf-8")
        lines = self.refuse("run", "other.yaml").splitlines()
        self.assertEqual(len(lines), 101)
        self.assertEqual(lines[-1], "... and 4906 more")

    def test_output_that_cannot_be_written(self):
        for arguments in [["list", "devices"], ["run", "--help"], ["validate", "small.yaml"]]:
            with open("/dev/full", "wb") as full:
                result = subprocess.run([PROGRAM, *arguments], cwd=self.folder, stdout=full, stderr=subprocess.PIPE,
                                        timeout=TIMEOUT_S, check=False)
            self.assertEqual((result.returncode, result.stderr),
                             (1, b"standard output: error: cannot be written: No space left on device\n"), arguments)


if __name__ == "__main__":
    unittest.main()
