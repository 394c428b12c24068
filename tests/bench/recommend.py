#!/usr/bin/python3
"""Measures `offcut recommend`: on small random systems, whether it finds the winner of all runs of all configurations, or
one that cannot be told from it, and with how many of the runs; and how long the prediction of 10,000 configurations takes.
Usage: OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/bench/recommend.py [SYSTEMS]"""
import csv
import math
import pathlib
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sim/cli"))
from program import PROGRAM, SOURCE  # noqa: E402

REPLICATIONS = 16
T_95 = 2.131  # Student's t for a two-sided interval of 95 % with 15 degrees of freedom.
GOALS = ["latency_mean_s", "latency_p95_s", "latency_p50_s", "money"]


class System:
    """A chain of layers on three tiers, of which the edge has one to three servers."""

    def __init__(self, seed, folder):
        draw = random.Random(seed)
        self.folder = pathlib.Path(folder)
        self.goal = GOALS[seed % len(GOALS)]
        self.layers = [f"layer{i}" for i in range(1, draw.randint(4, 6))]
        size, rows = 80_000, ["layer,inputs,output_bytes,param_bytes,macs,phone_s,edge_s,cloud_s", "image,,80000,0,0,0,0,0"]
        edge_s = 0
        for i, name in enumerate(self.layers):
            work = draw.uniform(1, 8) * 1e-3
            size = max(40, int(size * draw.uniform(0.2, 1.2)))
            rows.append(f"{name},{self.layers[i - 1] if i else 'image'},{size},0,1000,{work * draw.uniform(3, 8)},{work},{work * draw.uniform(0.1, 0.5)}")
            edge_s += work
        devices = draw.randint(3, 12)
        rate = draw.uniform(0.3, 1.4) / edge_s / devices
        (self.folder / "net.csv").write_text("\n".join(rows) + "\n")
        (self.folder / "system.yaml").write_text(f"""\
offcut: 1
stop: {{requests: 400}}
model: {{layers: net.csv}}
tiers:
  device: {{is: "column:phone", count: {devices}, noise: {{kind: lognormal, cv: 0.3}}}}
  edge: {{is: "column:edge", price: {draw.uniform(1, 3)}, noise: {{kind: lognormal, cv: {draw.uniform(0.1, 0.8)}}}}}
  cloud: {{is: "column:cloud", count: 2, noise: {{kind: lognormal, cv: 0.3}}}}
network:
  device-edge: {{up: {draw.uniform(5, 60)} Mbit/s, down: 50 Mbit/s, latency: {draw.uniform(1, 5)} ms}}
  edge-cloud: {{up: {draw.uniform(20, 200)} Mbit/s, down: 200 Mbit/s, latency: {draw.uniform(5, 30)} ms, price: {draw.uniform(0, 20)}}}
plan: {{algorithm: multi-tier, compare: none}}
workload: {{arrivals: poisson, rate: {rate} /s}}
""")

    def run(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, check=True, stdout=subprocess.PIPE, text=True).stdout

    def recommend(self, condition):
        """The configurations that it lists, its choice, and the number of its runs and of all."""
        within = ["--within", condition] if condition else []
        text = self.run("recommend", "system.yaml", "--over", "plan,tiers.edge.count=1..3", "--minimise", self.goal, *within,
                        "--replications", str(REPLICATIONS), "--out", "configurations.csv")
        with open(self.folder / "configurations.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        names = [(row["tiers.edge.count"], row["plan"]) for row in rows]
        chosen = [name for name, row in zip(names, rows) if row["race"] == "chosen"]
        return names, chosen, int(re.search(r"simulated \d+ of them in (\d+) runs?", text)[1])

    def after(self, plan):
        """The settings of a plan, by its name."""
        if plan == "multi-tier":
            return "{plan.algorithm: multi-tier}"
        cut = {"all on device": self.layers[-1:], "all on edge": ["input", self.layers[-1]], "all on cloud": ["input", "input"]}
        names = cut.get(plan) or plan.removeprefix("after ").split(", ")
        return f"{{plan.algorithm: fixed, plan.after: [{', '.join(names)}]}}"

    def all_runs(self, plans):
        """By configuration: the rows of sweep.csv of all replications."""
        lines = ["base: system.yaml", f"replications: {REPLICATIONS}", "vary: {tiers.edge.count: 1..3}", "compare:"]
        lines += [f"  plan{i}: {self.after(plan)}" for i, plan in enumerate(plans)]
        (self.folder / "all.yaml").write_text("\n".join(lines) + "\n")
        self.run("sweep", "all.yaml", "--out", "all")
        runs = {}
        with open(self.folder / "all/sweep.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                runs.setdefault((row["tiers.edge.count"], plans[int(row["variant"].removeprefix("plan"))]), []).append(row)
        return runs


def values(rows, figure):
    return numpy.array([float(row[figure]) for row in rows])


def half_width(numbers):
    return T_95 * statistics.stdev(numbers) / math.sqrt(len(numbers))


def check(seed):
    """Returns what happened on a system: the runs of both, and whether the choice is the winner or cannot be told from it."""
    with tempfile.TemporaryDirectory() as folder:
        system = System(seed, folder)
        names, chosen, runs = system.recommend("")
        everything = system.all_runs(sorted({plan for _, plan in names}))
        stable = {name: everything[name] for name in names if all(row["verdict"] == "stable" for row in everything[name])}
        if system.goal == "money":
            means = [values(rows, "latency_p95_s").mean() for rows in stable.values()]
            bound = max(statistics.median(means), 1.3 * min(means))
            names, chosen, runs = system.recommend(f"latency_p95_s < {bound}")
            stable = {name: rows for name, rows in stable.items()
                      if values(rows, "latency_p95_s").mean() + half_width(values(rows, "latency_p95_s")) < bound}
        if not stable:  # Then nothing may be chosen.
            verdict = f"chose {chosen}, which does not hold" if chosen else "winner"
            return {"goal": system.goal, "configurations": len(names), "runs": runs,
                    "share": runs / len(names) / REPLICATIONS, "verdict": verdict, "lag": 0.0}
        winner = min(stable, key=lambda name: values(stable[name], system.goal).mean())
        lag = 0.0
        if not chosen or chosen[0] not in stable:
            verdict = f"chose {chosen}, which does not hold"
        else:
            differences = values(stable[chosen[0]], system.goal) - values(stable[winner], system.goal)
            lag = differences.mean() / values(stable[winner], system.goal).mean()
            is_tie = not differences.any() or abs(differences.mean()) <= half_width(differences)
            verdict = "winner" if chosen[0] == winner else "tied" if is_tie else "worse"
        return {"goal": system.goal, "configurations": len(names), "runs": runs, "share": runs / len(names) / REPLICATIONS,
                "verdict": verdict, "lag": lag}


def predict_many():
    """The time in which 10,000 configurations are predicted, and a few of them raced."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    text = subprocess.run([PROGRAM, "recommend", "scenarios/quickstart.yaml", "--over", "tiers.edge.count=1..100", "--over",
                           "network.device-edge.up={from: 1 Mbit/s, to: 100 Mbit/s, points: 100}", "--minimise", "latency_p95_s",
                           "--replications", "2", "--set", "stop.requests=100"],
                          cwd=SOURCE, check=True, stdout=subprocess.PIPE, text=True).stdout
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(re.search(r"(?m)^10000 configurations.*$", text)[0])
    print(re.search(r"(?m)^simulated .*$", text)[0])
    print(f"{wall:.2f} s, {cpu:.2f} s of CPU", flush=True)


def main():
    systems = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    if systems == 50:
        predict_many()
    found = []
    for seed in range(systems):
        found.append(check(seed))
        print(seed, *(f"{key} {value:.3g}" if isinstance(value, float) else f"{key} {value}" for key, value in found[-1].items()), flush=True)
    for verdict in sorted({one["verdict"] for one in found}):
        print(f"{verdict}: {sum(one['verdict'] == verdict for one in found)}")
    print(f"share of the runs: at most {max(one['share'] for one in found):.3f}, on average {statistics.mean(one['share'] for one in found):.3f}")


if __name__ == "__main__":
    main()
