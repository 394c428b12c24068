#!/usr/bin/env python3
"""Compares shipped scenarios with a real split over shaped links, request by request; docs/validation.md has the results.

The measurements are not part of the repository. They are read from OFFCUT_FACTS, or from shared/facts beside the
checkout: a folder `links` with a CSV file per cell and a row per request (arrival, ..., done, in seconds). Each cell is
simulated with its own times of arrival. `--table` prints the tables of the page instead of testing.
"""
import csv
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("OFFCUT_SOURCE", pathlib.Path(__file__).parents[2]))
PROGRAM = os.environ.get("OFFCUT", SOURCE / "build/release/offcut")
LINKS = pathlib.Path(os.environ.get("OFFCUT_FACTS", SOURCE.parent / "shared/facts")) / "links"
NAME = re.compile(r"(main|delay)_alexnet_(input|pool5)_(\d+)_(?:(\d+)_)?(open50|open80|sparse|sparsenoidle)")
TIMEOUT_S = 120
# What a simulator without headers, sockets and TCP would say, with layers profiled in a hot loop.
PLAIN = ["network.device-server.payload=1", "network.device-server.per-message=0 s",
         "network.device-server.transport=none", "tiers.device.per-request=0 s", "tiers.server.per-request=0 s"]
PLAIN_TIMES = "image,,150528,0,0,0,0\nhead,image,36864,0,0,0.0157,0.0155\ntail,head,4000,0,0,0.0070,0.0070\n"


def quantile(values, share):
    """The least value that is not below this share of them."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Cell:
    """The requests of a measured run: when each arrived, and how long it took from then on."""

    def __init__(self, path):
        self.name = path.stem
        self.kind, self.cut, self.rate, self.delay, self.load = NAME.fullmatch(path.stem).groups()
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
        rows.sort(key=lambda row: float(row["arrival"]))
        first = float(rows[0]["arrival"])
        self.arrivals = [float(row["arrival"]) - first for row in rows]
        self.latencies = [float(row["done"]) - float(row["arrival"]) for row in rows]

    def simulate(self, folder, more=(), layers=None):
        """Returns the latencies of the cell's requests in a simulation."""
        trace = folder / "trace.csv"
        trace.write_text("time_s\n" + "".join(f"{time:.9f}\n" for time in self.arrivals))
        sets = [f"workload={{arrivals: trace, file: '{trace}'}}", f"stop={{requests: {len(self.arrivals)}}}",
                f"network.device-server.up={self.rate} Mbit/s", f"network.device-server.down={self.rate} Mbit/s",
                f"network.device-server.latency={self.delay or 0} ms", "plan.compare=none"]
        if self.load == "sparsenoidle":
            sets.append("network.device-server.transport={tcp: {idle-restart: false}}")
        if layers is not None:
            (folder / "layers.csv").write_text(layers)
            sets.append(f"model.layers={folder / 'layers.csv'}")
        out = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "out"
        command = [PROGRAM, "run", SOURCE / f"scenarios/validation/alexnet-{self.cut}.yaml", "--out", out]
        for value in [*sets, *more]:
            command += ["--set", value]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {done.stderr}")
        with open(out / "requests.csv", newline="") as file:
            return [float(row["latency_s"]) for row in csv.DictReader(file)]


def errors(cell, simulated):
    """The relative errors of the median and of the 99 % quantile."""
    return [quantile(simulated, share) / quantile(cell.latencies, share) - 1 for share in (0.5, 0.99)]


def compare_all():
    """Returns a row per cell: the cell, its errors, and those of plain predictions."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in sorted(LINKS.glob("*.csv")):
            if NAME.fullmatch(path.stem):
                cell = Cell(path)
                rows.append((cell, errors(cell, cell.simulate(folder)),
                             errors(cell, cell.simulate(folder, PLAIN, PLAIN_TIMES))))
    return rows


def median_error(rows, column, which):
    """The median of the absolute errors; those of a 99 % quantile count only where it is not the maximum."""
    counted = [row for row in rows if which == 0 or len(row[0].latencies) >= 100]
    return statistics.median(abs(row[column][which]) for row in counted) if counted else math.nan


def print_tables(rows):
    print("| cell | p50 measured | error | plain | p99 measured | error | plain |\n|---|---|---|---|---|---|---|")
    for cell, full, plain in rows:
        print(f"| {cell.name} | {quantile(cell.latencies, 0.5) * 1e3:.1f} ms | {full[0]:+.1%} | {plain[0]:+.1%} "
              f"| {quantile(cell.latencies, 0.99) * 1e3:.1f} ms | {full[1]:+.1%} | {plain[1]:+.1%} |")
    groups = {"cut at the input, no delay": lambda c: c.kind == "main" and c.cut == "input",
              "cut after pool5, no delay": lambda c: c.kind == "main" and c.cut == "pool5",
              "one-way delay, 50 % and 80 % load": lambda c: c.kind == "delay" and c.load.startswith("open"),
              "one-way delay, 1.5 requests per second": lambda c: c.load.startswith("sparse"),
              "all at 50 % and 80 % load": lambda c: c.load.startswith("open"), "all": lambda c: True}
    print("\n| group | cells | p50 | plain | p99 | plain |\n|---|---|---|---|---|---|")
    for name, belongs in groups.items():
        some = [row for row in rows if belongs(row[0])]
        figures = [median_error(some, column, which) for which in (0, 1) for column in (1, 2)]
        print(f"| {name} | {len(some)} | " + " | ".join(f"{figure:.1%}" for figure in figures) + " |")


@unittest.skipUnless(LINKS.is_dir(), f"no measurements in {LINKS} (set OFFCUT_FACTS)")
class LinksValidation(unittest.TestCase):
    """The aims of docs/validation.md."""

    @classmethod
    def setUpClass(cls):
        cls.rows = compare_all()

    def test_there_are_cells(self):
        self.assertGreaterEqual(len(self.rows), 20)

    def test_median_errors(self):
        self.assertLess(median_error(self.rows, 1, 0), 0.05)
        self.assertLess(median_error(self.rows, 1, 1), 0.10)

    def test_plain_predictions_are_worse(self):
        for which in (0, 1):
            self.assertGreater(median_error(self.rows, 2, which), 2 * median_error(self.rows, 1, which))

    def test_cold_and_warm_connections(self):
        """36.9 kB over 20 Mbit/s and 35 ms: 174.9 ms from cold, 114 ms where an idle connection keeps its window."""
        found = {cell.load: full[0] for cell, full, _ in self.rows
                 if cell.name.startswith("delay_alexnet_pool5_20_35_sparse")}
        self.assertLess(abs(found["sparse"]), 0.05)
        self.assertLess(abs(found["sparsenoidle"]), 0.05)


if __name__ == "__main__":
    if sys.argv[1:] == ["--table"]:
        print_tables(compare_all())
    else:
        unittest.main()
