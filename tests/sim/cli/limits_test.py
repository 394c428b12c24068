#!/usr/bin/python3
"""Values beyond all sense, endless files, and names that a terminal would obey: each is one clear error, or plain text."""
import os
import shutil
import subprocess
import unittest

import numpy

from program import PROGRAM, SCENARIO, SOURCE, TABLE, TIMEOUT_S, InFolder, offcut

DIGITS = SOURCE / "models/data/digits/digits_cnn.onnx"


class Numbers(InFolder):
    def test_options_with_a_number(self):
        """Each option that takes a number refuses what is out of range, infinite, no number or nothing."""
        numpy.save(self.folder / "x.npy", numpy.zeros((1, 1, 28, 28), numpy.float32))
        infer = ["infer", DIGITS, "--input", "x.npy", "--engine", "fast", "--out", "answer"]
        codecs = ["codecs", "zoo:lenet5", "--cut", "pool1", "--codec", "int8"]
        profile = ["profile", "zoo:lenet5", "--out", "p.csv"]
        for command, option, values, error in [
            (infer, "--threads", ["0", "-1", "1025", "100000"], "--threads: error: expected 1 to 1024, got {}\n"),
            (profile, "--threads", ["0", "-1", "1025", "100000"], "--threads: error: expected 1 to 1024, got {}\n"),
            (profile, "--rounds", ["0", "-1", "100001"], "--rounds: error: expected 1 to 100000, got {}\n"),
            (profile, "--batch", ["0", "-1", "4097", "1e3", "inf", "99999999999999999999"],
             "--batch: error: expected whole numbers from 1 to 4096, separated by commas, got '{}'\n"),
            (codecs, "--samples", ["0", "-1", "1000001"], "--samples: error: expected 1 to 1000000, got {}\n"),
            (codecs, "--divide", ["0", "-1", "inf", "nan", "1e-10", "1e+10"],
             "--divide: error: expected a number from 1e-09 to 1e+09, got {}\n"),
            (["inspect", DIGITS], "--bind", ["n=0", "n=-1", "n=1e3", "n=1000000001"], None),
            (["plan", "small.yaml"], "--budget", ["0 s", "1e10 s"], "--budget: error: expected a time from 1e-09 s to 1000000000 s, got '{}'\n"),
            (profile, "--pause", ["61 s", "2 min", "1e300 s"], "--pause: error: expected a time from 0 s to 60 s, got '{}'\n"),
            (profile, "--pause", ["inf s", "nan s", "-1 s", "10", "x", ""], None),
            (["plan", "small.yaml"], "--budget", ["inf s", "nan s", "-1 s", "10", "x"], None),
            (["plan", "small.yaml"], "--sensitivity", ["up=0..1 Mbit/s", "up=1..inf Mbit/s", "up=nan..1 Mbit/s", "up=-1..1 Mbit/s",
                                                      "load=1..1e300"], None),
            (["run", "small.yaml"], "--seed", ["-1", "1.5", "x", "inf", "nan", "9007199254740993", "1e300"], None),
        ]:
            for value in values:
                with self.subTest(command=command[0], option=option, value=value):
                    found = self.refuse(*command, option, value)
                    self.assertTrue(found.startswith(option), found)
                    self.assertEqual(found.count("\n"), 1, found)
                    if error is not None:
                        self.assertEqual(found, error.format(value))
        for option in ("--threads", "--rounds"):
            self.assertRegex(self.refuse(*profile, option, "99999999999999999999"), rf"^offcut profile: error: .*{option}.*\n$")
        self.assertRegex(self.refuse(*codecs, "--samples", "1e3"), r"^offcut codecs: error: .*--samples.*\n$")

    def test_the_seed_is_that_of_the_scenario(self):
        for seed in ("1e6", "1000000"):
            self.succeed("run", "small.yaml", "--seed", seed, "--out", "a")
            self.succeed("run", "small.yaml", "--set", f"seed={seed}", "--out", "b")
            self.assertEqual((self.folder / "a/summary.csv").read_bytes(), (self.folder / "b/summary.csv").read_bytes())
        for seed in ("x", "-1", "1.5", "9007199254740993"):
            messages = [self.refuse("run", "small.yaml", *arguments) for arguments in (["--seed", seed], ["--set", f"seed={seed}"])]
            self.assertEqual(messages[0].removeprefix(f"--seed {seed}"), messages[1].removeprefix(f"--set seed={seed}"))

    def test_a_number_in_json_that_is_out_of_range(self):
        for text, place in [
            ('[{"cat":"Node","dur":1e999,"name":"conv1_kernel_time","args":{"op_name":"Conv"}}]', "1:22"),
            ('[{"cat":"Node",\n "dur":-1e999,"name":"conv1_kernel_time","args":{"op_name":"Conv"}}]', "2:8"),
        ]:
            (self.folder / "theirs.json").write_text(text, encoding="utf-8")
            number = text[text.index("dur") + 5:].split(",")[0]
            self.assertEqual(self.refuse("profile", "zoo:lenet5", "--from", "theirs.json", "--out", "p.csv"),
                             f"theirs.json:{place}: error: number out of range: {number}\n")

    def test_rows_of_a_series(self):
        """Two tiers, a hop and the sum of all are four rows for each sample."""
        series = ["--set", "output={series: {interval: 10 us}}", "--set"]
        self.succeed("validate", "small.yaml", *series, "stop={after: 25 s}")
        found = self.refuse("validate", "small.yaml", *series, "stop={after: 50 s}")
        self.assertRegex(found, r"^--set stop=\{after: 50 s\}: error: stop: [^\n]*\n$")
        self.assertTrue(found.endswith("series.csv would have about 2e+07 rows after 50 s; at most 1e+07 can be written: expected an "
                                       "'output.series.interval' of at least 20 us\n"), found)

    def test_bytes_beyond_2_to_53(self):
        """Two tensors of 2^53 bytes would cross together: doubles do not hold their sum exactly."""
        big = str(2 ** 53)
        (self.folder / "layers.csv").write_text(
            f"layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\nin,,10,0,0,0,0\nl1,in,{big},0,0,1,1\n"
            f"l2,in,{big},0,0,1,1\nl3,l1 l2,10,0,0,1,1\n", encoding="utf-8")
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "out"),
                         "layers.csv:3:7: error: output_bytes: expected a sum over all rows of at most 2^53, got 9.0072e+15\n")

    def test_an_infinite_time_of_a_fitted_device(self):
        (self.folder / "fitted.yaml").write_text(
            "offcut-device: 1\nkinds:\n  Conv: {samples: 8, line: [1e308, 1e308, 0, 0, 0], trees: ['1']}\n"
            "  other: {samples: 8, line: [1e308, 1e308, 0, 0, 0], trees: ['1']}\n", encoding="utf-8")
        text = SCENARIO.replace("model: {layers: layers.csv}", "model: {zoo: lenet5}")
        text = text.replace('{is: "column:phone", count: 3}', "{fitted: fitted.yaml}").replace('{is: "column:server"}', "{is: v100}")
        (self.folder / "fitted-scenario.yaml").write_text(text, encoding="utf-8")
        for command in ("validate", "plan"):
            error = self.refuse(command, "fitted-scenario.yaml")
            self.assertRegex(error, r"^fitted-scenario.yaml:\d+:\d+: error: tiers\.device\.fitted: \S.*\n$")
            self.assertIn("expected at most 1e+09 s", error)

    def test_an_index_out_of_range(self):
        for engine in ("reference", "fast"):
            error = self.refuse("infer", SOURCE / "tests/sim/cli/data/gather_out_of_range.onnx", "--input",
                                SOURCE / "tests/sim/cli/data/gather_input.pb", "--engine", engine, "--out", "answer")
            self.assertIn("gather_out_of_range.onnx: error: can't run on these inputs: ", error)
            error = self.refuse("profile", SOURCE / "tests/sim/cli/data/gather_out_of_range.onnx", "--engine", engine, "--out", "p.csv")
            self.assertIn("gather_out_of_range.onnx: error: can't be run: layer ", error)

    def test_a_plan_of_a_layer_that_does_not_exist(self):
        plan = "plan: {algorithm: cloud-only, compare: [device-only]}"
        text = SCENARIO.replace(plan, "plan:\n  algorithm: fixed\n  compare: none\n  after: conv2")
        (self.folder / "wrong.yaml").write_text(text, encoding="utf-8")
        line = text.splitlines().index("  after: conv2") + 1
        for command in (["run"], ["validate"], ["plan", "--dot", "p.dot"]):
            self.assertEqual(self.refuse(command[0], "wrong.yaml", *command[1:]),
                             f"wrong.yaml:{line}:10: error: plan.after: there is no layer 'conv2'; did you mean 'conv1'?\n")


