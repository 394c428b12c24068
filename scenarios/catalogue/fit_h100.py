#!/usr/bin/env python3
"""Fit the catalogue's h100 to latencies of networks and times of kernels that were measured on one card.

It reads h100_measured.csv, the latencies under PyTorch: `graph` replays a CUDA graph, `eager` issues one operator after
another; batch normalization is `separate` or `folded` into the weights; and h100_kernels.csv, the times of the kernels
of each kind in one pass of a network, and of single matrix products ("4096x12288", of as many rows as `batch` says).
The form is offcut's own (models/cost/roofline.h), which h100_model.py computes.

Three kinds of residuals are minimised together, all logarithms of predicted / measured in standard deviations: those of
the networks as CUDA graphs, those of the kernels, and those of figures to round numbers, weakly, for what the
measurements leave open. Large residuals count by their size and not by its square, so that a network that the form does
not describe spoils less of the fit. The time to issue a kernel is the median over the networks, operator by operator
at batch 1.

The error of a network is that of a prediction from a fit that has seen neither its latencies nor its kernels, at any
batch. It writes h100_fit.csv, which has them all, and the figures of h100 in devices.yaml, and of the devices that
have the same efficiencies, whose steps take as many cycles of their own clocks. tf32 was not measured: its shares of
the tensor cores are assumed, and the rest is as in fp32.

    fit_h100.py [--offcut build/release/offcut] [--check]

With --check it writes nothing, and fails if the files differ from what it would write (by more than 1 %). Run
fit_devices.py afterwards, which writes the page.
"""

import argparse
import csv
import io
import math
import re
import sys

import fit_devices
import h100_model
import numpy as np
from h100_model import ELEMENT, HERE, Kernels, kernel

PRECISIONS = ["fp32", "fp16"]
ZOO = {  # as measured: in the zoo, the length to bind, and the convolutions that are followed by batch normalization
    "alexnet": ("alexnet", None, "no"), "gpt2": ("gpt2", None, "no"), "gpt2-128-tokens": ("gpt2", "tokens=128", "no"),
    "mobilenet-v2": ("mobilenet-v2", None, "all"), "resnet18": ("resnet18", None, "all"),
    "resnet50": ("resnet50", None, "all"), "vgg16": ("vgg16", None, "no"), "vit-b16": ("vit-b16", None, "no"),
}  # fmt: skip
FAMILIES = {"gpt2-128-tokens": "gpt2"}  # left out together
START = {  # round numbers in fp32 and fp16, none if not fitted, and the factor that is one standard deviation
    "efficiency.convolution": (0.5, 0.5, 3), "efficiency.dense": (0.5, 0.5, 3),
    "efficiency.depthwise-convolution": (0.02, 0.01, 3), "efficiency.grouped-convolution": (0.3, 0.3, 2),
    "efficiency.odd-dense": (None, 0.1, 3), "efficiency.memory": (0.8, 0.8, 1.5), "efficiency.pooling": (0.4, 0.2, 2),
    "efficiency.normalization": (0.6, 0.5, 1.5), "efficiency.local-normalization": (0.1, 0.1, 3),
    "step.convolution": (25e-9, 2e-9, 2), "step.dense": (10e-9, 2e-9, 2), "layer-overhead": (2e-6, 2e-6, 2),
    "overheads.normalization": (2e-6, 5e-6, 2), "overheads.pooling": (3e-6, 10e-6, 2),
}  # fmt: skip
FIXED = {"invocation": 25e-6, "narrow": 24.0, "step.split-rows": 32.0}
TENSOR_CORES = {"efficiency.convolution": 0.42, "efficiency.dense": 0.55,
                "efficiency.depthwise-convolution": 0.02, "step.convolution": 4.6e-9, "step.dense": 3.3e-9}  # tf32, assumed
NETWORK_SPREAD = 1.1  # A network may well be off by this factor, and the kernels of a kind by
KERNEL_SPREAD = 1.3
CLOCKS = {"h100": 1.98, "a100": 1.41, "l4": 2.04}  # GHz; those of the others from their datasheets


