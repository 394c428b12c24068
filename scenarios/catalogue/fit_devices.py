#!/usr/bin/env python3
"""Fit the catalogue's devices to measured latencies of whole networks, and report the errors of the fits.

The model is offcut's own (models/cost/roofline.h): a kernel takes
    max(max(2 MACs / (peak * efficiency of its kind) + K * step, bytes / (bandwidth * memory efficiency)) + overhead,
        launch)
and a network the sum of its kernels, which offcut itself lists (offcut inspect --out). K is the number of terms of a
sum. Under ncnn (the classes `cpu` and `gpu`), a convolution with N output channels reaches N / (N + narrow) * K / (K +
narrow) of its efficiency, and those with other windows or strides than 1x1 and 3x3 have an efficiency of their own.
3x3 convolutions compute whole tiles of 6x6 places, sum over channels alone (K / 9 terms), and are three kernels:
Winograd's algorithm transforms the input, multiplies, and transforms back. Pooling and local response normalizations
have their own shares of the bandwidth, and convolutions with groups, which ncnn computes by a kernel without tiles on
GPUs, have an efficiency of their own there. Ten latencies do not determine a dozen numbers, so each number is also
drawn towards the mean of its class (`unit`), which is learned from the measurements as well (from PRIOR). Some are
fitted as multiples of others (PART_OF), and the launch only for devices that were measured with batches of several
sizes. The error of a network is that of a prediction from the other networks alone: neither the device nor its class
has seen it on any device.

It reads measured.csv (device, unit, model, batch, latency_ms, source) and, from devices.yaml, peaks and bandwidths;
it writes the fitted lines of devices.yaml (and of devices with the efficiencies of a fitted one), predicted.csv and
docs/devices.md. To add a device, write it to devices.yaml with any efficiencies, its latencies to measured.csv, and
run this.

    fit_devices.py [--offcut build/release/offcut] [--check]

With --check it writes nothing, and fails if the files differ from what it would write (by more than 1 %).
"""

import argparse
import csv
import functools
import io
import math
import pathlib
import re
import subprocess
import sys
import tempfile
from typing import NamedTuple

import int8_page
import numpy as np
import server_page

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PARAMETERS = ["convolution", "convolution-3x3", "other-convolution", "depthwise-convolution", "dense", "memory",
              "overhead", "launch", "narrow", "step", "pooling", "local-normalization", "grouped-convolution"]
(CONV, CONV_3X3, OTHER, DEPTHWISE, DENSE, MEMORY, OVERHEAD, LAUNCH, NARROW, STEP, POOLING, LOCAL_NORM,
 GROUPED) = range(len(PARAMETERS))
