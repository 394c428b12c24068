#!/usr/bin/python3
"""offcut compare: folders of runs and sweeps, and scenarios."""
import csv
import shutil
import unittest

from program import SCENARIO, InFolder

FAST = SCENARIO.replace("latency: 10 ms", "latency: 8 ms")  # Every request takes 4 ms less.


class Compare(InFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "fast.yaml").write_text(FAST, encoding="utf-8")

    def rows(self, name):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return {row["figure"]: row for row in csv.DictReader(file)}

    def test_scenarios_are_run_with_common_random_numbers(self):
        text = self.succeed("compare", "small.yaml", "fast.yaml", "--replications", "6", "--out", "c.csv")
        self.assertIn("A: small.yaml\nB: fast.yaml\n", text)
        self.assertIn("B is better than A: latency_mean_s by ", text)
        self.assertLessEqual(max(map(len, text.splitlines()[:13])), 80, text)
        mean = self.rows("c.csv")["latency_mean_s"]
        self.assertEqual((mean["pairs"], mean["significant"], mean["better"]), ("6", "1", "fast.yaml"))
        self.assertAlmostEqual(float(mean["difference"]), -0.004, delta=1e-4)
        self.assertLess(float(mean["high"]), 0)
        self.assertAlmostEqual(float(mean["relative_difference"]), float(mean["difference"]) / float(mean["against_mean"]))
        # The same seeds give the same arrivals, so nothing is dropped or late in either.
        self.assertEqual(self.rows("c.csv")["requests_dropped"]["better"], "")

    def test_equal_scenarios_are_equal(self):
        shutil.copy(self.folder / "small.yaml", self.folder / "copy.yaml")
        text = self.succeed("compare", "small.yaml", "copy.yaml", "--replications", "3")
        self.assertIn("A and B: no significant difference", text)
        self.assertNotIn(" than A: ", text)

    def test_worse_is_said_of_the_later_side(self):
        self.assertIn("B is worse than A: latency_mean_s by ", self.succeed("compare", "fast.yaml", "small.yaml", "--replications", "3"))

    def test_sweeps_are_compared_point_by_point(self):
        for name in ["small", "fast"]:
            self.succeed("sweep", f"{name}.yaml", "--vary", "workload.rate=[2, 4] /s", "--replications", "4", "--out", name)
        text = self.succeed("compare", "small/", "fast", "--out", "c.csv", "--figure", "latency_mean_s")
        self.assertIn("\nB with A, workload.rate = 2 /s: 4 pairs\n", text)
        with open(self.folder / "c.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(row["workload.rate"], row["side"], row["against"], row["better"]) for row in rows],
                         [("2 /s", "fast", "small", "fast"), ("4 /s", "fast", "small", "fast")])

    def test_variants_of_one_sweep(self):
        (self.folder / "s.yaml").write_text("base: small.yaml\nreplications: 3\ncompare: {split: {}, local: {plan.algorithm: device-only}}\n",
                                            encoding="utf-8")
        self.succeed("sweep", "s.yaml", "--out", "s")
        text = self.succeed("compare", "s")
        self.assertIn("A: s: split\nB: s: local\n", text)

    def test_plans_of_one_folder(self):
        self.succeed("run", "small.yaml", "--out", "one", "--set", "plan={algorithm: cloud-only, compare: [device-only]}")
        text = self.succeed("compare", "one")
        self.assertIn("A: one\nB: one: device-only\n", text)
        self.assertIn("there is no interval", text)
        (self.folder / "s.yaml").write_text("base: small.yaml\nreplications: 3\nset: {plan.compare: [device-only]}\n"
                                            "vary: {workload.rate: [2, 4] /s}\n",
                                            encoding="utf-8")
        self.succeed("sweep", "s.yaml", "--out", "s")
        text = self.succeed("compare", "s", "--figure", "latency_mean_s")
        self.assertIn("A: s\nB: s: device-only\n", text)
        self.assertEqual(text.count(": 3 pairs\n"), 2)
        self.succeed("sweep", "small.yaml", "--replications", "3", "--set", "plan.compare=none", "--out", "other")
        self.assertIn("A: one\nB: other\n", self.succeed("compare", "one", "other"))

    def test_single_runs_have_no_interval(self):
        for name in ["small", "fast"]:
            self.succeed("run", f"{name}.yaml", "--out", name)
        text = self.succeed("compare", "small", "fast")
        self.assertIn("there is no interval", text)
        self.assertNotIn(" than A: ", text)

    def test_a_folder_and_a_scenario_share_seeds(self):
        self.succeed("sweep", "small.yaml", "--replications", "3", "--seed", "40", "--out", "small")
        self.assertIn("B with A: 3 pairs", self.succeed("compare", "small", "fast.yaml", "--replications", "3"))

    def test_saturated_runs_are_left_out_and_named(self):
        self.succeed("sweep", "small.yaml", "--replications", "3", "--set", "workload.rate=200 /s", "--set", "stop.requests=3000",
                     "--out", "full")
        self.succeed("sweep", "small.yaml", "--replications", "3", "--out", "small")
        text = self.succeed("compare", "small", "full")
        self.assertIn("saturated: 3 of 3 runs of B (full)", text)
        self.assertNotIn(" than A: ", text)

    def test_rounding_is_no_difference(self):
        (self.folder / "s.yaml").write_text(
            "base: small.yaml\nreplications: 3\nset: {plan.compare: none, workload: {arrivals: periodic, period: 1 s}, stop.requests: 50}\n"
            "compare: {a: {workload.period: 0.7 s}, b: {workload.period: 1.3 s}}\n", encoding="utf-8")
        self.succeed("sweep", "s.yaml", "--set", "tiers.device.count=1", "--out", "s")
        text = self.succeed("compare", "s", "--figure", "latency_mean_s")
        self.assertRegex(text, r"(?m)^latency_mean_s .* none +equal$")

    def test_options_that_change_nothing_are_refused(self):
        for name in ["small", "fast"]:
            self.succeed("run", f"{name}.yaml", "--out", name)
        for option in (["--seed", "3"], ["--set", "seed=3"], ["--replications", "5"]):
            self.assertIn("the runs of folders are finished", self.refuse("compare", "small", "fast", *option))
        self.assertIn("there is no folder", self.refuse("compare", "small", "fast", "--out", "nowhere/c.csv"))

    def test_errors(self):
        self.assertEqual(self.refuse("compare", "small.yaml"),
                         "offcut compare: error: expected at least two results, scenarios or variants of a sweep, got one\n")
        self.assertEqual(self.refuse("compare", "nowhere", "small.yaml"), "nowhere: error: does not exist\n")
        (self.folder / "empty").mkdir()
        self.assertEqual(self.refuse("compare", "small.yaml", "empty"),
                         "empty: error: has neither sweep.csv nor summary.csv: expected results of offcut sweep or offcut run\n")
        self.assertIn("unknown figure 'latency'", self.refuse("compare", "small.yaml", "fast.yaml", "--figure", "latency"))
        self.succeed("sweep", "small.yaml", "--vary", "workload.rate=[2, 4] /s", "--out", "a")
        self.succeed("sweep", "small.yaml", "--vary", "tiers.device.count=[2, 4]", "--out", "b")
        self.assertIn("expected sweeps over the same parameters", self.refuse("compare", "a", "b"))
        self.assertIn("--confidence", self.refuse("compare", "a", "a", "--confidence", "5 %"))
        self.assertIn("--out", self.refuse("compare", "a", "a", "--out", "a/sweep.csv"))
        # Nothing has a price, a deadline or a label here.
        for name in ["small", "fast"]:
            self.succeed("run", f"{name}.yaml", "--out", name)
        self.assertIn("none of the figures", self.refuse("compare", "small", "fast", "--figure", "money"))


if __name__ == "__main__":
    unittest.main()
