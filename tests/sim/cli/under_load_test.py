#!/usr/bin/python3
"""Plans and policies that are chosen together under load: they are never worse than those of the idle system, resolved.yaml gives
the same run without a search, and the same scenario gives the same bytes."""
import csv
import re
import unittest

from program import InFolder

BIG = """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,edge_s,edge_s@8
image,,60000,0,0,0,0,0
conv,image,9000,0,1000,0.03,0.004,0.008
dense,conv,40,0,1000,0.09,0.012,0.024
"""
SMALL = """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,edge_s,edge_s@8
image,,60000,0,0,0,0,0
conv,image,3000,0,1000,0.008,0.001,0.002
dense,conv,40,0,1000,0.012,0.0015,0.003
"""
SCENARIO = """\
offcut: 1
name: two models
seed: 3
stop: {requests: 3000}
models: {big: {layers: big.csv}, small: {layers: small.csv}}
tiers:
  device: {is: "column:phone", count: 20}
  edge: {is: "column:edge", noise: {kind: lognormal, cv: 0.2}}
network:
  device-edge: {up: 40 Mbit/s, down: 40 Mbit/s, latency: 2 ms}
plan: {under: load, scheduling: choose, compare: [device-only, multi-tier]}
workload:
  classes:
    urgent: {model: small, arrivals: poisson, rate: 4 /s, deadline: 40 ms}
    rest: {model: big, arrivals: poisson, rate: 2.5 /s, deadline: 300 ms, priority: 1}
"""


class UnderLoad(InFolder):
    def setUp(self):
        super().setUp()
        for name, text in (("big.csv", BIG), ("small.csv", SMALL), ("run.yaml", SCENARIO)):
            (self.folder / name).write_text(text, encoding="utf-8")

    def rows(self, folder, name):
        with open(self.folder / folder / name, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def steps(self, printed):
        """Returns the rows of the table of steps: name, predicted, simulated mean."""
        return [re.split(r"  +", line.strip()) for line in printed.splitlines() if re.match(r"(idle plans|\+ )", line)]

    def test_resolved_runs_the_same_without_a_search(self):
        printed = self.succeed("run", "run.yaml", "--out", "first")
        self.assertIn("planned under load for the least mean delay: cuts and policies ", printed)
        self.assertEqual(self.steps(printed)[0][0], "idle plans, own policies")
        again = self.succeed("run", "first/resolved.yaml", "--out", "second")
        self.assertNotIn("planned under load", again)
        for name in ("requests.csv", "tiers.csv", "links.csv", "classes.csv"):
            first, second = self.rows("first", name), self.rows("second", name)
            for row in first + second:
                row.pop("algorithm", None)
            self.assertEqual(first, second, name)
        summary = self.rows("first", "summary.csv")
        self.assertEqual([row["algorithm"] for row in summary], ["under-load", "device-only", "multi-tier"])
        self.assertEqual({row["policies"] for row in summary}, {self.rows("second", "summary.csv")[0]["policies"]})
        self.assertIn("edge: ", summary[0]["policies"])
        self.assertEqual({row["algorithm"] for row in self.rows("first", "plan.csv")}, {"under-load", "device-only", "multi-tier"})

    def test_same_bytes(self):
        for folder in ("first", "second"):
            self.succeed("run", "run.yaml", "--out", folder)
        for path in sorted((self.folder / "first").iterdir()):
            self.assertEqual(path.read_bytes(), (self.folder / "second" / path.name).read_bytes(), path.name)

    def test_the_choice_beats_the_idle_plans(self):
        self.succeed("run", "run.yaml", "--out", "idle", "--set", "plan={algorithm: multi-tier, compare: none}")
        self.succeed("run", "run.yaml", "--out", "cuts", "--set", "plan.scheduling=given")
        self.succeed("run", "run.yaml", "--out", "both")
        idle, cuts, both = (float(self.rows(folder, "summary.csv")[0]["goodput_per_s"]) for folder in ("idle", "cuts", "both"))
        self.assertGreater(cuts, idle)
        self.assertGreaterEqual(both, cuts)
        self.assertEqual(self.rows("cuts", "summary.csv")[0]["policies"], "")

    def test_p95(self):
        printed = self.succeed("run", "run.yaml", "--out", "p95", "--set", "plan.minimise=p95")
        self.assertIn("for the least p95 delay", printed)

    def test_plan_explains_the_steps(self):
        plain = self.succeed("plan", "run.yaml")
        self.assertIn("planned under load", plain)
        self.assertEqual(self.steps(plain), [])
        printed = self.succeed("plan", "run.yaml", "--explain", "--out", "plans")
        self.assertGreater(len(self.steps(printed)), 1)
        self.assertIn("under-load", {row["algorithm"] for row in self.rows("plans", "plan.csv")})

    def test_budget(self):
        printed = self.succeed("run", "run.yaml", "--out", "short", "--budget", "10 ms")
        self.assertIn("the budget was used up", printed)
        error = self.refuse("run", "run.yaml", "--out", "short", "--budget", "soon")
        self.assertIn("--budget: error: ", error)


if __name__ == "__main__":
    unittest.main()