# Fitted as multiples of others.
PART_OF = {CONV_3X3: CONV, OTHER: CONV, POOLING: MEMORY, LOCAL_NORM: MEMORY, GROUPED: DEPTHWISE}
PRIOR = {  # shares of the peaks, or multiples; seconds; channels
    "cpu": [1, 2.8, 0.65, 0.11, 0.4, 0.56, 20e-6, 100e-6, 39, 4e-9, 0.3, 0.15, 1],
    "gpu": [0.83, 2.85, 0.98, 0.2, 0.4, 0.33, 50e-6, 100e-6, 16, 60e-9, 0.5, 0.3, 1],
    "pytorch": [0.97, 2.58, 1, 0.2, 0.4, 0.31, 47e-6, 100e-6, 1, 1e-9, 1, 1, 1],  # without the terms of ncnn
    "caffe": [0.2, 1, 1, 0.1, 0.4, 0.4, 20e-6, 100e-6, 1, 1e-9, 1, 1, 1],  # of 2016: float32, no Winograd
    "npu": [0.3, 1, 1, 0.1, 0.4, 0.6, 5e-6, 100e-6, 1, 1e-9, 1, 1, 1],
}
NCNN = ("cpu", "gpu")  # classes with other windows, narrow channels, tiles and steps
TILE = 6
WINOGRAD_WINDOW = 9  # places of a 3x3 window, over which Winograd's products do not sum
WINOGRAD_KERNELS = 3  # transform, product, transform back
OWN_GROUPS = "gpu"  # ncnn computes groups by a simple kernel there
PRIOR_SPREAD = [2.5, 1.4, 1.3, 2.5, 1.5, 2, 2.5, 2.5, 1.6, 3, 2, 2, 2]  # a factor that is one standard deviation
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
    software: str  # "ncnn", or else

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
        self.macs, self.parameter_bytes, self.activation_bytes, self.depth, self.columns, places = (
            np.array([float(layer[key]) for layer in layers])
            for key in ["macs", "parameter_bytes", "activation_bytes", "depth", "columns", "places"]
        )
        self.is_grouped = np.array([layer["is_grouped"] == "1" for layer in layers])
        self.is_pooling = np.array([layer["kind"] == "pooling" for layer in layers])
        self.is_local_norm = np.array([layer["operator"] == "LRN" for layer in layers])
        side = np.sqrt(np.maximum(places, 1))
        tiles = np.ceil(side / TILE - 1e-9) * TILE
        self.waste = np.where(self.kind == CONV_3X3, tiles**2 / np.maximum(places, 1), 1)

    @staticmethod
    def parameter_of(layer):
        name = layer["kind"]
        if name == "convolution" and layer["is_1x1"] == "0":
            name = "convolution-3x3" if layer["is_3x3"] == "1" else "other-convolution"
        return PARAMETERS.index(name if name in PARAMETERS else "depthwise-convolution")

    def streamed(self, device):
        """The seconds, for each layer, in which weights that do not fit into an accelerator's memory come in."""
        if not device.on_chip:
            return 0
        size, link, weight = device.on_chip
        over = np.maximum(weight * self.weights_before - size, 0)
        return np.diff(over) / link


class Joined:
    """Several networks, one after the other, each with its batch."""

    def __init__(self, networks, batches):
        counts = [len(network.kind) for network in networks]
        self.first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.batch = np.repeat(np.array(batches, dtype=float), counts)
        self.networks = networks
        for name in ["cost", "kind", "macs", "parameter_bytes", "activation_bytes", "depth", "columns", "waste",
                     "is_grouped", "is_pooling", "is_local_norm"]:
            setattr(self, name, np.concatenate([getattr(network, name) for network in networks]))

    def streamed(self, device):
        if not device.on_chip:
            return 0
        return np.concatenate([network.streamed(device) for network in self.networks])


def predict(network, device, batch, values):
    """Seconds for one batch."""
    return float(predict_all(Joined([network], [batch]), device, values[:, None])[0, 0])


def predict_all(network, device, values):
    """Seconds of each network, for each column of values."""
    batch = network.batch
    columns = values[:, :, None]
    is_convolution = (network.kind == CONV) | (network.kind == CONV_3X3) | (network.kind == OTHER)
    kind = network.kind
    if device.unit == OWN_GROUPS:
        kind = np.where(network.is_grouped, GROUPED, kind)
    reached = values[kind].T
    if device.unit in NCNN:
        narrow = columns[NARROW]
        filled = network.columns / (network.columns + narrow) * network.depth / (network.depth + narrow)
        filled = np.where(is_convolution & (kind != GROUPED), filled / network.waste, 1)
        reached = reached * filled
    is_product = is_convolution | (network.kind == DENSE)
    arithmetic = 2 * network.macs * batch / (device.peak * reached)
    winograd = (kind == CONV_3X3) & (device.unit in NCNN)
    terms = np.where(winograd, network.depth / WINOGRAD_WINDOW, network.depth)
    arithmetic = arithmetic + np.where(is_product, terms * columns[STEP], 0)
    bytes_moved = network.parameter_bytes + network.activation_bytes * batch
    share = np.where(network.is_local_norm, columns[LOCAL_NORM],
                     np.where(network.is_pooling, columns[POOLING], columns[MEMORY]))
    traffic = bytes_moved / (device.bandwidth * share)
    overhead = np.where(winograd, WINOGRAD_KERNELS, 1) * columns[OVERHEAD]
    alone = np.maximum(np.maximum(arithmetic, traffic) + overhead, columns[LAUNCH])
    seconds = np.maximum(np.where(network.cost, alone, 0), network.streamed(device))
    return np.add.reduceat(seconds, network.first, axis=1).T


