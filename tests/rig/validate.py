#!/usr/bin/python3
"""Predicts what measure.py measured, and prints the tables of docs/validation.md.

Errors: for each network, cut and rate, `offcut calibrate` fits a scenario to the loads that matrix.FITTED_LOADS names and
predicts the others. Best cuts: the scenario of each network is fitted at one rate, to two cuts; runs with other rates and
cuts then say which cut is the best, under the same arrivals as the measured ones.
"""
import argparse
import csv
import dataclasses
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import matrix  # noqa: E402
from matrix import Cell  # noqa: E402
from network import default_burst  # noqa: E402

SOURCE = pathlib.Path(os.environ.get("OFFCUT_SOURCE", pathlib.Path(__file__).parents[2]))
PROGRAM = os.environ.get("OFFCUT", SOURCE / "build/release/offcut")
FIT_RATE = "20 Mbit/s"  # Of the best cuts.
FIGURES = ("p50", "p99")
SHARES = {"p50": 0.5, "p99": 0.99}
SEEDS = 10  # Runs of a prediction: those of the noise.
PACKET_PAYLOAD = 1448 / 1514
SCENARIO = """offcut: 1
name: {network} over the test bench
seed: 1
stop: {{requests: 300}}
model: {{zoo: {network}}}
tiers:
  device: {{profile: {profile}}}
  cloud: {{profile: {profile}}}
network:
  device-cloud:
    up: {rate}
    down: {rate}
    latency: 0 ms
    payload: {payload:.4f}
    burst: {burst} B
plan: {{algorithm: fixed, after: {cut}, compare: none}}
workload: {{arrivals: closed-loop, think: 0 s}}
"""


@dataclasses.dataclass
class Row:
    """A load of a cell, measured twice and predicted."""
    cell: Cell
    figure: str
    measured: list  # Of each pass, seconds.
    predicted: float

    def error(self):
        return self.predicted / statistics.mean(self.measured) - 1

    def spread(self):
        return max(self.measured) / min(self.measured) - 1


def offcut(*words):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"offcut {words[0]}: {done.stderr or done.stdout}")
    return done.stdout


def fitted_scenario(net, cuts, rate, root, held_out=()):
    """Calibrates to the fitted loads of the cuts at a rate. Returns the scenario and the comparison of those held out."""
    folder = root / "validation" / net.name / f"{'+'.join(cuts)}-{rate.replace(' ', '').replace('/', 'p')}"
    folder.mkdir(parents=True, exist_ok=True)
    given, fitted, comparison = (folder / name for name in ("given.yaml", "fitted.yaml", "comparison.csv"))
    given.write_text(SCENARIO.format(network=net.name, profile=(root / net.name / "profile.csv").resolve(), rate=rate,
                                     payload=PACKET_PAYLOAD, burst=default_burst(rate), cut=cuts[0]))
    measured = [Cell(net, cut, rate, load, 1).folder(root) for cut in cuts for load in matrix.FITTED_LOADS]
    words = ["calibrate", *measured, "--scenario", given, "--out", fitted, "--csv", comparison,
             "--replications", SEEDS]
    for cell in held_out:
        words += ["--holdout", cell.folder(root)]
    (folder / "report.txt").write_text(offcut(*map(str, words)))
    with open(comparison, newline="") as file:
        return fitted, list(csv.DictReader(file))


def error_rows(root, networks):
    rows = []
    for net in networks:
        for cut in net.main_cuts:
            for rate in matrix.MAIN_RATES:
                held_out = [Cell(net, cut, rate, load, 1) for load in matrix.PREDICTED_LOADS]
                _, comparison = fitted_scenario(net, [cut], rate, root, held_out)
                for index, cell in enumerate(held_out):
                    passes = [dataclasses.replace(cell, number=number) for number in matrix.PASSES]
                    complete = [other for other in passes if other.is_complete(root)]
                    figures = comparison[4 * index:4 * index + 4]  # In the order of --holdout, a row for each figure.
                    for figure in FIGURES:
                        [found] = [line for line in figures if line["figure"] == figure]
                        measured = [matrix.quantile(matrix.latencies(other.folder(root)), SHARES[figure])
                                    for other in complete]
                        rows.append(Row(cell, figure, measured, float(found["predicted_s"])))
    return rows


def predicted_p50(scenario, net, cut, rate, root):
    """The median latency under the arrivals of the choice, in a run of the fitted scenario."""
    out = scenario.parent / "run"
    hop = "network.device-cloud."
    settings = [f"{hop}up={rate}", f"{hop}down={rate}", f"{hop}burst={default_burst(rate)} B",
                f"plan={{algorithm: fixed, after: {cut}, compare: none}}", f"stop.requests={matrix.CHOICE_REQUESTS}",
                f"workload={{arrivals: trace, file: '{(root / net.name / 'arrivals.csv').resolve()}'}}"]
    medians = []
    for seed in range(1, SEEDS + 1):
        words = ["run", scenario, "--out", out, "--quiet"]
        for setting in [*settings, f"seed={seed}"]:
            words += ["--set", setting]
        offcut(*map(str, words))
        medians.append(matrix.quantile(matrix.latencies(out), 0.5))
    return statistics.mean(medians)


