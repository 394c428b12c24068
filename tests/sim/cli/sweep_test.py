#!/usr/bin/python3
"""offcut sweep: points, replications and variants, what is kept after a kill, shards, ranks, statistics and errors."""
import csv
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time
import unittest

import numpy
import scipy.stats

from program import PROGRAM, SOURCE, InFolder, offcut

FILES = ["sweep.csv", "points.csv", "differences.csv"]
SWEEP = """\
base: small.yaml
set: {stop.requests: 200, plan.compare: none}
vary:
  network.device-cloud.up: [1, 2, 4] Mbit/s
  tiers.device.count: {from: 1, to: 4, factor: 2}
compare:
  cloud: {plan.algorithm: cloud-only}
  device: {plan.algorithm: device-only}
replications: 3
"""


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text else None


class Sweeps(InFolder):
    def setUp(self):
        super().setUp()
        self.write("sweep.yaml", SWEEP)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def sweep(self, *arguments, code=0):
        result = offcut("sweep", *arguments, cwd=self.folder)
        self.assertEqual(result.returncode, code, result.stderr + result.stdout)
        return result

    def content(self, folder):
        return {name: (self.folder / folder / name).read_bytes()
                for name in FILES if (self.folder / folder / name).exists()}


class Results(Sweeps):
    def test_every_row_is_what_its_command_gives(self):
        self.sweep("sweep.yaml", "--out", "out")
        all_rows = rows(self.folder / "out/sweep.csv")
        self.assertEqual(len(all_rows), 3 * 3 * 2 * 3)
        for row in random.Random(1).sample(all_rows, 6):
            command = row["command"].replace("offcut", PROGRAM, 1) + " --out single"
            subprocess.run(command, shell=True, cwd=self.folder, check=True, capture_output=True)
            single = rows(self.folder / "single/summary.csv")[0]
            for name, value in single.items():
                if name != "scenario":
                    self.assertEqual(row[name], value, name)

    def test_real_math_is_the_same_as_in_single_runs(self):
        base = SOURCE / "scenarios/digits.yaml"
        self.sweep(base, "--vary", "tiers.device.count=[1, 2]", "--replications", "3", "--set", "stop.requests=40",
                   "--set", "plan.compare=none", "-j", "1", "--out", "out")
        found = rows(self.folder / "out/sweep.csv")
        self.assertEqual(len(found), 6)
        for row in found[::2]:
            command = row["command"].replace("offcut", PROGRAM, 1) + " --out single"
            subprocess.run(command, shell=True, cwd=self.folder, check=True, capture_output=True)
            single = rows(self.folder / "single/summary.csv")[0]
            for name in ["accuracy", "upload_bytes", "latency_mean_s", "seed"]:
                self.assertEqual(row[name], single[name], name)
            self.assertTrue(row["accuracy"])

    def test_rows_are_in_the_order_of_points_variants_and_replications(self):
        self.sweep("sweep.yaml", "--out", "out")
        found = [(row["point"], row["network.device-cloud.up"], row["tiers.device.count"], row["variant"],
                  row["replication"], row["seed"]) for row in rows(self.folder / "out/sweep.csv")]
        expected, point = [], 0
        for up in ["1 Mbit/s", "2 Mbit/s", "4 Mbit/s"]:
            for count in ["1", "2", "4"]:
                point += 1
                for variant in ["cloud", "device"]:
                    expected += [(str(point), up, count, variant, str(i), str(i)) for i in [1, 2, 3]]
        self.assertEqual(found, expected)

    def test_means_and_intervals_are_those_of_scipy(self):
        self.sweep("sweep.yaml", "--out", "out")
        runs = rows(self.folder / "out/sweep.csv")
        for point in rows(self.folder / "out/points.csv"):
            own = [row for row in runs if row["point"] == point["point"] and row["variant"] == point["variant"]]
            used = [row for row in own if row["verdict"] == "stable"]
            self.assertEqual((int(point["runs"]), int(point["used"]), int(point["saturated"])),
                             (len(own), len(used), len(own) - len(used)))
            for figure in ["latency_mean_s", "latency_p95_s", "throughput_per_s", "device_energy_j"]:
                values = [float(row[figure]) for row in used if row[figure]]
                if not values:
                    self.assertEqual((point[figure], point[figure + "_half_width"]), ("", ""))
                    continue
                self.assertAlmostEqual(float(point[figure]), numpy.mean(values), delta=1e-12 * max(values))
                if len(values) > 1:
                    half = scipy.stats.t.ppf(0.975, len(values) - 1) * scipy.stats.sem(values)
                    self.assertAlmostEqual(float(point[figure + "_half_width"]), half, delta=1e-9 * max(values))

    def test_differences_are_paired_by_replication(self):
        self.sweep("sweep.yaml", "--out", "out")
        runs = rows(self.folder / "out/sweep.csv")
        differences = rows(self.folder / "out/differences.csv")
        self.assertGreater(len(differences), 9)
        for row in differences:
            value = {}
            for run in runs:
                if run["point"] == row["point"] and run["verdict"] == "stable" and run[row["figure"]]:
                    value[run["variant"], run["replication"]] = float(run[row["figure"]])
            pairs = [(value["device", i], value["cloud", i]) for i in "123"
                     if ("device", i) in value and ("cloud", i) in value]
            a, b = numpy.array(pairs).T
            self.assertEqual((row["variant"], row["against"], int(row["pairs"])), ("device", "cloud", len(pairs)))
            self.assertAlmostEqual(float(row["difference"]), numpy.mean(a - b), delta=1e-12)
            if numpy.ptp(a - b) > 0:
                self.assertAlmostEqual(float(row["p_value"]), scipy.stats.ttest_rel(a, b).pvalue, delta=1e-9)

    def test_variants_have_common_random_numbers(self):
        self.write("same.yaml", "base: small.yaml\nset: {plan.compare: none}\ncompare: {a: {}, b: {}}\nreplications: 3\n")
        self.sweep("same.yaml", "--out", "out")
        a, b = [[row["latency_mean_s"] for row in rows(self.folder / "out/sweep.csv") if row["variant"] == v]
                for v in "ab"]
        self.assertEqual(a, b)
        self.assertEqual(len(set(a)), 3)

    def test_a_scenario_without_a_sweep_file(self):
        text = self.sweep("small.yaml", "--vary", "tiers.device.count=1..3", "--vary",
                          "network.device-cloud.up=[1, 2] Mbit/s", "--replications", "2", "--out", "out",
                          "--set", "stop.requests=50", "--set", "plan.compare=none").stdout
        self.assertEqual(len(rows(self.folder / "out/sweep.csv")), 12)
        self.assertEqual({row["requests_arrived"] for row in rows(self.folder / "out/sweep.csv")}, {"50"})
        self.assertIn("6 points, 1 variant: 12 runs", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 120)

    def test_zipped_and_sampled_parameters(self):
        self.write("zip.yaml", "base: small.yaml\nset: {plan.compare: none}\nzip: [{tiers.device.count: [1, 2], seed: [5, 6]}]\n"
                               "sample: {design: sobol, points: 4, over: {workload.rate: {from: 1 /s, to: 5 /s}}}\n")
        self.sweep("zip.yaml", "--out", "out")
        found = rows(self.folder / "out/sweep.csv")
        self.assertEqual([(row["tiers.device.count"], row["seed"]) for row in found], [("1", "5")] * 4 + [("2", "6")] * 4)
        self.assertEqual([row["workload.rate"] for row in found], ["3 /s", "4 /s", "2 /s", "2.5 /s"] * 2)

    def test_precision_replicates_until_intervals_are_narrow(self):
        self.write("precise.yaml", "base: small.yaml\nset: {workload.rate: 8 /s, plan.compare: none}\nvary: {tiers.device.count: [1, 3]}\n"
                                   "precision: 3 % of latency_mean_s\nmost-replications: 60\n")
        self.sweep("precise.yaml", "--out", "out")
        for point in rows(self.folder / "out/points.csv"):
            runs = int(point["runs"])
            narrow = float(point["latency_mean_s_half_width"]) <= 0.03 * float(point["latency_mean_s"])
            self.assertTrue(narrow or runs == 60, point)
            self.assertGreater(runs, 1)
        before = self.content("out")
        self.sweep("precise.yaml", "--out", "single", "-j", "1")
        self.assertEqual(before, self.content("single"))

    def test_saturated_runs_are_left_out_and_named(self):
        self.write("busy.yaml", "base: small.yaml\nset: {plan: {algorithm: device-only, compare: none}, stop.requests: 2000}\n"
                                "vary: {workload.rate: [5, 500] /s}\nreplications: 2\n")
        text = self.sweep("busy.yaml", "--out", "out").stdout
        points = rows(self.folder / "out/points.csv")
        self.assertEqual([point["saturated"] for point in points], ["0", "2"])
        self.assertEqual(points[1]["latency_mean_s"], "")
        self.assertIn("saturated: 2 runs at 1 point (point 2, device-only)", text)

    def test_every_shipped_sweep_is_valid(self):
        shipped = sorted((SOURCE / "scenarios/sweeps").glob("*.yaml"))
        self.assertGreater(len(shipped), 1)
        for path in shipped:
            self.assertRegex(self.sweep(path, "--dry-run").stdout, r"runs\n(about|the first point is valid; it trains)", path)

    def test_a_dry_run_writes_nothing(self):
        text = self.sweep("sweep.yaml", "--dry-run").stdout
        self.assertIn("9 points, 2 variants, 3 replications: 54 runs", text)
        self.assertRegex(text, r"about \d")
        self.assertFalse((self.folder / "results").exists())


