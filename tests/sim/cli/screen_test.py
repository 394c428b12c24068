#!/usr/bin/python3
"""offcut screen: which parameters matter for a figure."""
import csv
import unittest

from program import InFolder

OVER = ["--over", "network.device-cloud.latency=1..21 ms", "--over", "tiers.device.count=1..3", "--over",
        "network.device-cloud.up={from: 1 Mbit/s, to: 100 Mbit/s, scale: log}"]
FEW = ["--set", "stop.requests=50", "--set", "workload.rate=0.1 /s", "--set", "plan.compare=none"]


class Screen(InFolder):
    def screen(self, *arguments):
        return self.succeed("screen", "small.yaml", "--figure", "latency_mean_s", *OVER, *FEW, *arguments)

    def rows(self, name):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return {row["parameter"]: row for row in csv.DictReader(file)}

    def test_effects_in_an_idle_system_are_known(self):
        text = self.screen("--out", "s.csv", "--trajectories", "6")
        rows = self.rows("s.csv")
        # Requests hardly meet. The latency of the link counts twice: 2 x 20 ms over the range.
        link = rows["network.device-cloud.latency"]
        self.assertAlmostEqual(float(link["mu_star"]), 0.04, delta=0.002)
        self.assertAlmostEqual(float(link["mu"]), 0.04, delta=0.002)
        self.assertEqual(link["effects"], "6")
        self.assertLess(float(rows["tiers.device.count"]["mu_star"]), 0.004)
        self.assertLess(float(rows["network.device-cloud.up"]["mu"]), 0)
        table = [line.split()[0] for line in text.splitlines()[2:5]]
        self.assertEqual(table[0], "network.device-cloud.latency")
        self.assertEqual(sorted(table), sorted(rows))

    def test_sobol_indices_of_it(self):
        self.screen("--method", "sobol", "--samples", "32", "--out", "s.csv")
        rows = self.rows("s.csv")
        # An additive function: the first-order indices add up to 1, and total ones are the same. The link's latency is uniform
        # over 40 ms, with a standard deviation of 11.5 ms; the 8 kbit take 0.08 to 8 ms, spread by a log scale.
        link = rows["network.device-cloud.latency"]
        self.assertGreater(float(link["total"]), 0.85)
        self.assertLessEqual(float(link["total_low"]), float(link["total"]))
        self.assertGreaterEqual(float(link["total_high"]), float(link["total"]))
        self.assertLess(float(rows["tiers.device.count"]["total"]), 0.05)

    def test_bytes_do_not_depend_on_j(self):
        self.screen("--out", "a.csv", "--trajectories", "3", "-j", "1")
        self.screen("--out", "b.csv", "--trajectories", "3", "-j", "3")
        self.assertEqual((self.folder / "a.csv").read_bytes(), (self.folder / "b.csv").read_bytes())

    def test_lists_and_figures_that_do_not_vary(self):
        text = self.succeed("screen", "small.yaml", "--figure", "latency_mean_s", "--figure", "requests_dropped", "--over",
                            "plan.algorithm=[cloud-only, device-only]", "--trajectories", "2", *FEW)
        self.assertIn("plan.algorithm", text)

    def test_saturated_runs_are_counted(self):
        text = self.succeed("screen", "small.yaml", "--figure", "latency_mean_s", "--over", "workload.rate=1..300 /s", "--set",
                            "stop.requests=3000", "--trajectories", "4")
        self.assertRegex(text, r"runs?; \d+ saturated: what they touch is left out")

    def test_errors(self):
        def refuse(*arguments):
            return self.refuse("screen", "small.yaml", *arguments)

        figure = ["--figure", "latency_mean_s"]
        self.assertIn("--over is required", refuse(*figure))
        self.assertIn("--figure is required", refuse(*OVER))
        self.assertIn("unknown figure 'latency'", refuse("--figure", "latency", *OVER))
        self.assertIn("expected PATH=FROM..TO", refuse(*figure, "--over", "tiers.device.count"))
        self.assertIn("expected a range", refuse(*figure, "--over", "tiers.device.count=3"))
        self.assertIn("expected more than 'from'", refuse(*figure, "--over", "tiers.device.count=3..1"))
        self.assertIn("unknown key 'scal'; did you mean 'scale'?",
                      refuse(*figure, "--over", "tiers.device.count={from: 1, to: 9, scal: log}"))
        self.assertIn("is stated twice", refuse(*figure, *OVER[:2], *OVER[:2]))
        self.assertIn("unknown method 'moris'; did you mean 'morris'?", refuse(*figure, *OVER, "--method", "moris"))
        self.assertIn("belongs to the other method", refuse(*figure, *OVER, "--samples", "8"))
        self.assertIn("did you mean 'count'", refuse(*figure, "--over", "tiers.device.cuont=1..3"))


if __name__ == "__main__":
    unittest.main()
