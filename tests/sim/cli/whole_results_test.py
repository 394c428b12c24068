#!/usr/bin/python3
"""A folder of results is of one run, whatever happens: several runs into it at once, runs killed at random moments, the user's own
files and folders in it."""
import os
import random
import signal
import subprocess
import time
import unittest

from program import PROGRAM, RESULTS, TIMEOUT_S, InFolder

KILLS = 40


class WholeResults(InFolder):
    def setUp(self):
        super().setUp()
        self.expected = {}  # From a seed to the bytes of its results.
        for seed in (1, 2):
            self.succeed("run", "small.yaml", "--seed", seed, "--out", f"seed{seed}")
            self.expected[seed] = self.results(f"seed{seed}")
        for name in ("summary.csv", "requests.csv", "tiers.csv", "resolved.yaml"):
            self.assertNotEqual(self.expected[1][name], self.expected[2][name], name)

    def results(self, folder):
        return {name: (self.folder / folder / name).read_bytes() for name in RESULTS if (self.folder / folder / name).exists()}

    def start(self, seed, out="out"):
        return subprocess.Popen([PROGRAM, "run", "small.yaml", "--seed", str(seed), "--out", out], cwd=self.folder,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def leftovers(self):
        """Hidden folders that are not empty: a kill between making a folder, or its last file's removal, and the next call leaves one."""
        return [path for path in self.files() if ".partial-" in path and any((self.folder / path).iterdir())]

    def kill_often(self, check):
        """Kills runs of both seeds in turn, at moments from the start to beyond the end, and calls check() after each."""
        draw = random.Random(7)
        begin = time.monotonic()
        self.succeed("run", "small.yaml", "--seed", "1", "--out", "out")
        duration = time.monotonic() - begin
        killed = 0
        for k in range(KILLS):
            with self.start(1 + k % 2) as process:
                # Half of the kills fall into the last fifth, in which files are replaced.
                time.sleep(duration * (draw.uniform(0.8, 1.1) if k % 4 < 2 else draw.uniform(0, 1)))
                process.kill()
                killed += process.wait(TIMEOUT_S) == -signal.SIGKILL
                process.stderr.read()
            check()
        self.assertGreater(killed, 0)

    def test_of_two_runs_at_once_the_last_one_leaves_all_files(self):
        seen = set()
        for _ in range(10):
            runs = [self.start(seed) for seed in (1, 2, 1, 2)]
            for run in runs:
                with run:
                    self.assertEqual((run.wait(TIMEOUT_S), run.stderr.read()), (0, b""))
            found = self.results("out")
            self.assertIn(found, self.expected.values())
            seen.add(found["resolved.yaml"])
            self.assertEqual(self.files("out"), sorted(RESULTS))
        self.assertEqual(self.leftovers(), [])

    def test_a_kill_leaves_the_old_result_or_the_new_one(self):
        (self.folder / "out").mkdir()
        (self.folder / "out/notes.txt").write_text("mine\n", encoding="utf-8")
        (self.folder / "out/link").symlink_to("notes.txt")
        inode = (self.folder / "out/notes.txt").stat().st_ino

        def check():
            self.assertIn(self.results("out"), self.expected.values())
            self.assertEqual((self.folder / "out/notes.txt").stat().st_ino, inode)
            self.assertEqual(os.readlink(self.folder / "out/link"), "notes.txt")
        self.kill_often(check)
        self.succeed("run", "small.yaml", "--seed", "2", "--out", "out")
        self.assertEqual(self.results("out"), self.expected[2])
        self.assertEqual(self.files("out"), sorted([*RESULTS, "notes.txt", "link"]))
        self.assertEqual(self.leftovers(), [])

    def test_with_a_folder_of_the_users_no_kill_mixes_results(self):
        """Such a folder cannot be exchanged as a whole. A kill at the worst moment leaves fewer files, but those of one run."""
        (self.folder / "out/mine").mkdir(parents=True)
        (self.folder / "out/mine/file").write_text("precious\n", encoding="utf-8")

        def check():
            found = self.results("out")
            self.assertTrue(any(found.items() <= whole.items() for whole in self.expected.values()))
            self.assertEqual((self.folder / "out/mine/file").read_text(encoding="utf-8"), "precious\n")
        self.kill_often(check)
        self.succeed("run", "small.yaml", "--seed", "2", "--out", "out")
        self.assertEqual(self.results("out"), self.expected[2])
        self.assertEqual(self.files("out"), sorted([*RESULTS, "mine", "mine/file"]))
        self.assertEqual(self.leftovers(), [])

    def test_hidden_folders_of_the_users_stay(self):
        for name in ("out/.partial-mine", ".out.partial-mine"):
            (self.folder / name).mkdir(parents=True)
            (self.folder / name / "file").write_text("precious\n", encoding="utf-8")
        self.succeed("run", "small.yaml", "--out", "out")
        for name in ("out/.partial-mine/file", ".out.partial-mine/file"):
            self.assertEqual((self.folder / name).read_text(encoding="utf-8"), "precious\n")
        self.assertEqual(self.files("out"), sorted([*RESULTS, ".partial-mine", ".partial-mine/file"]))

    def test_the_folder_in_which_it_runs(self):
        """A shell that works in the folder must not be left in the old one."""
        inode = self.folder.stat().st_ino
        for seed in (1, 2):
            self.succeed("run", "small.yaml", "--seed", seed, "--out", ".")
            found = self.results(".")
            found["resolved.yaml"] = found["resolved.yaml"].replace(b"layers: layers.csv", b"layers: ../layers.csv")
            self.assertEqual(found, self.expected[seed])
        self.assertEqual(self.folder.stat().st_ino, inode)
        self.assertEqual(self.leftovers(), [])

    def test_rights_and_links_are_kept(self):
        (self.folder / "real").mkdir()
        (self.folder / "real").chmod(0o750)
        (self.folder / "out").symlink_to("real")
        for seed in (1, 2):
            self.succeed("run", "small.yaml", "--seed", seed, "--out", "out")
            self.assertEqual(self.results("real"), self.expected[seed])
        self.assertTrue((self.folder / "out").is_symlink())
        self.assertEqual((self.folder / "real").stat().st_mode & 0o7777, 0o750)

    @unittest.skipIf(os.geteuid() == 0, "root may write anywhere")
    def test_a_folder_that_must_not_be_written_to(self):
        (self.folder / "out").mkdir()
        (self.folder / "out").chmod(0o555)
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "out"),
                         "out: error: can't be used as a folder for results: Permission denied\n")

    def test_an_earlier_comparison_does_not_stay_beside_a_new_one(self):
        self.succeed("plan", "small.yaml", "--sensitivity", "up=1..2 Mbit/s", "--out", "plans")
        self.assertEqual(self.files("plans"), ["plan.csv", "plans.csv", "sensitivity.csv"])
        self.succeed("plan", "small.yaml", "--out", "plans")
        self.assertEqual(self.files("plans"), ["plan.csv", "plans.csv"])


if __name__ == "__main__":
    unittest.main()
