#!/usr/bin/python3
"""Measures what common random numbers save: how many times as many runs the difference of two plans' mean latencies would need with
independent numbers, for the same interval. It is (var A + var B) / var (A - B) over pairs of replications with the same seed; it can't
exceed (sd A^2 + sd B^2) / (sd A - sd B)^2, which the last column has.
Usage: OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/bench/common_numbers.py [REPLICATIONS] [REQUESTS]"""
import csv
import itertools
import os
import pathlib
import sys
import tempfile

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sim/cli"))
from program import SOURCE, offcut  # noqa: E402

REPLICATIONS, REQUESTS = (int(a) for a in (sys.argv[1:] + ["60", "2000"][len(sys.argv) - 1:]))
CUTS = ["pool5", "pool2"]  # The layers up to one are on the device, the others on the edge.


def write_plan(rows, last, path):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        names = [row["layer"] for row in rows]
        for i, row in enumerate(rows):
            writer.writerow({**row, "tier": "device" if i <= names.index(last) else "edge",
                             "crosses_to": "edge" if row["layer"] == last else ""})


def main():
    base = SOURCE / "scenarios/quickstart.yaml"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        result = offcut("run", base, "--set", "plan.compare=none", "--set", "stop.requests=1", "--out", folder / "one")
        assert result.returncode == 0, result.stderr
        with open(folder / "one/plan.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        variants = ""
        for last in CUTS:
            write_plan(rows, last, folder / f"{last}.csv")
            variants += f"  {last}: {{plan: {{file: {folder}/{last}.csv}}}}\n"
        (folder / "pairs.yaml").write_text(
            f"base: {base.resolve()}\nset: {{stop.requests: {REQUESTS}}}\ncompare:\n{variants}"
            "  edge-only: {plan.algorithm: edge-only}\n  device-only: {plan.algorithm: device-only}\n"
            f"replications: {REPLICATIONS}\n", encoding="utf-8")
        result = offcut("sweep", folder / "pairs.yaml", "--out", folder / "out", "-q")
        assert result.returncode == 0, result.stderr
        means = {}
        with open(folder / "out/sweep.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                means.setdefault(row["variant"], []).append(float(row["latency_mean_s"]))
    for a, b in itertools.combinations(means, 2):
        one, two = numpy.array(means[a]), numpy.array(means[b])
        both = one.var(ddof=1) + two.var(ddof=1)
        bound = both / (one.std(ddof=1) - two.std(ddof=1)) ** 2
        print(f"{a}, {b}: {both / (one - two).var(ddof=1):.1f} times fewer runs, of at most {bound:.1f}")


if __name__ == "__main__":
    assert os.environ.get("OFFCUT_SOURCE"), "OFFCUT and OFFCUT_SOURCE locate the program and the source tree"
    main()
