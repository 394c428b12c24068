#!/usr/bin/python3
"""The intervals of runs: M/M/1 in the engine is Lindley's recursion, and its intervals cover the known mean."""
import csv
import re
import unittest

from program import InFolder

# One device as M/M/1: a mean service of 10 ms at load 0.5 has a mean sojourn time of 20 ms.
SCENARIO = """\
offcut: 1
stop: {requests: 12000}
model: {layers: layers.csv}
tiers: {device: {is: "column:phone", noise: {kind: exponential}}}
plan: {algorithm: device-only, compare: none}
workload: {arrivals: poisson, rate: 50 /s}
"""
LAYERS = "layer,inputs,output_bytes,param_bytes,macs,phone_s\nimage,,1,0,0,0\nfc,image,1,0,0,0.01\n"
MEAN_S = 0.02


class Intervals(InFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "mm1.yaml").write_text(SCENARIO, encoding="utf-8")
        (self.folder / "layers.csv").write_text(LAYERS, encoding="utf-8")

    def rows(self, name):
        with open(self.folder / "out" / name, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def run_it(self, *settings):
        words = [word for setting in settings for word in ("--set", setting)]
        text = self.succeed("run", "mm1.yaml", "--out", "out", *words)
        return self.rows("summary.csv")[0], text

    def test_engine_is_lindley(self):
        self.run_it()
        done = 0.0
        for row in self.rows("requests.csv"):
            done = max(done, float(row["arrival_s"])) + float(row["device_compute_s"])
            self.assertAlmostEqual(done, float(row["completion_s"]), delta=1e-9)

    def test_coverage_of_24_seeds(self):
        # Of 24 intervals with 95 %, fewer than 19 cover the mean once in 1,000 times; the seeds are fixed.
        covered = 0
        for seed in range(1, 25):
            summary, text = self.run_it(f"seed={seed}", "output.requests=false")
            if summary["steady_mean_low_s"]:
                covered += float(summary["steady_mean_low_s"]) <= MEAN_S <= float(summary["steady_mean_high_s"])
                self.assertRegex(text, r"(?m)^device-only +\S+ ms +\S+ ms +\S+ (us|ms)  ")
            else:
                covered += 1
                self.assertIn("too short for an interval", " ".join(text.split()))
        self.assertGreaterEqual(covered, 19)

    def test_confidence_widens(self):
        widths = []
        for confidence in ("80 %", "95 %", "99 %"):
            summary, _ = self.run_it(f"statistics.confidence={confidence}", "stop.requests=30000")
            widths.append(float(summary["steady_mean_high_s"]) - float(summary["steady_mean_low_s"]))
        self.assertEqual(widths, sorted(set(widths)))

    def test_warm_up(self):
        summary, _ = self.run_it("statistics.warm-up=none")
        self.assertEqual(summary["warmup_requests"], "0")
        summary, _ = self.run_it("statistics.warm-up=10 s")
        early = sum(float(row["arrival_s"]) < 10 for row in self.rows("requests.csv"))
        self.assertEqual(int(summary["warmup_requests"]), early)

    def test_too_short(self):
        summary, text = self.run_it("stop.requests=500", "statistics.warm-up=none")
        self.assertEqual(summary["steady_mean_low_s"], "")
        self.assertNotEqual(summary["steady_mean_s"], "")
        self.assertRegex(summary["steady_note"], "^no interval: ")
        self.assertIn("too short for an interval", re.sub(r"\s+", " ", text))

    def test_equal_latencies(self):
        summary, text = self.run_it("workload={arrivals: periodic, period: 0.037 s}", 'tiers.device={is: "column:phone"}', "stop.requests=1000")
        self.assertAlmostEqual(float(summary["steady_mean_low_s"]), 0.01, delta=1e-9)
        self.assertAlmostEqual(float(summary["steady_p95_high_s"]), 0.01, delta=1e-9)
        self.assertEqual(summary["effective_requests"], "960")  # In 64 batches of 15.
        self.assertNotIn("too short", text)

    def test_saturated(self):
        summary, _ = self.run_it("workload.rate=120 /s")
        self.assertEqual(summary["verdict"], "overloaded")
        self.assertEqual(summary["steady_mean_s"], "")
        self.assertIn("not stable", summary["steady_note"])


if __name__ == "__main__":
    unittest.main()