def values_of(logs, device):
    values = np.exp(logs)
    for part, whole in PART_OF.items():
        values[part] *= values[whole]
    values[LAUNCH] *= device.has_batches()
    if device.unit not in NCNN:
        values[OTHER] = values[CONV]
        values[[POOLING, LOCAL_NORM]] = values[MEMORY]
        values[[NARROW, STEP]] *= 0
    if device.unit != OWN_GROUPS:
        values[GROUPED] *= 0
    return values


def least_squares(residuals, start):
    """The logarithms that minimise the sum of squares, and that sum, by the method of Levenberg and Marquardt.
    residuals() takes several columns of logarithms."""
    logs, damping, step = start.copy(), 1e-3, 1e-6
    count = len(logs)
    now = residuals(logs[:, None])[:, 0]
    for _ in range(60):
        moved = residuals(logs[:, None] + step * np.eye(count))
        slopes = (moved - now[:, None]) / step
        gradient, normal = slopes.T @ now, slopes.T @ slopes
        while damping < 1e9:
            change = -np.linalg.solve(normal + damping * np.diag(np.diag(normal)), gradient)
            trial = residuals((logs + change)[:, None])[:, 0]
            if trial @ trial <= now @ now:
                break
            damping *= 10
        else:
            break
        better = now @ now - trial @ trial
        logs, now, damping = logs + change, trial, damping / 10
        if better < 1e-9 * (1 + now @ now):
            break
    return logs, now @ now


def fit(networks, device, prior, without=None):
    """Logarithms of the parameters that minimise the squared logarithms of predicted / measured and of parameter /
    prior, each in its own standard deviations."""
    spread = BATCH_SPREAD if device.has_batches() else FIT_SPREAD
    known = [(key, seconds) for key, seconds in device.latencies.items() if key[0] != without]

    if not known:
        return prior
    joined = Joined([networks[model] for (model, batch), _ in known], [batch for (_, batch), _ in known])
    measured = np.array([seconds for _, seconds in known])[:, None]

    def residuals(logs):
        misfits = np.log(predict_all(joined, device, values_of(logs, device)) / measured)
        return np.concatenate([misfits / math.log(spread), (logs - prior[:, None]) / np.log(PRIOR_SPREAD)[:, None]])

    # Where overhead hides the launch at first, it would not be found.
    starts = [prior, prior - np.log(20) * (np.array(PARAMETERS) == "overhead")]
    fits = [least_squares(residuals, start) for start in starts[: 1 + device.has_batches()]]
    return min(fits, key=lambda result: result[1])[0]


def class_prior(networks, devices, unit, without=None):
    prior = np.log(PRIOR[unit])
    several = [device for device in devices if device.unit == unit and len(device.models()) > 1]
    for _ in range(PRIOR_ROUNDS if several else 0):
        prior = np.mean([fit(networks, device, prior, without) for device in several], axis=0)
    return prior