def alexnet_of_torchvision():
    """Krizhevsky's one weird trick (2014): no groups, no local response normalization."""
    layers = []

    def convolve(inputs, outputs, window, side_in, side_out):
        size = 4 * outputs * side_out**2
        layers.append(kernel("Conv", "convolution", macs=inputs * outputs * window**2 * side_out**2,
                             parameter_bytes=4 * outputs * (inputs * window**2 + 1), depth=inputs * window**2,
                             activation_bytes=4 * inputs * side_in**2 + size, columns=outputs, places=side_out**2,
                             bias_bytes=2 * size))  # fmt: skip
        layers.append(kernel("Relu", "elementwise", activation_bytes=2 * size))

    def pool(channels, side_in, side_out):
        layers.append(kernel("MaxPool", "pooling", activation_bytes=4 * channels * (side_in**2 + side_out**2)))

    def connect(inputs, outputs):
        layers.append(kernel("Gemm", "dense", macs=inputs * outputs, parameter_bytes=4 * (inputs + 1) * outputs,
                             activation_bytes=4 * (inputs + outputs), depth=inputs, columns=outputs, rows=1))  # fmt: skip

    convolve(3, 64, 11, 224, 55)
    pool(64, 55, 27)
    convolve(64, 192, 5, 27, 27)
    pool(192, 27, 13)
    convolve(192, 384, 3, 13, 13)
    convolve(384, 256, 3, 13, 13)
    convolve(256, 256, 3, 13, 13)
    pool(256, 13, 6)
    pool(256, 6, 6)  # adaptive
    for inputs, outputs in [(9216, 4096), (4096, 4096)]:
        connect(inputs, outputs)
        layers.append(kernel("Relu", "elementwise", activation_bytes=8 * outputs))
    connect(4096, 1000)
    return layers


def googlenet_of_torchvision(offcut):
    """The zoo's, with windows of 3x3 in place of 5x5 and without local response normalization."""
    layers = [row for row in h100_model.read_kernels(offcut, "googlenet") if row["operator"] != "LRN"]
    for row in layers:
        if row["operator"] == "Conv" and row["layer"].endswith("_5x5"):
            row.update({key: row[key] * 9 / 25 for key in ["macs", "depth", "parameter_bytes"]})
    return layers


def read_lists(offcut):
    """The kernels of each network, by its name and whether its normalization is none, separate or folded."""
    lists = {(name, "none"): h100_model.read_kernels(offcut, *zoo[:2]) for name, zoo in ZOO.items() if zoo[2] == "no"}
    lists["alexnet-torchvision", "none"] = alexnet_of_torchvision()
    folded = {name: h100_model.read_kernels(offcut, *zoo[:2]) for name, zoo in ZOO.items() if zoo[2] == "all"}
    folded["googlenet-torchvision"] = googlenet_of_torchvision(offcut)
    for name, layers in folded.items():
        lists[name, "folded"] = layers
        lists[name, "separate"] = h100_model.unfolded(layers, "all")
    return lists


