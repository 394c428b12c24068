#!/usr/bin/python3
"""Runs the sweeps of published trends of federated learning, and prints the tables of docs/papers.md: means over the seeds with
the half-widths of their 95 % intervals.
Usage: OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/bench/training_trends.py [SWEEP=RESULTS...]
A sweep with a folder of RESULTS is not run again."""
import csv
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sim/cli"))
from program import SOURCE, offcut  # noqa: E402

# Sweep: the parameters and figures of its table, each with its heading, format and factor.
TABLES = {
    "federated-averaging": (
        [("training.data.split", "split"), ("training.strategy.local-epochs", "E"), ("training.strategy.batch", "B"),
         ("training.strategy.rate", "rate")],
        [("rounds", "rounds", ".1f", 1), ("time_to_accuracy_s", "simulated s", ".2f", 1)]),
    "fedprox": (
        [("tiers.device.groups.controller.count", "slow devices of 100"), ("variant", "method")],
        [("training_accuracy", "accuracy, %", ".1f", 100), ("training_test_loss", "test loss", ".3f", 1),
         ("training_updates", "updates that counted", ".0f", 1)]),
    "scaffold": (
        [("training.strategy.local-epochs", "E"), ("variant", "method")],
        [("rounds", "rounds", ".1f", 1), ("time_to_accuracy_s", "simulated s", ".2f", 1),
         ("training_up_bytes", "MB up", ".1f", 1e-6)]),
    "fedbuff": (
        [("tiers.phone.groups.slow.count", "slow phones of 100"), ("variant", "method")],
        [("time_to_accuracy_s", "simulated s", ".1f", 1), ("training_updates", "updates", ".0f", 1)]),
}

# Rounds to 99 % of MNIST in table 2 of McMahan et al., by split, E and B, as transcribed on a public page.
PUBLISHED = {("iid", "1", "0"): 626, ("iid", "5", "0"): 179, ("iid", "20", "0"): 234, ("iid", "1", "10"): 34,
             ("iid", "5", "10"): 20, ("iid", "20", "10"): 18, ("shards", "1", "0"): 483, ("shards", "5", "0"): 1000,
             ("shards", "20", "0"): 672, ("shards", "1", "10"): 350, ("shards", "5", "10"): 229, ("shards", "20", "10"): 173}


def points(sweep, results):
    with tempfile.TemporaryDirectory(prefix="offcut-trends-") as folder:
        if results is None:
            results = pathlib.Path(folder) / sweep
            result = offcut("sweep", f"scenarios/sweeps/{sweep}.yaml", "--out", results, cwd=SOURCE)
            if result.returncode != 0:
                raise SystemExit(result.stderr)
        with open(pathlib.Path(results) / "points.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def cell(row, name, form, factor):
    if not row[name]:
        return "not reached"
    half = row.get(name + "_half_width")
    return f"{float(row[name]) * factor:{form}}" + (f" ± {float(half) * factor:{form}}" if half else "")


def table(sweep, results=None):
    parameters, figures = TABLES[sweep]
    heads = [head for _, head in parameters] + [head for _, head, _, _ in figures]
    rows = [[row[name] for name, _ in parameters] + [cell(row, name, form, factor) for name, _, form, factor in figures]
            for row in points(sweep, results)]
    if sweep == "federated-averaging":
        rows = [[*row, str(PUBLISHED[tuple(row[:3])])] for row in sorted(rows, key=lambda row: row[0])]
        heads.append("published rounds")
    return "".join("| " + " | ".join(cells) + " |\n" for cells in [heads, ["---"] * len(heads), *rows])


if __name__ == "__main__":
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    for one in given or TABLES:
        print(f"{one}\n\n{table(one, given.get(one))}")
