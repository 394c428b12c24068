#!/usr/bin/env python3
"""Fit the catalogue's devices to measured latencies of whole networks, and report the errors of the fits.

The model is offcut's own (models/cost/roofline.h): a kernel takes
    max(max(2 MACs / (peak * efficiency of its kind), bytes / (bandwidth * memory efficiency)) + overhead, launch)
and a network the sum of its kernels, which offcut itself lists (offcut inspect --out). Half a dozen latencies do
not determine six numbers, so each number is also drawn towards the mean of its class (`unit`), which is learned from
the measurements as well (from PRIOR). The efficiency of 3x3 convolutions is fitted as a multiple of that of the other
convolutions, and the launch only for devices that were measured with batches of several sizes. The error of a network
is that of a prediction from the other networks alone: neither the device nor its class has seen it on any device.

It reads measured.csv (device, unit, model, batch, latency_ms, source) and, from devices.yaml, peaks and bandwidths;
it writes the fitted lines of devices.yaml, predicted.csv and docs/devices.md. To add a device, write it to devices.yaml
with any efficiencies, its latencies to measured.csv, and run this.

    fit_devices.py [--offcut build/release/offcut] [--check]

With --check it writes nothing, and fails if the files differ from what it would write (by more than 1 %).
"""

import argparse
import csv
import io
import math
import pathlib
import re
import subprocess
import sys
import tempfile
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PARAMETERS = ["convolution", "convolution-3x3", "depthwise-convolution", "dense", "memory", "overhead", "launch"]
PRIOR = {  # shares of the peaks, the second one of the first; seconds
    "cpu": [0.4, 2, 0.1, 0.4, 0.6, 30e-6, 100e-6],
    "gpu": [0.8, 2.5, 0.2, 0.4, 0.4, 20e-6, 100e-6],
    "caffe": [0.2, 1, 0.1, 0.4, 0.4, 20e-6, 100e-6],  # of 2016: float32, no Winograd
    "npu": [0.3, 1, 0.1, 0.4, 0.6, 5e-6, 100e-6],
}
PRIOR_SPREAD = [2.5, 1.4, 2.5, 1.5, 2, 2.5, 2.5]  # a factor that is one standard deviation
FIT_SPREAD = 1.16  # what a network's latency may well be off by
BATCH_SPREAD = 1.05  # the same between batches of one network
PRIOR_ROUNDS = 2  # fits of all devices before the class counts as known
FACTORS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


class Device(NamedTuple):
    name: str
    unit: str
    peak: float
    bandwidth: float
    on_chip: tuple  # bytes, bytes per second of the link, bytes of a weight; or none
    latencies: dict  # (model, batch) -> seconds

    def models(self):
        return sorted({model for model, batch in self.latencies})

    def has_batches(self):
        return len({batch for model, batch in self.latencies}) > 1


class Network:
    """The kernels of a network, as columns."""

    def __init__(self, offcut, model):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "work.csv"
            command = [offcut, "inspect", f"zoo:{model}", "--out", path]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            with open(path, newline="", encoding="utf-8") as file:
                layers = list(csv.DictReader(file))
        weights = [float(layer["parameters"]) for layer in layers]
        self.weights_before = np.concatenate([[0], np.cumsum(weights)])
        self.cost = np.array([layer["kind"] != "view" and layer["is_fused"] == "0" for layer in layers])
        self.kind = np.array([self.parameter_of(layer) for layer in layers])
        self.macs, self.parameter_bytes, self.activation_bytes = (
            np.array([float(layer[key]) for layer in layers])
            for key in ["macs", "parameter_bytes", "activation_bytes"]
        )

    @staticmethod
    def parameter_of(layer):
        name = layer["kind"] + ("-3x3" if layer["is_3x3"] == "1" else "")
        return PARAMETERS.index(name if name in PARAMETERS else "depthwise-convolution")

    def streamed(self, device):
        """The seconds, for each layer, in which weights that do not fit into an accelerator's memory come in."""
        if not device.on_chip:
            return 0
        size, link, weight = device.on_chip
        over = np.maximum(weight * self.weights_before - size, 0)
        return np.diff(over) / link


