#!/usr/bin/python3
"""The table of docs/scheduling.md is what `offcut run` finds for scenarios/dispatch.yaml under each rule. With --update, the
test writes the table instead: read the diff, and the sentences around it, before you believe it."""
import concurrent.futures
import csv
import re
import sys
import tempfile
import unittest

from program import SOURCE, offcut

PAGE = SOURCE / "docs/scheduling.md"
TABLE = re.compile(r"(?<=<!-- table: tests/sim/cli/scheduling_test.py --update -->\n).*(?=<!-- end -->)", re.DOTALL)

SCENARIO = "scenarios/dispatch.yaml"
LOADS = (0.5, 0.8, 0.95)
RATES = {"tag": 205.8, "recognise": 68.6}  # Per second, at a load of 0.8.

DISPATCH = ("none", "round-robin", "random", "two-choices", "shortest-queue", "least-work", "{policy: by-resources, rho: 0.5}",
            "{policy: by-load, lambda: 2}", "{policy: hybrid, rho: 0.5, lambda: 2}")
BATCH = ("{policy: fixed, size: 4}", "{policy: timeout, max: 8}", "{policy: timeout, max: 8, delay: 5 ms}",
         "{policy: timeout, max: 8, delay: 20 ms}", "{policy: adaptive, objective: 50 ms, max: 8}")
CASES = [("dispatch", rule) for rule in DISPATCH] + [("batch", rule) for rule in BATCH]


def rows(folder, name):
    with open(f"{folder}/{name}", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(key, rule, load):
    """Returns the run's row of summary.csv and the cloud's row of tiers.csv."""
    changes = [f"scheduling.cloud.{key}={rule}"]
    changes += [f"workload.classes.{name}.rate={rate * load / 0.8:.6g} /s" for name, rate in RATES.items()]
    with tempfile.TemporaryDirectory(prefix="offcut-scheduling-") as folder:
        result = offcut("run", SCENARIO, *(part for change in changes for part in ("--set", change)), "--out", folder)
        if result.returncode != 0:
            raise AssertionError(result.stderr)
        return rows(folder, "summary.csv")[0], rows(folder, "tiers.csv")[-1]


def cells(key, rule, load):
    summary, cloud = run(key, rule, load)
    if key == "dispatch" and abs(float(cloud["offered_load"]) / load - 1) > 0.02:
        raise AssertionError(f"{rule}: a load of {cloud['offered_load']} instead of {load}")
    p50, p99 = (float(f"{float(summary[f'latency_{q}_s']) * 1e3:.3g}") for q in ("p50", "p99"))
    return f"{p50:g} | {p99:g} | {float(summary['goodput_per_s']):.1f} | {float(summary['fairness']):.4f}"


def table():
    figures = ("p50", "p99", "goodput", "fairness")
    head = ["rule", *(f"{figure} at {load:g}" if figure == "p50" else figure for load in LOADS for figure in figures)]
    lines = [head, ["---"] * len(head)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda case: cells(*case), [(*case, load) for case in CASES for load in LOADS])
    lines += [[f"{key} `{rule}`", *(next(found) for _ in LOADS)] for key, rule in CASES]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


class Scheduling(unittest.TestCase):
    maxDiff = None

    def test_the_table_is_up_to_date(self):
        self.assertEqual(TABLE.search(PAGE.read_text(encoding="utf-8")).group(), table())


if __name__ == "__main__":
    if "--update" in sys.argv:
        made = table()
        PAGE.write_text(TABLE.sub(lambda _: made, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        unittest.main()