def unseen_errors(networks, devices, prior):
    """The errors on devices of a class, each predicted from the mean of the others' parameters."""
    several = [device for device in devices if len(device.models()) > 1]
    fits = [fit(networks, device, prior) for device in several]
    errors_of = []
    for i, device in enumerate(several):
        values = values_of(np.mean(fits[:i] + fits[i + 1 :], axis=0), device)
        errors_of += [abs(predict(networks[model], device, batch, values) / seconds - 1)
                      for (model, batch), seconds in device.latencies.items()]
    return errors_of


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
                rows[0]["source"].partition(" ")[0],
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
    ncnn = device.unit in NCNN
    parts = [*range(OVERHEAD), *([POOLING, LOCAL_NORM] if ncnn else [])]
    parts += [GROUPED] if device.unit == OWN_GROUPS else []
    shares = [f"{PARAMETERS[part]}: {values[part]:.4g}" for part in parts if ncnn or part != OTHER]
    half = (len(shares) + 1) // 2
    off = errors(rows)
    calibration = f"{{models: {len(device.models())}"
    if off:
        calibration += f", median-error: {100 * np.median(off):.1f} %, worst-error: {100 * max(off):.1f} %"
    block = old = block_of(text, device.name)
    block = re.sub(r"^  efficiency:.*\n(?:    .*\n)*", "  efficiency:\n    {" + ", ".join(shares[:half]) + ",\n     "
                   + ", ".join(shares[half:]) + "}\n", block, flags=re.M)
    times = f"  layer-overhead: {values[OVERHEAD] * 1e6:.4g} us\n"
    if device.has_batches():
        times += f"  launch: {values[LAUNCH] * 1e6:.4g} us\n"
    if ncnn:
        step = f"{values[STEP] * 1e9:.4g} ns"
        times += f"  overheads: {{winograd: {WINOGRAD_KERNELS * values[OVERHEAD] * 1e6:.5g} us}}\n"
        times += f"  narrow: {values[NARROW]:.4g}\n  winograd-tile: {TILE}\n"
        times += f"  step: {{convolution: {step}, dense: {step}}}\n"
    block = re.sub(r"^  layer-overhead: .*\n(  (launch|overheads|narrow|winograd-tile|step|calibration): .*\n)*",
                   f"{times}  calibration: {calibration}}}\n", block, flags=re.M)
    if device.software == "ncnn" and not re.search(r"^  runtime:", block, re.MULTILINE):
        half_precision = "  precision: fp16\n  element: 4 B\n" if "half precision" in re.sub(r"\s+", " ", block) else ""
        software = f"{half_precision}  runtime: ncnn\n"
        block = re.sub(r"^  about: .*\n", lambda about: about.group() + software, block, flags=re.MULTILINE)
    return text.replace(old, block)


FITTED_LINES = re.compile(r"^  efficiency:.*\n(?:    .*\n)*  layer-overhead: .*\n"
                          r"(?:  (?:launch|overheads|narrow|winograd-tile|step): .*\n)*", re.MULTILINE)
SOFTWARE_LINES = re.compile(r"^  (?:precision|element|runtime): .*\n", re.MULTILINE)


def with_borrowed(text, fitted):
    """devices.yaml's text with the fitted lines of the devices whose efficiencies are those of a fitted one."""
    for name in re.findall(r"^([\w.-]+):\n", text, re.MULTILINE):
        block = block_of(text, name)
        lender = re.search(r"Efficiencies: those of ([\w-]+)", re.sub(r"\s+", " ", block))
        if lender and lender.group(1) in fitted and name not in fitted:
            lent = block_of(text, lender.group(1))
            own = SOFTWARE_LINES.sub("", FITTED_LINES.sub(lambda _: FITTED_LINES.search(lent).group(), block))
            software = "".join(SOFTWARE_LINES.findall(lent))
            own = re.sub(r"^  about: .*\n", lambda about: about.group() + software, own, flags=re.MULTILINE)
            text = text.replace(block, own)
    return text


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

    @functools.cache
    def prior(unit, without=None):
        return class_prior(networks, devices, unit, without)

    def parameters(device, without=None):
        return rounded(values_of(fit(networks, device, prior(device.unit, without), without), device))

    results = {}
    for device in devices:
        values = parameters(device)
        models = device.models()
        left_out = {model: parameters(device, model) for model in models} if len(models) > 1 else {}
        results[device.name] = values, [
            prediction(networks, device, model, batch, values, left_out.get(model))
            for model, batch in device.latencies
        ]
    return results, {unit: np.exp(prior(unit)) for unit in sorted({device.unit for device in devices})}


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


CALIBRATION = r"^{0}calibration:\s*\{{(.*(?:\n{0} .*)*)$"