class EndlessFiles(InFolder):
    def test_a_device(self):
        """/dev/zero never ends."""
        shutil.copy(DIGITS, self.folder / "m.onnx")
        numpy.save(self.folder / "x.npy", numpy.zeros((1, 1, 28, 28), numpy.float32))
        for arguments in [
            ["run", "/dev/zero"],
            ["validate", "/dev/zero"],
            ["fit", "/dev/zero", "--out", "d.yaml"],
            ["profile", "zoo:lenet5", "--from", "/dev/zero", "--out", "p.csv"],
            ["infer", "m.onnx", "--input", "x.npy", "--labels", "/dev/zero", "--out", "answer"],
            ["split", "m.onnx", "--plan", "/dev/zero", "--out", "parts"],
        ]:
            with self.subTest(arguments[0]):
                self.assertRegex(self.refuse(*arguments), r"^/dev/zero: error: (is a binary file|is larger than 1 MiB), expected .*\n$")

    def test_an_endless_text(self):
        read, write = os.pipe()
        with subprocess.Popen(["yes", "a,b"], stdout=write) as endless:
            os.close(write)
            result = subprocess.run([PROGRAM, "fit", "/dev/stdin", "--out", "d.yaml"], cwd=self.folder, stdin=read, timeout=TIMEOUT_S,
                                    capture_output=True, check=False)
            os.close(read)
            endless.kill()
        self.assertEqual((result.returncode, result.stderr[:48]), (2, b"/dev/stdin: error: is larger than 256 MiB, expec"))

    def test_a_working_folder_that_is_gone(self):
        for arguments in (["plan", "small.yaml"], ["run", "small.yaml"], ["plan", self.folder / "small.yaml", "--out", "o"]):
            gone = self.folder / "gone"
            gone.mkdir()
            script = 'rmdir "$PWD" && exec "$0" "$@"'
            result = subprocess.run(["bash", "-c", script, PROGRAM, *map(str, arguments)], cwd=gone, capture_output=True,
                                    encoding="utf-8", timeout=TIMEOUT_S, check=False)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertRegex(result.stderr, r"^\S*: error: .*(does not exist|No such file or directory)\n$")