def predict(network, device, batch, values):
    """Seconds for one batch."""
    arithmetic = 2 * network.macs * batch / (device.peak * values[network.kind])
    bytes_moved = network.parameter_bytes + network.activation_bytes * batch
    traffic = bytes_moved / (device.bandwidth * values[PARAMETERS.index("memory")])
    overhead, launch = values[PARAMETERS.index("overhead") :]
    alone = np.maximum(np.maximum(arithmetic, traffic) + overhead, launch)
    return np.maximum(np.where(network.cost, alone, 0), network.streamed(device)).sum()


def values_of(logs, device):
    values = np.exp(logs)
    values[1] *= values[0]
    values[-1] *= device.has_batches()
    return values


def fit(networks, device, prior, without=None):
    """Logarithms of the parameters that minimise the squared logarithms of predicted / measured and of parameter /
    prior, each in its own standard deviations."""
    spread = BATCH_SPREAD if device.has_batches() else FIT_SPREAD
    known = [(key, seconds) for key, seconds in device.latencies.items() if key[0] != without]

    def residuals(logs):
        values = values_of(logs, device)
        misfits = [
            math.log(predict(networks[model], device, batch, values) / seconds) for (model, batch), seconds in known
        ]
        return np.concatenate([np.array(misfits) / math.log(spread), (logs - prior) / np.log(PRIOR_SPREAD)])

    if not known:
        return prior
    # Where overhead hides the launch at first, it would not be found.
    starts = [prior, prior - np.log(20) * (np.array(PARAMETERS) == "overhead")]
    fits = [
        least_squares(residuals, start, xtol=1e-10, ftol=1e-10) for start in starts[: 1 + device.has_batches()]
    ]
    return min(fits, key=lambda result: result.cost).x


def class_prior(networks, devices, unit, without=None):
    prior = np.log(PRIOR[unit])
    several = [device for device in devices if device.unit == unit and len(device.models()) > 1]
    for _ in range(PRIOR_ROUNDS if several else 0):
        prior = np.mean([fit(networks, device, prior, without) for device in several], axis=0)
    return prior


def quantity(text, unit):
    number, prefix = re.fullmatch(r"([\d.]+) ([kMGT]?)" + re.escape(unit), text.strip()).groups()
    return float(number) * FACTORS[prefix]


def read_devices(text, measured):
    """The devices that were measured, from devices.yaml's text."""
    devices = []
    for name in dict.fromkeys(row["device"] for row in measured):
        block = block_of(text, name)
        rows = [row for row in measured if row["device"] == name]
        latencies = {(row["model"], int(row["batch"])): float(row["latency_ms"]) / 1e3 for row in rows}
        if len(latencies) < len(rows):
            sys.exit(f"measured.csv: {name} has a model and batch twice")
        chip = re.search(r"^  on-chip: \{memory: (.*), link: (.*), weight: (.*)\}$", block, re.MULTILINE)
        units = ["B", "B/s", "B"]
        devices.append(
            Device(
                name,
                rows[0]["unit"],
                quantity(field(block, "peak"), "FLOP/s"),
                quantity(field(block, "memory-bandwidth"), "B/s"),
                tuple(quantity(part, unit) for part, unit in zip(chip.groups(), units)) if chip else (),
                latencies,
            )
        )
    return devices


def block_of(text, name):
    found = re.search(rf"^{re.escape(name)}:\n(?:  .*\n)+", text, re.MULTILINE)
    if not found:
        sys.exit(f"devices.yaml has no {name}, which measured.csv names")
    return found.group()


def field(block, key):
    return re.search(rf"^  {key}: (.*)$", block, re.MULTILINE).group(1)


def rounded(values):
    return np.array([float(f"{value:.4g}") for value in values])


def errors(rows):
    """The errors of networks that are not in the fit; none for a device with one network."""
    return [abs(row["left_out_s"] / row["measured_s"] - 1) for row in rows if row["left_out_s"] is not None]


def with_fit(text, device, values, rows):
    """devices.yaml's text with the device's fitted lines."""
    shares = ", ".join(f"{name}: {value:.4g}" for name, value in zip(PARAMETERS[:5], values))
    off = errors(rows)
    calibration = f"{{models: {len(device.models())}"
    if off:
        calibration += f", median-error: {100 * np.median(off):.1f} %, worst-error: {100 * max(off):.1f} %"
    block = old = block_of(text, device.name)
    block = re.sub(r"^  efficiency:.*\n(?:    .*\n)*", "  efficiency:\n    {" + shares + "}\n", block, flags=re.M)
    times = f"  layer-overhead: {values[5] * 1e6:.4g} us\n"
    if device.has_batches():
        times += f"  launch: {values[6] * 1e6:.4g} us\n"
    block = re.sub(r"^  layer-overhead: .*\n(  launch: .*\n)?(  calibration: .*\n)?",
                   f"{times}  calibration: {calibration}}}\n", block, flags=re.M)
    return text.replace(old, block)


