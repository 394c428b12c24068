#!/usr/bin/python3
"""--out and other options that name files: what cannot be written is one clear error, and what stood there stays until the new
files are complete."""
import os
import resource
import signal
import subprocess
import unittest

import numpy

from program import PROGRAM, RESULTS, SOURCE, TIMEOUT_S, TWO_PROFILES, InFolder

DIGITS = SOURCE / "models/data/digits/digits_cnn.onnx"

# Calls that write a file, up to the name of the file.
TO_FILE = [
    ["run", "small.yaml", "--out", "out", "--decisions"],
    ["run", "small.yaml", "--out", "out", "--timeline"],
    ["plan", "small.yaml", "--dot"],
    ["inspect", "zoo:lenet5", "--out"],
    ["codecs", "zoo:lenet5", "--cut", "pool1", "--codec", "int8", "--samples", "1", "--out"],
    ["export", "zoo:lenet5", "--out"],
    ["profile", "zoo:lenet5", "--from", SOURCE / "tests/models/cost/data/lenet5_onnxruntime.json", "--out"],
    ["fit", "two.csv", "--out"],
]
MEASURED = ["profile", "zoo:lenet5", "--out"]  # On a busy machine, this may fail.
# Calls that write into a folder.
TO_FOLDER = [
    ["run", "small.yaml", "--out"],
    ["plan", "small.yaml", "--out"],
    ["infer", DIGITS, "--input", "image.npy", "--out"],
    ["split", "zoo:lenet5", "--cut", "pool1", "--out"],
]