class LostOutput(InFolder):
    COMMANDS = [["list", "devices"], ["run", "--help"], ["--help"], ["--version"], ["validate", "small.yaml"], ["plan", "small.yaml"],
                ["run", "small.yaml", "--out", "out"], ["inspect", "zoo:lenet5"], ["export", "zoo:lenet5", "--out", "m.onnx"],
                ["split", "zoo:lenet5", "--cut", "pool1", "--out", "parts"], []]

    def check(self, error, **options):
        for arguments in self.COMMANDS:
            with self.subTest(arguments):
                result = subprocess.run([PROGRAM, *arguments], cwd=self.folder, stderr=subprocess.PIPE,
                                        encoding="utf-8", timeout=TIMEOUT_S, check=False, **options)
                self.assertEqual((result.returncode, result.stderr), (1, f"standard output: error: cannot be written: {error}\n"))

    def test_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            self.check("No space left on device", stdout=full)

    def test_a_closed_standard_output(self):
        """The files that are opened do not take its place, and do not receive what is printed."""
        self.check("Bad file descriptor", preexec_fn=lambda: os.close(1))
        self.assertEqual((self.folder / "m.onnx").read_bytes()[:1], b"\x08")

    def test_files(self):
        for arguments in [["run", "small.yaml", "--out", "out", "--decisions"], ["plan", "small.yaml", "--dot"],
                          ["inspect", "zoo:lenet5", "--out"], ["export", "zoo:lenet5", "--out"]]:
            result = offcut(*arguments, "/dev/full", cwd=self.folder)
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertRegex(result.stderr, r"^/dev/full: error: cannot be written.*\n$")


class Names(InFolder):
    """Names that are control sequences, bytes that are not UTF-8, and text from right to left."""

    def test_names_from_files(self):
        evil = [b"\x1b[31mred", b"a\xc2\x9b2Jb", b"\xe2\x80\xaertl", b"bell\x7f", b"\xff\xfe"]
        table = TABLE.encode().replace(b"\nconv1,image", b"\n%s,image").replace(b"fc1,conv1", b"fc1,%s")
        for name in evil:
            with self.subTest(name):
                (self.folder / "layers.csv").write_bytes(table % (name, name))
                for arguments in (["inspect", "layers.csv"], ["plan", "small.yaml", "--explain"],
                                  ["run", "small.yaml", "--set", "plan={algorithm: device-only}", "--out", "out"]):
                    result = subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, timeout=TIMEOUT_S, check=False)
                    printed = result.stdout + result.stderr
                    text = printed.decode()  # UTF-8 all of it.
                    self.assertFalse([c for c in text if c != "\n" and (not c.isprintable())], text)

    def test_an_onnx_file(self):
        model = "tests/sim/cli/data/escape_in_a_node_name.onnx"
        self.assertIn(b"\x1b", (SOURCE / model).read_bytes())
        for arguments in (["inspect", model, "--bind", "height=128,width=128"],
                          ["split", model, "--bind", "height=128,width=128", "--cut", "no such layer", "--out", self.folder / "parts"]):
            result = offcut(*arguments)
            self.assertNotIn("\x1b", result.stdout + result.stderr)
            self.assertIn("\\x1b", result.stdout + result.stderr)

    def test_line_ends_do_not_break_a_table(self):
        plain = self.succeed("inspect", "layers.csv")
        (self.folder / "layers.csv").write_text(TABLE.replace("\nfc1,conv1", '\n"f\nc",conv1'), encoding="utf-8")
        broken = self.succeed("inspect", "layers.csv")
        self.assertEqual(len(broken.splitlines()), len(plain.splitlines()))
        self.assertIn("f\\nc", broken)


if __name__ == "__main__":
    unittest.main()