def by_runtime(precision, runtimes, calibration):
    """The runtimes with the same errors, and each one with errors of its own."""
    own = re.findall(r"([\w-]+): \{(models: [^}]*)\}", calibration.group(1).partition("runtimes:")[2]) if calibration else []
    alike = [runtime for runtime in runtimes if runtime not in dict(own)]
    yield precision, ", ".join(alike), calibration.group(1) if calibration else None
    for runtime, text in own:
        yield precision, runtime, text


def stated(block):
    """Per precision and runtimes of an entry, their names, and the calibration that the entry states."""
    runtime = re.search(r"^  runtime: (.*)$", block, re.MULTILINE)
    others = re.search(r"^  runtimes:\n((?:    .*\n)+)", block, re.MULTILINE)
    runtimes = [runtime.group(1)] if runtime else []
    runtimes += re.findall(r"^    ([\w-]+):", others.group(1), re.MULTILINE) if others else []
    inner = re.search(r"^  precisions:\n((?:    .*\n)+)", block, re.MULTILINE)
    parts = re.split(r"^    (\w+):\n", inner.group(1), flags=re.MULTILINE)[1:] if inner else []
    own = re.search(r"^  precision: (.*)$", block, re.MULTILINE)
    yield from by_runtime(own.group(1) if own else "fp32", runtimes,
                          re.search(CALIBRATION.format(" " * 2), block, re.MULTILINE))  # fmt: skip
    for precision, figures in zip(parts[::2], parts[1::2]):
        yield from by_runtime(precision, runtimes, re.search(CALIBRATION.format(" " * 6), figures, re.MULTILINE))


def unfitted_cells(calibration, unseen):
    """A device that this script does not fit: its figures are those of a datasheet, or of a fit in its source."""
    if calibration is None:
        return "datasheet", "", f"about {unseen}", "", ""
    own = re.search(r"models: (\d+), median-error: ([\d.]+) %, worst-error: ([\d.]+) %", calibration)
    median, worst = (percent(float(error) / 100) for error in own.groups()[1:])
    return f"{own.group(1)} models, by itself", "", median, "", worst


def device_rows(name, block, results, unseen):
    """`results`: per device and precision, the rows of a fit."""
    for precision, runtime, calibration in stated(block):
        rows = results.get((name, precision))
        cells = fitted_cells(rows) if rows is not None else unfitted_cells(calibration, unseen)
        yield table_row(name, runtime, precision, *cells)


def fitted_cells(rows):
    models = len({row["model"] for row in rows})
    fitted_to = f"{models} model" + "s" * (models > 1)
    if len({row["batch"] for row in rows}) > 1:
        fitted_to += f", {len(rows)} batch sizes"
    fitted, off = ratios(rows, "predicted_s"), errors(rows)
    error_cells = [percent(np.median(off)), percent(np.quantile(off, 0.9)), percent(max(off))] if off else [""] * 3
    return fitted_to, f"{min(fitted):.2f} to {max(fitted):.2f}", *error_cells


def model_rows(rows, units):
    """Per network, the errors over all devices, each from a fit without it."""
    for model in sorted({row["model"] for row in rows}):
        own = [row for row in rows if row["model"] == model]
        off = ratios(own, "left_out_s")
        by_unit = [ratios([row for row in own if units[row["device"]] == unit], "left_out_s") for unit in NCNN]
        if len(off):
            medians = [f"{np.median(ratio):.2f}" if len(ratio) else "" for ratio in by_unit]
            yield table_row(model, str(len(off)), *medians, percent(np.median(np.abs(off - 1))))


def batch_row(row):
    times = [f"{1e3 * row[column]:.1f} ms" for column in ["measured_s", "predicted_s"]]
    return table_row(row["device"], str(row["batch"]), *times, f"{row['predicted_s'] / row['measured_s']:.2f}")