class Unwritable(InFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "two.csv").write_text(TWO_PROFILES, encoding="utf-8")
        numpy.save(self.folder / "image.npy", numpy.zeros((1, 1, 28, 28), numpy.float32))

    def test_a_folder_that_does_not_exist(self):
        for arguments in [*TO_FILE, MEASURED]:
            with self.subTest(arguments[0]):
                self.assertEqual(self.refuse(*arguments, "none/such/file"),
                                 "none/such/file: error: cannot be written: there is no folder 'none/such'\n")

    def test_a_folder_in_which_nobody_can_write(self):
        for arguments in [*TO_FILE, MEASURED]:
            with self.subTest(arguments[0]):
                self.assertEqual(self.refuse(*arguments, "/proc/file"),
                                 "/proc/file: error: cannot be written: No such file or directory\n")
                self.assertEqual(self.refuse(*arguments, "layers.csv/file"),
                                 "layers.csv/file: error: cannot be written: Not a directory\n")
        for arguments in TO_FOLDER:
            with self.subTest(arguments[0]):
                self.assertEqual(self.refuse(*arguments, "/proc/here"),
                                 "/proc/here: error: can't be used as a folder for results: No such file or directory\n")

    def test_a_name_that_is_too_long(self):
        name = "x" * 300
        for arguments in [*TO_FILE, *TO_FOLDER, MEASURED]:
            with self.subTest(arguments[0]):
                self.assertRegex(self.refuse(*arguments, name), rf"^{name}: error: .*File name too long\n$")
        for arguments in [["run"], ["inspect"], ["infer", DIGITS, "--out", "out", "--input"], ["fit", "--out", "d.yaml"]]:
            self.assertRegex(self.refuse(*arguments, name), rf"^{name}: error: \S.*\n$")

    def test_a_disk_that_is_full(self):
        """The size of files is limited, so that writing fails half-way."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        before = self.files()
        for arguments, name, error in [
            *((arguments, "file", r"file: error: cannot be written( \(is the disk full\?\))?\n") for arguments in TO_FILE),
            *((arguments, "folder", r"folder/\S+: error: cannot be written( \(is the disk full\?\))?\n") for arguments in TO_FOLDER),
        ]:
            with self.subTest(arguments):
                result = subprocess.run([PROGRAM, *arguments, name], cwd=self.folder, capture_output=True, encoding="utf-8",
                                        timeout=TIMEOUT_S, check=False, preexec_fn=limit)
                # The results of `run` are larger than the file of its decisions, which has no rows.
                self.assertRegex(result.stderr, rf"^({error}|out/\S+: error: cannot be written.*\n)$")
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertEqual(self.files(), before)

    def test_a_cache(self):
        self.assertRegex(self.refuse("codecs", "zoo:lenet5", "--cut", "pool1", "--codec", "int8", "--samples", "1", "--cache",
                                     "/proc/here"), r"^/proc/here/codecs-[0-9a-f]+\.csv: error: cannot be written\n$")


class Out(InFolder):
    def test_what_is_no_folder(self):
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "layers.csv"),
                         "layers.csv: error: can't be used as a folder for results: Not a directory\n")
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "layers.csv/below"),
                         "layers.csv/below: error: can't be used as a folder for results: Not a directory\n")

    def test_no_name_at_all(self):
        lenet5 = ["--cut", "pool1", "--out", "out"]
        for command, options in [
            (["run", "small.yaml"], ["--out", "--decisions", "--timeline"]),
            (["plan", "small.yaml"], ["--out", "--sensitivity", "--pareto", "--dot"]),
            (["inspect", "zoo:lenet5"], ["--out"]),
            (["infer", "zoo:lenet5", *lenet5], ["--codec", "--labels"]),
            (["codecs", "zoo:lenet5", "--cut", "pool1"], ["--out", "--cache", "--dataset"]),
            (["split", "zoo:lenet5", *lenet5], ["--codec", "--plan", "--algorithm"]),
            (["export", "zoo:lenet5"], ["--out"]),
            (["profile", "zoo:lenet5", "--out", "p.csv"], ["--from", "--batch"]),
            (["fit", "p.csv"], ["--out"]),
        ]:
            for option in options:
                with self.subTest(command=command[0], option=option):
                    before = self.files(".")
                    self.assertEqual(self.refuse(*command, option, ""), f"{option}: error: expected a value, got ''\n")
                    self.assertEqual(self.files("."), before)
        self.assertEqual(self.refuse("run", "small.yaml", "--decisions", "", "--out", ""),
                         "--out: error: expected a value, got ''\n--decisions: error: expected a value, got ''\n")
        self.assertEqual(self.refuse("run", "small.yaml", "--bind", ""),
                         "--bind : error: expected NAME=N such as batch=1\n")

    def test_a_folder_in_the_place_of_a_result(self):
        (self.folder / "out/links.csv").mkdir(parents=True)
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "out", "--decisions", "decisions.csv"),
                         "out/links.csv: error: can't be replaced: it is a folder\n")
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()), ["links.csv"])
        self.assertFalse((self.folder / "decisions.csv").exists())

    def test_where_nobody_can_write(self):
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "/proc/here"),
                         "/proc/here: error: can't be used as a folder for results: No such file or directory\n")

    def test_a_error_keeps_the_earlier_result(self):
        self.succeed("run", "small.yaml", "--out", "out")
        before = (self.folder / "out/summary.csv").read_bytes()
        self.refuse("run", "small.yaml", "--out", "out", "--set", "seed=x")
        self.refuse("run", "small.yaml", "--out", "out", "--set", "plan={algorithm: multi-tier, objective: throughput}")
        self.assertEqual((self.folder / "out/summary.csv").read_bytes(), before)

    def test_without_requests_an_older_list_of_them_does_not_stay(self):
        self.succeed("run", "small.yaml", "--out", "out")
        text = self.succeed("run", "small.yaml", "--out", "out", "--set", "output.requests=false")
        without = [name for name in RESULTS if name != "requests.csv"]
        self.assertEqual(self.files("out"), sorted(without))
        self.assertEqual(text.splitlines()[-1], "results: out/" + ", ".join(without))

    def test_files_of_the_users_own_stay(self):
        (self.folder / "out").mkdir()
        (self.folder / "out/requests.csv").write_text("mine\n", encoding="utf-8")
        (self.folder / "out/notes.txt").write_text("mine\n", encoding="utf-8")
        self.succeed("run", "small.yaml", "--out", "out", "--set", "output.requests=false")
        self.assertEqual((self.folder / "out/requests.csv").read_text(encoding="utf-8"), "mine\n")
        self.succeed("run", "small.yaml", "--out", "out")
        self.assertEqual(self.files("out"), sorted(RESULTS + ["notes.txt"]))

    def test_decisions_that_cannot_be_written(self):
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "out", "--decisions", "nowhere/d.csv"),
                         "nowhere/d.csv: error: cannot be written: there is no folder 'nowhere'\n")
        (self.folder / "folder").mkdir()
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "out", "--decisions", "folder"),
                         "folder: error: is a directory, expected the name of a file\n")
        for name in ("out/requests.csv", "folder/../out/events.csv"):
            self.assertEqual(self.refuse("run", "small.yaml", "--out", "out", "--decisions", name),
                             f"{name}: error: is a file of the run's results\n")
        self.assertEqual(self.files(), ["folder", "layers.csv", "small.yaml"])

    def test_decisions_into_what_is_no_regular_file(self):
        """A pipe is written to, and a link goes on to point where it did; neither is replaced."""
        os.mkfifo(self.folder / "pipe")
        (self.folder / "target.csv").touch()
        (self.folder / "link").symlink_to("target.csv")
        with subprocess.Popen(["cat", "pipe"], cwd=self.folder, stdout=subprocess.PIPE, encoding="utf-8") as reader:
            self.succeed("run", "small.yaml", "--out", "out", "--decisions", "pipe")
            self.assertEqual(reader.communicate(timeout=TIMEOUT_S)[0], "time_s,request,class,tier,server,admitted,alternatives\n")
        self.assertTrue((self.folder / "pipe").is_fifo())
        self.succeed("run", "small.yaml", "--out", "out", "--decisions", "link")
        self.assertTrue((self.folder / "link").is_symlink())
        self.assertIn("alternatives", (self.folder / "target.csv").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
