#!/usr/bin/env python3
"""Fit the catalogue's processors in int8 to measured latencies of quantised networks.

Six networks do not determine a device, so int8 is fitted relative to the device's own figures, which fit_devices.py
fits to ten networks in float: three multiples (MULTIPLES), of the efficiency of 3x3 convolutions, of that of all
others, and of the overhead of a kernel, which may quantise its input. Each is drawn towards the mean of its class,
which is learned from the measurements as well (from PRIOR). The classes are the precisions in which the devices compute
float networks, since the multiples are relative to these. Everything else is as in float, because these networks have
dense layers, pooling, sums and concatenations in float; so an element counts as in float, too. The error of a network
is that of a prediction from the other networks alone: neither the multiples nor the figures in float, nor the means of
the class, have seen this one.

It reads measured_int8.csv (device, model, latency_ms, source), predicted.csv and devices.yaml, and writes the precision
int8 of the devices in devices.yaml, except for those whose error is above MOST_ERROR, and predicted_int8.csv. Run it
after fit_devices.py, and fit_devices.py again, which writes the page.

    fit_int8.py [--offcut build/release/offcut] [--check]

With --check it writes nothing, and fails if the files differ from what it would write (by more than 1 %), or if offcut
predicts other latencies.
"""

import argparse
import csv
import math
import pathlib
import re
import subprocess
import sys
import tempfile

import fit_devices
import int8_page
import numpy as np
from fit_devices import CONV, CONV_3X3, DEPTHWISE, FIT_SPREAD, HERE, NARROW, OTHER, OVERHEAD, PARAMETERS, STEP
from int8_page import PRECISION

MULTIPLES = [[CONV, OTHER, DEPTHWISE], [CONV_3X3], [OVERHEAD]]
SHARES = [CONV, CONV_3X3, OTHER, DEPTHWISE]  # that devices.yaml states
PRIOR = np.log([1, 1, 1])
PRIOR_SPREAD = np.log([2, 1.3, 3])  # a factor that is one standard deviation
PRIOR_ROUNDS = fit_devices.PRIOR_ROUNDS
LEAST_MODELS = 5
MOST_ERROR = 0.35  # in the median: devices beyond it have no figures in int8
SOURCE = f"    {PRECISION}: fitted by fit_int8.py to the int8 networks of the same benchmark.\n"


def stated_values(block):
    """The parameters of the device in float, as its entry states them."""
    stated = int8_page.figures(block)
    values = np.array([stated.get(name, 0.0) for name in PARAMETERS])
    values[OVERHEAD] *= 1e-6
    values[NARROW] = float(fit_devices.field(block, "narrow"))
    values[STEP] = float(re.search(r"^  step: \{convolution: ([\d.]+) ns", block, re.MULTILINE).group(1)) * 1e-9
    return values


def times(values, logs):
    """The parameters times each column of logarithms of multiples."""
    values = np.repeat(values[:, None], logs.shape[1], axis=1)
    for parts, log in zip(MULTIPLES, logs):
        values[parts] *= np.exp(log)
    return values


class Float:
    """The figures of the devices in float: from all networks, or without one."""

    def __init__(self, text):
        with open(HERE / "predicted.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.without = {(row["device"], row["model"]): np.array([float(row[name] or 0) for name in PARAMETERS])
                        for row in rows}  # fmt: skip
        self.text = text

    def values(self, device, without):
        # A network that was not measured in float on the device is not in its fit.
        if without is None or (device.name, without) not in self.without:
            return stated_values(fit_devices.block_of(self.text, device.name))
        return self.without[device.name, without]


def fit(networks, device, values, prior, without=None):
    """Logarithms of the multiples that minimise the squared logarithms of predicted / measured and of multiple / prior,
    each in its own standard deviations."""
    known = [(model, seconds) for (model, _), seconds in device.latencies.items() if model != without]
    joined = fit_devices.Joined([networks[model] for model, _ in known], [1] * len(known))
    measured = np.array([seconds for _, seconds in known])[:, None]

    def residuals(logs):
        misfits = np.log(fit_devices.predict_all(joined, device, times(values, logs)) / measured)
        return np.concatenate([misfits / math.log(FIT_SPREAD), (logs - prior[:, None]) / PRIOR_SPREAD[:, None]])

    return fit_devices.least_squares(residuals, prior)[0]