class Kept(Sweeps):
    def setUp(self):
        super().setUp()
        self.sweep("sweep.yaml", "--out", "whole", "-j", "1")
        self.whole = self.content("whole")

    def test_bytes_do_not_depend_on_the_number_of_jobs(self):
        for jobs in ["2", "5"]:
            self.sweep("sweep.yaml", "--out", "out" + jobs, "-j", jobs)
            self.assertEqual(self.content("out" + jobs), self.whole)

    def test_a_sweep_that_is_killed_again_and_again_loses_nothing(self):
        self.write("sweep.yaml", SWEEP.replace("stop.requests: 200", "stop.requests: 3000"))
        self.sweep("sweep.yaml", "--out", "whole", "-j", "1")
        journal = self.folder / "out/sweep.journal"

        def lines():
            return journal.read_bytes().count(b"\n") if journal.exists() else 0

        chance, kills = random.Random(2), 0
        for _ in range(60):
            process = subprocess.Popen([PROGRAM, "sweep", "sweep.yaml", "--out", "out", "-j", "2", "--resume"],
                                       cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            enough = lines() + chance.randint(2, 9)
            while process.poll() is None and lines() < enough:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.01))
            process.kill()
            errors = process.communicate()[1]
            if process.returncode == 0:
                break
            self.assertEqual((process.returncode, errors), (-signal.SIGKILL, b""))
            kills += 1
        self.assertGreater(kills, 2)
        self.assertEqual(self.content("out"), self.content("whole"))

    def test_shards_that_are_joined_are_the_whole(self):
        for k in range(1, 5):
            self.sweep("sweep.yaml", "--shard", f"{k}/4", "--out", f"part{k}")
            self.assertFalse((self.folder / f"part{k}/sweep.csv").exists())
        self.sweep("--merge", "part3", "part1", "part4", "part2", "--out", "all")
        self.assertEqual(self.content("all"), self.whole)
        result = self.sweep("--merge", "part1", "part2", "--out", "some", code=2)
        self.assertEqual(result.stderr, "part1/sweep.journal: error: expected all of 4 shards; missing: 3, 4\n")
        journal = self.folder / "part3/sweep.journal"
        journal.write_bytes(journal.read_bytes()[:-5])
        result = self.sweep("--merge", "part1", "part2", "part3", "part4", "--out", "some", code=2)
        self.assertEqual(result.stderr, "part3/sweep.journal: error: is not finished; expected --resume to go on\n")

    def mpirun(self):
        if shutil.which("mpirun") is None:
            self.skipTest("no mpirun")
        if not (pathlib.Path(PROGRAM).parent / "offcut-mpi.so").exists():
            self.skipTest("built without MPI")
        launcher = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-np", "3"]
        if subprocess.run([*launcher, "true"], capture_output=True, timeout=120, check=False).returncode != 0:
            self.skipTest("mpirun starts nothing here")
        return [*launcher, PROGRAM, "sweep"]

    def test_ranks_give_the_same_bytes(self):
        mpirun = self.mpirun()
        result = subprocess.run([*mpirun, "sweep.yaml", "--out", "ranks"], cwd=self.folder, capture_output=True,
                                encoding="utf-8", timeout=120, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.content("ranks"), self.whole)
        self.assertEqual(result.stdout.count("54 runs"), 1)
        result = subprocess.run([*mpirun, "none.yaml"], cwd=self.folder, capture_output=True, encoding="utf-8",
                                timeout=120, check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stderr.count("none.yaml: error: does not exist"), 1, result.stderr)

    def test_a_rank_that_dies_ends_the_job_and_loses_nothing(self):
        mpirun = self.mpirun()
        self.write("sweep.yaml", SWEEP.replace("stop.requests: 200", "stop.requests: 3000"))
        self.sweep("sweep.yaml", "--out", "whole")
        journal = self.folder / "out/sweep.journal"
        for victim in (0, 2):  # The rank that writes, and another one.
            process = subprocess.Popen([*mpirun, "sweep.yaml", "--out", "out", "--resume"], cwd=self.folder,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8")
            enough = (journal.read_bytes().count(b"\n") if journal.exists() else 0) + 6
            while not journal.exists() or journal.read_bytes().count(b"\n") < enough:
                self.assertIsNone(process.poll())
                time.sleep(0.001)
            ranks = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
            found = [int(rank) for rank in ranks
                     if f"OMPI_COMM_WORLD_RANK={victim}\0" in pathlib.Path(f"/proc/{rank}/environ").read_text(encoding="utf-8")]
            self.assertEqual(len(found), 1)
            os.kill(found[0], signal.SIGKILL)
            errors = process.communicate(timeout=120)[1]
            self.assertNotEqual(process.returncode, 0)
            self.assertIn("signal 9", errors)
            deadline = time.monotonic() + 60
            while any(pathlib.Path(f"/proc/{rank}").exists() for rank in ranks) and time.monotonic() < deadline:
                time.sleep(0.01)
        text = self.sweep("sweep.yaml", "--out", "out", "--resume").stdout
        self.assertGreaterEqual(int(re.search(r"(\d+) runs of earlier are kept", text).group(1)), 11)
        self.assertEqual(self.content("out"), self.content("whole"))

    def test_an_edited_sweep_keeps_what_it_still_has(self):
        self.sweep("sweep.yaml", "--out", "out")
        self.write("sweep.yaml", SWEEP.replace("[1, 2, 4]", "[8, 2, 4]").replace("replications: 3", "replications: 4"))
        text = self.sweep("sweep.yaml", "--out", "out", "--resume").stdout
        self.assertIn("36 runs of earlier are kept", text)
        self.assertIn("18 runs of earlier are not in this sweep", text)
        self.assertIn("--set 'network.device-cloud.up=1 Mbit/s'", text)
        edited = self.content("out")
        self.sweep("sweep.yaml", "--out", "fresh")
        self.assertEqual(edited, self.content("fresh"))

    def test_an_edited_base_keeps_nothing(self):
        scenario = (self.folder / "small.yaml").read_text(encoding="utf-8")
        self.sweep("sweep.yaml", "--out", "out")
        self.write("small.yaml", scenario.replace("10 ms", "20 ms"))
        self.assertIn("0 runs of earlier are kept", self.sweep("sweep.yaml", "--out", "out", "--resume").stdout)
        self.sweep("sweep.yaml", "--out", "fresh")
        self.assertEqual(self.content("out"), self.content("fresh"))

    def test_an_unfinished_sweep_is_not_begun_again_by_accident(self):
        journal = self.folder / "whole/sweep.journal"
        lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
        journal.write_text("".join(lines[:11]), encoding="utf-8")
        result = self.sweep("sweep.yaml", "--out", "whole", code=2)
        self.assertIn("holds 10 of 54 runs of an unfinished sweep; expected --resume", result.stderr)
        self.sweep("sweep.yaml", "--out", "whole", "--restart")
        self.assertEqual(self.content("whole"), self.whole)

    def test_ctrl_c_says_what_is_kept(self):
        self.write("long.yaml", SWEEP.replace("stop.requests: 200", "stop.requests: 200000"))
        process = subprocess.Popen([PROGRAM, "sweep", "long.yaml", "--out", "long"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        journal = self.folder / "long/sweep.journal"
        while not journal.exists() or journal.read_text(encoding="utf-8").count("\n") < 2:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertEqual(errors, "offcut: interrupted; the finished runs are in long/sweep.journal; --resume goes on\n")


class Errors(Sweeps):
    def error(self, text, *arguments):
        self.write("bad.yaml", text)
        return self.sweep("bad.yaml", *arguments, code=2).stderr

    def test_a_run_that_fails_is_named_and_the_others_go_on(self):
        self.write("some.yaml", "base: small.yaml\nset: {plan.compare: none}\nvary: {tiers.device.count: [2, 0, 1]}\nreplications: 2\n")
        text = self.sweep("some.yaml", "--out", "out", "-q", code=1).stderr
        self.assertIn("2 runs failed:\noffcut run small.yaml --set plan.compare=none --set tiers.device.count=0 --seed 1\n"
                      "  some.yaml:3:28: error: tiers.device.count: must be between 1 and 10000000, got '0'", text)
        self.assertEqual([row["outcome"] for row in rows(self.folder / "out/sweep.csv")],
                         ["completed"] * 2 + ["failed"] * 2 + ["completed"] * 2)
        self.assertEqual([p["failed"] for p in rows(self.folder / "out/points.csv")], ["0", "2", "0"])
        again = self.sweep("some.yaml", "--out", "out", "--resume", code=1).stdout
        self.assertIn("4 runs of earlier are kept", again)

    def test_all_errors_of_a_file_come_at_once(self):
        text = self.error("base: none.yaml\nvary: {a.b: [], c: {from: 1 ms, to: 2 s, points: 3}}\nreplication: 3\n"
                          "compare: 5\nprecision: 2 % of latency_mean\n")
        for message in ["bad.yaml:1:7: error: base: there is no file 'none.yaml'",
                        "bad.yaml:2:13: error: a.b: expected values, got an empty list",
                        "bad.yaml:2:37: error: c.to: expected the unit of 'from', 'ms', got 's'",
                        "bad.yaml:3:1: error: unknown key 'replication'; did you mean 'replications'?",
                        "bad.yaml:4:10: error: compare: expected a map, got '5'",
                        "precision: unknown figure 'latency_mean'; did you mean 'latency_mean_s'?"]:
            self.assertIn(message, text)
        self.assertFalse((self.folder / "results").exists())

    def test_an_unknown_path_is_an_error_before_anything_runs(self):
        text = self.error("base: small.yaml\nvary: {tiers.devise.count: [1, 2]}\n")
        self.assertIn("bad.yaml:2:28: error: there is no tier 'devise'; did you mean 'device'?", text)

    def test_zipped_lists_of_unlike_lengths(self):
        self.assertIn("tiers.device.count: 3 values, but seed has 2: zipped parameters need equally many",
                      self.error("base: small.yaml\nzip: {seed: [1, 2], tiers.device.count: [1, 2, 3]}\n"))

    def test_invalid_options(self):
        for arguments, message in [
                (["--vary", "x"], "expected PATH=VALUES"), (["-j", "0"], "-j: error: expected 1 to"),
                (["--shard", "5/4"], "expected K/N"), (["--resume", "--restart"], "expected either"),
                (["--replications", "0"], "expected 1 to"), (["--precision", "x"], "expected a share of a figure"),
                (["--vary", "seed=[1, 2]", "--replications", "2"], "replications have seeds of their own")]:
            self.assertIn(message, self.sweep("small.yaml", *arguments, code=2).stderr)

    def test_a_folder_that_cannot_be_written(self):
        (self.folder / "file").write_text("x", encoding="utf-8")
        self.assertIn("file", self.sweep("sweep.yaml", "--out", "file/out", code=2).stderr)

    def test_a_full_disk_keeps_what_is_finished(self):
        def limit():
            import resource
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
        result = subprocess.run([PROGRAM, "sweep", "sweep.yaml", "--out", "out"], cwd=self.folder, preexec_fn=limit,
                                capture_output=True, encoding="utf-8", timeout=120, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot be written: File too large; the finished runs are kept, --resume goes on", result.stderr)
        self.sweep("sweep.yaml", "--out", "out", "--resume")
        self.sweep("sweep.yaml", "--out", "whole")
        self.assertEqual(self.content("out"), self.content("whole"))

    def test_the_sweep_is_not_written_over_its_inputs(self):
        self.write("sweep.csv", "x")
        self.assertTrue(os.path.exists(self.folder / "sweep.csv"))
        os.link(self.folder / "small.yaml", self.folder / "points.csv")
        self.assertIn("is the same file as the input", self.sweep("sweep.yaml", "--out", ".", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