def read(name):
    with open(HERE / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def product(row):
    """A product of `batch` rows by a matrix."""
    inputs, outputs = map(int, row["model"].split("x"))
    rows = int(row["batch"])
    return kernel("Gemm", "dense", macs=inputs * outputs * rows, parameter_bytes=4 * (inputs + 1) * outputs,
                  activation_bytes=4 * (inputs + outputs) * rows, depth=inputs, columns=outputs, rows=rows)  # fmt: skip


class KernelTimes:
    """The measured times of the kernels of each kind in one pass."""

    def __init__(self, rows, lists):
        normalization = {name: form for name, form in lists if form != "folded"}
        calls = [([product(row)], 1) if row["kind"] == "product"
                 else (lists[row["model"], normalization[row["model"]]], row["batch"]) for row in rows]  # fmt: skip
        self.kernels = Kernels(calls)
        self.measured = np.array([float(row["time_s"]) for row in rows])
        self.counts = np.concatenate([
            [row["kind"] == "product" or self.kind_of(one) == row["kind"] for one in call]
            for row, (call, _) in zip(rows, calls)
        ])  # fmt: skip
        matrices = [row["model"] for row in rows]
        # The products by one matrix count as one observation.
        alike = [matrices.count(row["model"]) if row["kind"] == "product" else 1 for row in rows]
        self.weights = 1 / np.sqrt(alike) / math.log(KERNEL_SPREAD)

    @staticmethod
    def kind_of(row):
        if row["kind"] == "pooling" and row["operator"].startswith(h100_model.REDUCTIONS):
            return "global-pooling"
        return "batch-normalization" if row["operator"] == "BatchNormalization" else row["kind"]

    def residuals(self, own, element):
        times = np.add.reduceat(self.kernels.times(own, element) * self.counts, self.kernels.first)
        return np.log(times / self.measured) * self.weights


class Latencies:
    def __init__(self, rows, lists):
        self.rows = rows
        self.kernels = Kernels([(lists[row["model"], row["normalization"]], row["batch"]) for row in rows])
        self.measured = np.array([float(row["latency_s"]) for row in rows])


def family(row):
    return FAMILIES.get(row["model"], row["model"])


def soft(residuals):
    """The residuals whose squares are the losses 2 (sqrt(1 + r^2) - 1)."""
    return np.sign(residuals) * np.sqrt(2 * (np.sqrt(1 + residuals**2) - 1))


def fit(lists, precision, device, without=None):
    """The device with the figures of the least loss, without a network if one is named."""
    names = [name for name in START if START[name][PRECISIONS.index(precision)] is not None]
    start = np.log([START[name][PRECISIONS.index(precision)] for name in names])
    spreads = np.log([START[name][2] for name in names])

    def known(rows):
        return [row for row in rows if row["precision"] == precision and family(row) != without]

    networks = Latencies([row for row in known(read("h100_measured.csv")) if row["runtime"] == "graph"], lists)
    kernels = KernelTimes(known(read("h100_kernels.csv")), lists)

    def residuals_of(logs):
        own = device | dict(zip(names, np.exp(logs)))
        off = np.log(networks.kernels.latencies(own, ELEMENT[precision], 0.0) / networks.measured)
        return np.concatenate([soft(off / math.log(NETWORK_SPREAD)), soft(kernels.residuals(own, ELEMENT[precision])),
                               (logs - start) / spreads])  # fmt: skip

    logs, _ = fit_devices.least_squares(lambda columns: np.array([residuals_of(c) for c in columns.T]).T, start)
    return device | {name: float(f"{value:.4g}") for name, value in zip(names, np.exp(logs))}


def issue_time(lists, without=None):
    """The median over the networks at batch 1 of the time of an operator."""
    rows = [row for row in read("h100_measured.csv")
            if row["runtime"] == "eager" and row["batch"] == "1" and family(row) != without]  # fmt: skip
    counts = [len(lists[row["model"], row["normalization"]]) for row in rows]
    times = [(float(row["latency_s"]) - FIXED["invocation"]) / count for row, count in zip(rows, counts)]
    return float(f"{np.median(times):.3g}")


def predict(lists, rows, precision, device, issue):
    """The predicted seconds of latencies of one precision."""
    found = np.zeros(len(rows))
    for runtime, time in [("graph", 0.0), ("eager", issue)]:
        own = [i for i, row in enumerate(rows) if row["runtime"] == runtime]
        if own:
            kernels = Latencies([rows[i] for i in own], lists).kernels
            found[own] = kernels.latencies(device, ELEMENT[precision], time)
    return found


def fit_all(offcut):
    """The fitted devices by precision, the issue time, and a row for each latency."""
    lists = read_lists(offcut)
    precisions, _ = h100_model.read_device()
    families = sorted({family(row) for row in read("h100_measured.csv")})
    issue, issues = issue_time(lists), {name: issue_time(lists, name) for name in families}
    devices, results = {}, []
    for precision in PRECISIONS:
        base = precisions[precision] | FIXED
        rows = [row for row in read("h100_measured.csv") if row["precision"] == precision]
        devices[precision] = fit(lists, precision, base)
        fitted = predict(lists, rows, precision, devices[precision], issue)
        left_out = np.zeros(len(rows))
        for name in families:
            own = [i for i, row in enumerate(rows) if family(row) == name]
            other = fit(lists, precision, base, name)
            left_out[own] = predict(lists, [rows[i] for i in own], precision, other, issues[name])
        results += [row | {"fitted_s": f"{a:.6g}", "left_out_s": f"{b:.6g}"} for row, a, b in zip(rows, fitted, left_out)]
    return devices, issue, results


def errors(rows, column="left_out_s"):
    return np.array([abs(float(row[column]) / float(row["latency_s"]) - 1) for row in rows])


def calibration(results, precision, indent):
    def text(runtime):
        rows = [row for row in results if row["precision"] == precision and row["runtime"] == runtime]
        off = errors(rows)
        return (f"models: {len({family(row) for row in rows})}, median-error: {100 * np.median(off):.0f} %, "
                f"worst-error: {100 * max(off):.0f} %")  # fmt: skip

    eager = "runtimes: {eager: {" + text("eager") + "}}"
    return f"{indent}calibration:\n{indent}  {{{text('graph')},\n{indent}   {eager}}}\n"


def lines_of(own, indent, clock):
    """The fitted lines of devices.yaml. Steps take the same number of cycles at any clock."""
    def share(name):
        return f"{name}: {own['efficiency.' + name]:.4g}"

    def time(key, unit, factor):
        return f"{key.rpartition('.')[2]}: {own[key] * factor:.4g} {unit}"

    products = [share("convolution"), f"convolution-3x3: {own['efficiency.convolution']:.4g}",
                *map(share, ["depthwise-convolution", "grouped-convolution"])]  # fmt: skip
    others = [share(name) for name in ["dense", "odd-dense", "memory", "pooling"] if f"efficiency.{name}" in own]
    norms = [*map(share, ["normalization", "local-normalization"])]
    cycles = CLOCKS["h100"] / clock * 1e9
    steps = [time("step.convolution", "ns", cycles), time("step.dense", "ns", cycles),
             f"split-rows: {FIXED['step.split-rows']:.4g}"]  # fmt: skip
    overheads = [time("overheads.normalization", "us", 1e6), time("overheads.pooling", "us", 1e6)]
    lines = ["efficiency:", f"  {{{', '.join(products)},", f"   {', '.join(others)},", f"   {', '.join(norms)}}}",
             f"step: {{{', '.join(steps)}}}", f"{time('layer-overhead', 'us', 1e6)}",
             f"overheads: {{{', '.join(overheads)}}}"]  # fmt: skip
    return "".join(f"{indent}{line}\n" for line in lines)


FITTED = r"efficiency:\n(?:{0}  .*\n)+{0}step: .*\n{0}layer-overhead: .*\n{0}overheads: .*\n"


def with_fit(text, name, devices, results, issue):
    """The text of devices.yaml with the fitted lines of a device."""
    block = old = fit_devices.block_of(text, name)
    for precision, own in devices.items():
        indent = " " * (2 if precision == "fp32" else 6)
        part = old_part = block
        if precision != "fp32":
            part = old_part = re.search(rf"^    {precision}:\n(?:      .*\n)+", block, re.MULTILINE).group()
        part = re.sub("^" + indent + FITTED.format(indent), lambda _: lines_of(own, indent, CLOCKS[name]), part, count=1,
                      flags=re.MULTILINE)  # fmt: skip
        if precision in PRECISIONS and name == h100_model.DEVICE:
            stated = calibration(results, precision, indent)
            part = re.sub(rf"^{indent}calibration:.*\n(?:{indent}  .*\n)*", lambda _: stated, part, flags=re.MULTILINE)
        block = block.replace(old_part, part)
    block = re.sub(r"eager: \{issue: .*\}", f"eager: {{issue: {issue * 1e6:.3g} us}}", block)
    block = re.sub(r"^  (narrow: .*\n  )?runtime: graph", f"  narrow: {FIXED['narrow']:.4g}\n  runtime: graph", block,
                   flags=re.MULTILINE)  # fmt: skip
    return text.replace(old, block)


def table_text(results):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(results[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(results)
    return out.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offcut", default=h100_model.ROOT / "build/release/offcut")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    devices, issue, results = fit_all(args.offcut)
    for precision in PRECISIONS:
        for runtime, form in [("graph", ("none", "separate")), ("graph", ("folded",)), ("eager", ("none", "separate"))]:
            rows = [row for row in results if row["precision"] == precision and row["runtime"] == runtime
                    and row["normalization"] in form]  # fmt: skip
            off = errors(rows)
            print(f"{precision}, {runtime}, {'/'.join(form)}: {len(rows)} latencies, not in the fit: median "
                  f"{100 * np.median(off):.0f} %, 90 % below {100 * np.quantile(off, 0.9):.0f} %, worst {100 * max(off):.0f} %")  # fmt: skip
    devices["tf32"] = devices["fp32"] | TENSOR_CORES
    devices["int8"] = devices["fp16"]  # not measured
    text = (HERE / "devices.yaml").read_text(encoding="utf-8")
    for name in CLOCKS:
        text = with_fit(text, name, devices, results, issue)
    for path, content in {HERE / "devices.yaml": text, HERE / "h100_fit.csv": table_text(results)}.items():
        if not args.check:
            path.write_text(content, encoding="utf-8")
        elif not fit_devices.same(path.read_text(encoding="utf-8"), content):
            sys.exit(f"{path} is not what the fit gives: run {__file__.rpartition('/')[2]}")


if __name__ == "__main__":
    main()