def fit_class(networks, devices, floats, without=None):
    """Per device of a class, its parameters in int8."""
    values = {device.name: floats.values(device, without) for device in devices}
    prior = PRIOR
    for _ in range(PRIOR_ROUNDS):
        prior = np.mean([fit(networks, device, values[device.name], prior, without) for device in devices], axis=0)
    fits = {device.name: fit(networks, device, values[device.name], prior, without) for device in devices}
    return {name: fit_devices.rounded(times(values[name], logs[:, None])[:, 0]) for name, logs in fits.items()}


def fit_all(networks, devices, text):
    """Per device its parameters, and its rows of predicted_int8.csv."""
    floats = Float(text)
    unit = {device.name: next(fit_devices.stated(fit_devices.block_of(text, device.name)))[0] for device in devices}
    values = {without: {} for without in [None, *networks]}
    for of_unit in sorted(set(unit.values())):
        own = [device for device in devices if unit[device.name] == of_unit]
        for without, found in values.items():
            found |= fit_class(networks, own, floats, without)
    results = {}
    for device in devices:
        fitted = values[None][device.name]
        results[device.name] = fitted, [
            fit_devices.prediction(networks, device, model, batch, fitted, values[model][device.name])
            for model, batch in device.latencies
        ]
    return results


def lines_of(values, rows):
    """The precision's lines in devices.yaml."""
    shares = [f"{PARAMETERS[part]}: {values[part]:.4g}" for part in SHARES]
    off = fit_devices.errors(rows)
    return (
        f"    {PRECISION}:\n      element: 4 B\n"
        f"      efficiency:\n        {{{', '.join(shares[:2])},\n         {', '.join(shares[2:])}}}\n"
        f"      layer-overhead: {values[OVERHEAD] * 1e6:.4g} us\n"
        f"      overheads: {{winograd: {fit_devices.WINOGRAD_KERNELS * values[OVERHEAD] * 1e6:.5g} us}}\n"
        f"      calibration: {{models: {len(rows)}, median-error: {100 * np.median(off):.1f} %, "
        f"worst-error: {100 * max(off):.1f} %}}\n"
    )


def with_fit(text, name, values, rows):
    """devices.yaml's text with the precision of the device, after its calibration, or without it."""
    block = old = fit_devices.block_of(text, name)
    block = re.sub(rf"^  precisions:\n    {PRECISION}:\n(?:      .*\n)+", "", block, flags=re.MULTILINE)
    block = block.replace(SOURCE, "")
    if np.median(fit_devices.errors(rows)) <= MOST_ERROR:
        lines = "  precisions:\n" + lines_of(values, rows)
        block = re.sub(r"^  calibration: .*\n", lambda found: found.group() + lines, block, flags=re.MULTILINE) + SOURCE
    return text.replace(old, block)


def check_offcut(offcut, results):
    """Compares the predictions with those of `offcut predict`, which reads devices.yaml."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "latencies.csv"
        for name, (_, rows) in results.items():
            models = [f"zoo:{row['model']}" for row in rows]
            command = [offcut, "predict", *models, "--on", name, "--precision", PRECISION, "--out", path]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            with open(path, newline="", encoding="utf-8") as file:
                found = {row["model"]: float(row["latency_s"]) for row in csv.DictReader(file)}
            for row in rows:
                model, expected = row["model"], row["predicted_s"]
                if not math.isclose(found[model], expected, rel_tol=1e-6):
                    sys.exit(f"{model} on {name}: offcut predicts {found[model]} s, not {expected} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offcut", default=fit_devices.ROOT / "build/release/offcut")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()

    with open(HERE / "measured_int8.csv", newline="", encoding="utf-8") as file:
        measured = [row | {"unit": "cpu", "batch": "1"} for row in csv.DictReader(file)]
    text = (HERE / "devices.yaml").read_text(encoding="utf-8")
    devices = [device for device in fit_devices.read_devices(text, measured) if len(device.models()) >= LEAST_MODELS]
    networks = {model: fit_devices.Network(args.offcut, model) for model in sorted({row["model"] for row in measured})}
    results = fit_all(networks, devices, text)
    for name, result in results.items():
        text = with_fit(text, name, *result)
    outputs = {HERE / "devices.yaml": text, HERE / "predicted_int8.csv": fit_devices.table_text(results)}
    for path, content in outputs.items():
        if not args.check:
            path.write_text(content, encoding="utf-8")
        elif not fit_devices.same(path.read_text(encoding="utf-8"), content):
            sys.exit(f"{path} is not what the fit gives: run {pathlib.Path(__file__).name}")
    if args.check:
        check_offcut(args.offcut, {name: result for name, result in results.items()
                                   if int8_page.part_of(fit_devices.block_of(text, name))})  # fmt: skip


if __name__ == "__main__":
    main()