def class_row(unit, values):
    shares = [values[CONV], values[CONV] * values[CONV_3X3], values[CONV] * values[OTHER], *values[DEPTHWISE:OVERHEAD]]
    ncnn = [f"{values[NARROW]:.2g}", f"{values[STEP] * 1e9:.2g} ns", f"{values[MEMORY] * values[POOLING]:.2g}",
            f"{values[MEMORY] * values[LOCAL_NORM]:.2g}"] if unit in NCNN else [""] * 4
    ncnn.append(f"{values[DEPTHWISE] * values[GROUPED]:.2g}" if unit == OWN_GROUPS else "")
    return table_row(unit, *(f"{share:.2g}" for share in shares), f"{values[OVERHEAD] * 1e6:.2g} us", *ncnn)


def unit_row(unit, devices, rows):
    off = [error for device in devices if device.unit == unit for error in errors(rows[device.name])]
    return table_row(unit, str(len(off)), *map(percent, [np.median(off), np.quantile(off, 0.9), max(off)]))


def page_text(text, devices, results, typical, unseen):
    blocks = {name: block_of(text, name) for name in sorted(re.findall(r"^([\w.-]+):\n", text, re.MULTILINE))}
    rows = {device.name: results[device.name][1] for device in devices}
    by_precision = {(name, next(stated(blocks[name]))[0]): own for name, own in rows.items()}
    by_precision |= {(name, int8_page.PRECISION): own for name, own in int8_page.read_rows().items()}
    every = [row for device in devices for row in rows[device.name]]
    medians = [np.median(errors(rows[device.name])) for device in devices if len(device.models()) > 1]
    of_unseen = np.concatenate(list(unseen.values()))
    middle = percent(np.median(of_unseen))
    lines = [line for name, block in blocks.items() for line in device_rows(name, block, by_precision, middle)]
    units = {device.name: device.unit for device in devices}
    batches = [batch_row(row) for device in devices if device.has_batches() for row in rows[device.name]]
    return PAGE.format(
        count=len(blocks),
        fitted=len(devices),
        several=len(medians),
        median=percent(np.median(medians)),
        below=sum(median <= 0.3 for median in medians),
        latencies=len(errors(every)),
        every=percent(np.median(errors(every))),
        unseen=middle,
        unseen_cpu=percent(np.quantile(unseen["cpu"], 0.9)),
        unseen_gpu=percent(np.quantile(unseen["gpu"], 0.9)),
        devices="\n".join(lines),
        int8=int8_page.section(blocks),
        servers=server_page.section(),
        per_unit="\n".join(unit_row(unit, devices, rows) for unit in NCNN),
        per_model="\n".join(model_rows(every, units)),
        curves="\n".join(batches),
        typical="\n".join(class_row(unit, values) for unit, values in typical.items()),
    )


