#!/usr/bin/env python3
"""Calibrates scenarios to a real split over shaped links, and predicts loads that were not fitted; docs/calibration.md has the results.

The measurements are not part of the repository: see links_validation.py. `--table` prints the table of the page.
"""
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import unittest

from links_validation import LINKS, PROGRAM, SOURCE, TIMEOUT_S
from measured_folders import convert

LAYERS = {"input": {"device": [], "server": ["head", "tail"]}, "pool5": {"device": ["head"], "server": ["tail"]}}
CELLS = [("main", cut, rate, 0) for cut in ["input", "pool5"] for rate in [5, 20, 100]] + [
    ("delay", "pool5", 100, 10), ("delay", "pool5", 20, 10), ("delay", "pool5", 20, 35)]
OTHER = {"open50": "open80", "open80": "open50"}


def write_scenario(folder, cut, rate, delay):
    text = (SOURCE / f"scenarios/validation/alexnet-{cut}.yaml").read_text(encoding="utf-8")
    text = re.sub(r"20 Mbit/s", f"{rate} Mbit/s", text).replace("latency: 0 ms", f"latency: {delay} ms")
    text = text.replace("alexnet.csv", str(SOURCE / "scenarios/validation/alexnet.csv"))
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")


def predictions(cell, folder):
    """The runs of the report that predict 50 % from closed loops and 80 %, and the other way round."""
    kind, cut, rate, delay = cell
    folder.mkdir()
    write_scenario(folder, cut, rate, delay)
    closed = []
    for path in sorted(LINKS.glob(f"{kind}_alexnet_{cut}_{rate}_{f'{delay}_' if kind == 'delay' else ''}*.csv")):
        load = path.stem.rsplit("_", 1)[1]
        if load.startswith(("closed", "open")):
            convert(path, folder / load, LAYERS[cut], "closed" if load.startswith("closed") else load)
            closed += [folder / load] if load.startswith("closed") else []
    found = {}
    for held_out, loaded in OTHER.items():
        done = subprocess.run([PROGRAM, "calibrate", *closed, folder / loaded, "--holdout", folder / held_out, "--scenario",
                               folder / "scenario.yaml", "--out", folder / "calibrated.yaml", "--json"],
                              capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{cell}: {done.stdout}{done.stderr}")
        found[held_out] = json.loads(done.stdout)["runs"][0]
    return found


def all_predictions():
    with tempfile.TemporaryDirectory() as name:
        return {cell: predictions(cell, pathlib.Path(name) / "_".join(map(str, cell))) for cell in CELLS}


def median_error(found, held_out, figure, key):
    return statistics.median(abs(runs[load]["figures"][figure][key]) for runs in found.values() for load in held_out)


def print_tables(found):
    print("| fitted | predicted | p50 | before | p99 | before |\n| --- | --- | --- | --- | --- | --- |")
    for fitted, loads in [("one after another, 80 %", ["open50"]), ("one after another, 50 %", ["open80"]), ("both", ["open50", "open80"])]:
        figures = [median_error(found, loads, figure, key) for figure in ["p50", "p99"] for key in ["error", "error_before"]]
        print(f"| {fitted} | {' and '.join(load[4:] + ' %' for load in loads)} | " + " | ".join(f"{figure:.1%}" for figure in figures) + " |")
    print("\n| cell | 50 %: p50 | p99 | miss | 80 %: p50 | p99 | miss |\n| --- | --- | --- | --- | --- | --- | --- |")
    for (_, cut, rate, delay), runs in found.items():
        fields = [f"{runs[load]['figures']['p50']['error']:+.1%} | {runs[load]['figures']['p99']['error']:+.1%} | {runs[load]['part_of_miss']}"
                  for load in ["open50", "open80"]]
        print(f"| {cut}, {rate} Mbit/s, {delay} ms | " + " | ".join(fields) + " |")


@unittest.skipUnless(LINKS.is_dir(), f"no measurements in {LINKS} (set OFFCUT_FACTS)")
class CalibrationValidation(unittest.TestCase):
    """What docs/calibration.md says of loads that were not fitted."""

    @classmethod
    def setUpClass(cls):
        cls.found = all_predictions()

    def test_loads_between_the_measured_ones(self):
        self.assertLess(median_error(self.found, ["open50"], "p50", "error"), 0.03)
        self.assertLess(median_error(self.found, ["open50"], "p99", "error"), 0.05)

    def test_a_calibration_is_better_than_none(self):
        loads = list(OTHER)
        for figure in ["p50", "p99"]:
            self.assertLess(median_error(self.found, loads, figure, "error"), median_error(self.found, loads, figure, "error_before"))


if __name__ == "__main__":
    if sys.argv[1:] == ["--table"]:
        print_tables(all_predictions())
    else:
        unittest.main()