def prediction(networks, device, model, batch, values, others):
    """A row of predicted.csv. `others`: the parameters from the other networks, if there are any."""
    left_out = others is not None
    numbers = [f"{value:.4g}" for value in others] if left_out else [""] * len(PARAMETERS)
    return {
        "device": device.name,
        "model": model,
        "batch": batch,
        "measured_s": device.latencies[model, batch],
        "predicted_s": predict(networks[model], device, batch, values),
        "left_out_s": predict(networks[model], device, batch, others) if left_out else None,
        **dict(zip(PARAMETERS, numbers)),
    }


def fit_all(networks, devices):
    """Per device its parameters and its rows of predicted.csv; per class the means."""
    priors = {
        (unit, without): class_prior(networks, devices, unit, without)
        for unit in sorted({device.unit for device in devices})
        for without in [None, *sorted(networks)]
    }

    def parameters(device, without=None):
        return rounded(values_of(fit(networks, device, priors[device.unit, without], without), device))

    results = {}
    for device in devices:
        values = parameters(device)
        models = device.models()
        left_out = {model: parameters(device, model) for model in models} if len(models) > 1 else {}
        results[device.name] = values, [
            prediction(networks, device, model, batch, values, left_out.get(model))
            for model, batch in device.latencies
        ]
    return results, {unit: np.exp(prior) for (unit, without), prior in priors.items() if without is None}


def table_text(results):
    out = io.StringIO()
    rows = [row for values, rows in results.values() for row in rows]
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        numbers = ["measured_s", "predicted_s", "left_out_s"]
        writer.writerow(row | {key: "" if row[key] is None else f"{row[key]:.9g}" for key in numbers})
    return out.getvalue()


def ratios(rows, column):
    """The ratio of predicted to measured."""
    return np.array([row[column] / row["measured_s"] for row in rows if row[column] is not None])


def percent(share):
    return f"{100 * share:.0f} %"


def table_row(*cells):
    return "| " + " | ".join(cells) + " |"


def unfitted_row(name, block):
    """A device that this script does not fit: its figures are those of a datasheet, or of a fit that its source describes."""
    own = re.search(r"^  calibration: \{models: (\d+), median-error: ([\d.]+ %), worst-error: ([\d.]+ %)\}", block, re.MULTILINE)
    if own is None:
        return table_row(name, field(block, "about"), "datasheet", "", "", "")
    errors_of = [percent(float(error.rstrip(" %")) / 100) for error in own.groups()[1:]]
    return table_row(name, field(block, "about"), f"{own.group(1)} models, by itself", "", *errors_of)


def device_row(name, about, device, rows):
    models = len(device.models())
    fitted_to = f"{models} model" + "s" * (models > 1)
    if device.has_batches():
        fitted_to += f", {len(rows)} batch sizes"
    fitted, off = ratios(rows, "predicted_s"), errors(rows)
    error_cells = [percent(np.median(off)), percent(max(off))] if off else ["", ""]
    return table_row(name, about, fitted_to, f"{min(fitted):.2f} to {max(fitted):.2f}", *error_cells)


def model_rows(rows):
    """Per network, the errors over all devices, each from a fit without it."""
    for model in sorted({row["model"] for row in rows}):
        off = ratios([row for row in rows if row["model"] == model], "left_out_s")
        if len(off):
            yield table_row(model, str(len(off)), f"{np.median(off):.2f}", percent(np.median(np.abs(off - 1))))


def batch_row(row):
    times = [f"{1e3 * row[column]:.1f} ms" for column in ["measured_s", "predicted_s"]]
    return table_row(row["device"], str(row["batch"]), *times, f"{row['predicted_s'] / row['measured_s']:.2f}")


def class_row(unit, values):
    shares = [values[0], values[0] * values[1], *values[2:5]]
    return table_row(unit, *(f"{share:.2g}" for share in shares), f"{values[5] * 1e6:.2g} us")