PAGE = """# How accurate the catalogue's devices are

`scenarios/catalogue/fit_devices.py` writes this page, and the tests check it. The catalogue has
{count} devices: {fitted} are fitted to measured latencies of whole networks, which
`scenarios/catalogue/measured.csv` lists with their sources. Two more are fitted by themselves:
`h100`, by `scenarios/catalogue/fit_h100.py`, and `stm32h7a3-int8`, as its `source` in the catalogue
says. The others have figures of datasheets and the efficiencies of similar devices. Processors have
figures for int8 besides, which `scenarios/catalogue/fit_int8.py` fits
([below](#processors-in-int8)).

The error of a network is |predicted / measured - 1|, where the prediction comes from a fit to all
other networks: neither the device nor the means of its class have seen this one. Over the {several}
devices with several networks, the median of their median errors is **{median}** ({below} of them are
at 30 % or better); over all {latencies} latencies, the median error is {every}. In contrast, `fitted`
is predicted / measured with all networks in the fit.

A device that nobody measured has the efficiencies of a similar one. If a fitted device is predicted
from the others of its class alone, the median error is {unseen}, and 90 % of the errors are below
{unseen_cpu} (`cpu`) and {unseen_gpu} (`gpu`): this is what `datasheet` stands for.

| device | runtime | precision | fitted to | fitted, range | median error, not in the fit | 90 % below | worst error |
| --- | --- | --- | --- | --- | --- | --- | --- |
{devices}

## By class, not in the fit

| class | latencies | median error | 90 % below | worst error |
| --- | --- | --- | --- | --- |
{per_unit}

## By network, not in the fit

| model | devices | predicted / measured, cpu | gpu | median error |
| --- | --- | --- | --- | --- |
{per_model}

ncnn's ResNet-50 is `resnet50-v1`, with the stride in the 1x1 convolutions. Its mobilenet-v3-large
has 13 % more multiply-accumulates than the zoo's, and activations that are kernels of their own. On
GPUs, ncnn computes grouped convolutions, of which alexnet has three, by a kernel without tiles.

On GPUs, three networks are off by more than 15 % in the median. No term that was tried removes all
three biases. Left out, with the median and worst error of all latencies on GPUs (today 14.6 % and
147 %):

| tried on GPUs | median | worst | mobilenet-v1 | resnet50-v1 | vgg16 |
| --- | --- | --- | --- | --- | --- |
| today | 14.6 % | 147 % | 0.80 | 1.22 | 1.31 |
| convolutions slower by 1 + p / places | 13.6 % | 107 % | 0.82 | 1.30 | 1.18 |
| the same for 3x3 windows alone | 13.8 % | 122 % | 0.78 | 1.24 | 1.23 |
| convolutions slower by 1 + t / (places * channels) | 13.2 % | 126 % | 0.78 | 1.25 | 1.26 |
| an overhead for layers without arithmetic | 15.1 % | 142 % | 0.81 | 1.11 | 1.23 |
| no steps for products | 15.6 % | 147 % | 0.81 | 1.23 | 1.28 |
| a step for 1x1 windows | 15.7 % | 151 % | 0.81 | 1.22 | 1.31 |
| a bandwidth for weights | 14.6 % | 147 % | 0.80 | 1.26 | 1.33 |
| weights of two bytes | 15.2 % | 135 % | 0.80 | 1.24 | 1.15 |
| a bandwidth for depthwise convolutions | 15.6 % | 155 % | 0.80 | 1.28 | 1.40 |
| activations free | 14.4 % | 172 % | 0.82 | 1.19 | 1.47 |

The first one helps the median and the tail, but trades vgg16's bias for resnet50-v1's. The three
networks pull the efficiency of 1x1 convolutions apart: mobilenet-v1 needs a lower one than
resnet50-v1, whose layers have the same places and more channels.

Five more classifiers of the same page, which the zoo does not have, were kept back: mnasnet,
proxylessnasnet, shufflenet, shufflenet_v2 and regnety_400m. They were predicted once, from their
layers as ncnn has them: on CPUs, the median error of 80 latencies is 15 % (90 % below 43 %), on
GPUs, that of 50 is 20 % (56 %). The worst on CPUs is regnety_400m, whose grouped convolutions take
1.5 times as long as predicted; on GPUs, shufflenet is predicted 1.4 times too slow.

{int8}
{servers}
## Batches

| device | batch of resnet50 | measured | predicted | ratio |
| --- | --- | --- | --- | --- |
{curves}

## The means of each class

A fit is drawn towards the means of the device's class: the shares of the peaks, and the overhead of
a kernel. Devices without measurements have the figures of a similar device, which their `source`
names.

| class | 1x1 | 3x3 | other | depthwise | dense | memory | overhead | narrow | step | pooling | local norm. | grouped |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
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
    text = with_borrowed(text, results)
    of_unit = {unit: [device for device in devices if device.unit == unit] for unit in NCNN}
    unseen = {unit: unseen_errors(networks, of_unit[unit], np.log(typical[unit])) for unit in NCNN}
    outputs = {
        HERE / "devices.yaml": text,
        HERE / "predicted.csv": table_text(results),
        ROOT / "docs/devices.md": page_text(text, devices, results, typical, unseen),
    }
    for path, content in outputs.items():
        if not args.check:
            path.write_text(content, encoding="utf-8")
        elif not same(path.read_text(encoding="utf-8"), content):
            sys.exit(f"{path} is not what the fit gives: run {pathlib.Path(__file__).name}")


if __name__ == "__main__":
    main()