@dataclasses.dataclass
class Choice:
    """The medians of all cuts at a rate."""
    network: str
    rate: str
    passes: list  # Of each pass: seconds by cut.
    predicted: dict

    def measured(self):
        return {cut: statistics.mean(times[cut] for times in self.passes) for cut in self.predicted}

    def best(self):
        return min(self.measured(), key=self.measured().get)

    def chosen(self):
        return min(self.predicted, key=self.predicted.get)

    def regret(self):
        """How much slower the predicted best cut really is than the best one."""
        return self.measured()[self.chosen()] / self.measured()[self.best()] - 1


def choices(root, networks):
    found = []
    for net in networks:
        scenario, _ = fitted_scenario(net, list(net.main_cuts), FIT_RATE, root)
        for rate in matrix.CHOICE_RATES:
            passes = []
            for number in matrix.PASSES:
                cells = [Cell(net, cut, rate, matrix.CHOICE_LOAD, number) for cut in net.cuts]
                if all(cell.is_complete(root) for cell in cells):
                    passes.append({cell.cut: matrix.quantile(matrix.latencies(cell.folder(root)), 0.5)
                                   for cell in cells})
            predicted = {cut: predicted_p50(scenario, net, cut, rate, root) for cut in net.cuts}
            found.append(Choice(net.name, rate, passes, predicted))
    return found


def milliseconds(seconds):
    return f"{seconds * 1e3:.1f} ms"


def print_errors(rows):
    print("| cell | p50 measured | passes differ | error | p99 measured | passes differ | error |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for cell in dict.fromkeys(row.cell for row in rows):
        line = f"| {cell.network.name}, {cell.cut}, {cell.rate}, {cell.load[:-1]} % load "
        for row in rows:
            if row.cell == cell:
                line += f"| {milliseconds(statistics.mean(row.measured))} | {row.spread():.1%} | {row.error():+.1%} "
        print(line + "|")
    print("\n| median of absolute errors | cells | error | passes differ | errors within it |")
    print("| --- | --- | --- | --- | --- |")
    for figure in FIGURES:
        some = [row for row in rows if row.figure == figure]
        within = sum(abs(row.error()) <= row.spread() for row in some)
        print(f"| {figure} | {len(some)} | {statistics.median(abs(row.error()) for row in some):.1%} "
              f"| {statistics.median(row.spread() for row in some):.1%} | {within} of {len(some)} |")


def print_choices(found):
    print("\n| network | rate | best measured | best predicted | regret |")
    print("| --- | --- | --- | --- | --- |")
    for choice in found:
        print(f"| {choice.network} | {choice.rate} | {choice.best()}, {milliseconds(choice.measured()[choice.best()])} "
              f"| {choice.chosen()}, {milliseconds(choice.predicted[choice.chosen()])} | {choice.regret():.1%} |")
    equal = sum(choice.best() == choice.chosen() for choice in found)
    print(f"\nThe best cut is predicted in {equal} of {len(found)} cells; the largest regret is "
          f"{max(choice.regret() for choice in found):.1%}.")
    twice = [choice for choice in found if len(choice.passes) == 2]
    if twice:
        same = sum(min(one, key=one.get) == min(two, key=two.get)
                   for one, two in (choice.passes for choice in twice))
        print(f"Both passes have the same best cut in {same} of {len(twice)} cells.")
    errors = [abs(choice.predicted[cut] / choice.measured()[cut] - 1) for choice in found for cut in choice.predicted]
    print(f"The median of the absolute errors of p50 over all {len(errors)} cuts and rates is "
          f"{statistics.median(errors):.1%}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], epilog="Example: validate.py /tmp/measured")
    parser.add_argument("measured", type=pathlib.Path, help="the folder that measure.py wrote")
    root = parser.parse_args().measured
    complete = [net for net in matrix.NETWORKS
                if all(cell.is_complete(root) for cell in matrix.main_cells([net], passes=(1,)))]
    if not complete:
        parser.error(f"{root}: no network's first pass is complete; measure.py --out {root} goes on with it")
    print_errors(error_rows(root, complete))
    chosen = [net for net in complete if all(cell.is_complete(root) for cell in matrix.choice_cells([net], passes=(1,)))]
    if chosen:
        print_choices(choices(root, chosen))


if __name__ == "__main__":
    main()