def page_text(text, devices, results, typical):
    measured = {device.name: device for device in devices}
    names = sorted(re.findall(r"^([\w.-]+):\n", text, re.MULTILINE))
    rows = {device.name: results[device.name][1] for device in devices}
    every = [row for device in devices for row in rows[device.name]]
    medians = [np.median(errors(rows[device.name])) for device in devices if len(device.models()) > 1]
    lines = [device_row(n, field(block_of(text, n), "about"), measured[n], rows[n]) if n in measured
             else unfitted_row(n, block_of(text, n)) for n in names]
    batches = [batch_row(row) for device in devices if device.has_batches() for row in rows[device.name]]
    return PAGE.format(
        count=len(names),
        fitted=len(devices),
        several=len(medians),
        median=percent(np.median(medians)),
        below=sum(median <= 0.3 for median in medians),
        latencies=len(errors(every)),
        every=percent(np.median(errors(every))),
        devices="\n".join(lines),
        per_model="\n".join(model_rows(every)),
        curves="\n".join(batches),
        typical="\n".join(class_row(unit, values) for unit, values in typical.items()),
    )


PAGE = """# How accurate the catalogue's devices are

`scenarios/catalogue/fit_devices.py` writes this page, and the tests check it. The catalogue has
{count} devices: {fitted} are fitted to measured latencies of whole networks, which
`scenarios/catalogue/measured.csv` lists with their sources. Two more are fitted by themselves, as
their `source` in the catalogue says: `h100`, whose row is that of float32 under CUDA graphs, and
`stm32h7a3-int8`. The others have figures of datasheets and the efficiencies of similar devices.

The error of a network is |predicted / measured - 1|, where the prediction comes from a fit to all
other networks: neither the device nor the means of its class have seen this one. Over the {several}
devices with several networks, the median of their median errors is **{median}** ({below} of them are
at 30 % or better); over all {latencies} latencies, the median error is {every}. In contrast, `fitted`
is predicted / measured with all networks in the fit.

| device | description | fitted to | fitted, range | median error, not in the fit | worst error |
| --- | --- | --- | --- | --- | --- |
{devices}

## By network, not in the fit

| model | devices | median of predicted / measured | median error |
| --- | --- | --- | --- |
{per_model}

ncnn's resnet50 has its stride in the 1x1 convolutions (3,858 M multiply-accumulates; the zoo's has
4,089 M), and its alexnet pools before it normalises.

## Batches

| device | batch of resnet50 | measured | predicted | ratio |
| --- | --- | --- | --- | --- |
{curves}

## The means of each class

A fit is drawn towards the means of the device's class: the shares of the peaks, and the overhead of
a kernel. Devices without measurements have the figures of a similar device, which their `source`
names.

| class | convolution | 3x3, stride 1 | depthwise | dense | memory | overhead |
| --- | --- | --- | --- | --- | --- | --- |
{typical}
"""

NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")


def close(old, new):
    """To 1 %, or to one in the last digit that is printed."""
    last_digit = 10.0 ** -len(old.partition(".")[2])
    return abs(float(old) - float(new)) <= max(0.01 * float(old), 1.01 * last_digit)


def same(old, new):
    """Returns whether two texts are equal except for numbers that are close."""
    return NUMBER.sub("#", old) == NUMBER.sub("#", new) and all(
        map(close, NUMBER.findall(old), NUMBER.findall(new))
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offcut", default=ROOT / "build/release/offcut")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()

    with open(HERE / "measured.csv", newline="", encoding="utf-8") as file:
        measured = list(csv.DictReader(file))
    text = (HERE / "devices.yaml").read_text(encoding="utf-8")
    devices = read_devices(text, measured)
    networks = {model: Network(args.offcut, model) for model in sorted({row["model"] for row in measured})}
    results, typical = fit_all(networks, devices)
    for device in devices:
        text = with_fit(text, device, *results[device.name])
    outputs = {
        HERE / "devices.yaml": text,
        HERE / "predicted.csv": table_text(results),
        ROOT / "docs/devices.md": page_text(text, devices, results, typical),
    }
    for path, content in outputs.items():
        if not args.check:
            path.write_text(content, encoding="utf-8")
        elif not same(path.read_text(encoding="utf-8"), content):
            sys.exit(f"{path} is not what the fit gives: run {pathlib.Path(__file__).name}")


if __name__ == "__main__":
    main()
