#!/usr/bin/env python3
"""Fit the catalogue's h100 to kernel times and latencies of networks that were measured on one card.

The measurements are not part of the repository: FACTS is a folder with models.csv (latencies of networks, batch 1 to
128, as CUDA graphs and operator by operator) and layers.csv (times of single kernels). The form is offcut's own
(models/cost/roofline.h), which h100_predictions.py computes. Three kinds of residuals are minimised together, all
logarithms of predicted / measured: those of kernels, where the kernels of one kind in one pass count as one; those of
networks as CUDA graphs; and of figures to round numbers, weakly, for what the measurements leave open. The time to issue
a kernel is the median over networks operator by operator at batch 1.

A network is left out with its kernels for the errors that the catalogue states. Local response normalizations and
convolutions with groups occur in alexnet alone, so that its errors are those of a fit that has seen none.

    fit_h100.py --facts FACTS [--offcut build/release/offcut] [--check]

It writes the figures of h100 in fp32 and fp16 to devices.yaml, and those of the devices that have the same
efficiencies, whose steps take as many cycles of their own clocks. tf32 was not measured and is left alone. With --check
it writes nothing, and fails if the figures differ by more than 1 %. Without the folder it is skipped: exit code 77.
"""

import argparse
import csv
import math
import pathlib
import re
import sys

import fit_devices
import h100_predictions
import numpy as np

SKIPPED = 77
PRECISIONS = ["fp32", "fp16"]
NETWORKS = {  # as measured: as in the zoo
    "alexnet_grouped": "alexnet", "gpt2_64_tokens": "gpt2", "mobilenet_v2": "mobilenet-v2", "resnet18": "resnet18",
    "resnet50": "resnet50", "vgg16": "vgg16", "vit_b_16": "vit-b16",
}  # fmt: skip
GRAPHS = {"graph": "separate", "graph-folded": "folded"}
KINDS = {  # of layers.csv: kind of layer, share of work, of memory, and overhead
    "BatchNorm2d": ("depthwise-convolution", "memory", "overheads.normalization"),
    "LayerNorm": ("depthwise-convolution", "memory", "layer-overhead"),
    "ReLU": ("depthwise-convolution", "memory", "layer-overhead"),
    "ReLU6": ("depthwise-convolution", "memory", "layer-overhead"),
    "GELU": ("depthwise-convolution", "memory", "layer-overhead"),
    "MaxPool2d": ("depthwise-convolution", "pooling", "overheads.pooling"),
    "AdaptiveAvgPool2d": ("depthwise-convolution", "pooling", "overheads.pooling"),
    "Linear": ("dense", "memory", "layer-overhead"),
    "Conv2d": ("convolution", "memory", "layer-overhead"),
}  # fmt: skip
START = {  # round numbers, and the factor that is one standard deviation
    "efficiency.convolution": (0.5, 0.5, 3), "efficiency.dense": (0.5, 0.5, 3),
    "efficiency.depthwise-convolution": (0.02, 0.01, 3), "efficiency.grouped-convolution": (0.3, 0.3, 2),
    "efficiency.memory": (0.8, 0.8, 1.5), "efficiency.pooling": (0.4, 0.2, 2),
    "efficiency.local-normalization": (0.1, 0.1, 3), "efficiency.odd-dense": (0.5, 0.1, 3),
    "step.convolution": (25e-9, 2e-9, 2), "step.dense": (10e-9, 2e-9, 2), "layer-overhead": (2e-6, 2e-6, 2),
    "overheads.normalization": (2e-6, 5e-6, 2), "overheads.pooling": (3e-6, 10e-6, 2),
}  # fmt: skip
KERNEL_SPREAD = 1.3  # A kernel may well be off by this factor, and a network by
NETWORK_SPREAD = 1.1
INVOCATION = 25e-6
CLOCKS = {"h100": 1.98, "a100": 1.41, "l4": 2.04}  # GHz; those of the others from their datasheets
ELEMENT = h100_predictions.ELEMENT


class Layers(h100_predictions.Kernels):
    """Single kernels that were measured; each belongs to a group, which counts as one observation."""

    def __init__(self, rows):
        def numbers(key):
            return np.array([float(row[key] or 0) for row in rows])

        groups = [(row["model"], row["batch"], row["type"]) for row in rows]
        self.models = np.array([row["model"] for row in rows])
        self.measured = numbers("kernel_median_s")
        self.weight = np.array([1 / math.sqrt(groups.count(group)) for group in groups])
        self.macs = numbers("macs")
        self.parameter_bytes = numbers("parameter_bytes")
        self.activation_bytes = numbers("activation_bytes")
        extents = [re.split("[x;]", row["output_shape"]) for row in rows]
        self.depth = self.macs / [math.prod(map(int, extent)) for extent in extents]
        is_depthwise = numbers("groups") > 1
        kinds = [KINDS[row["type"]] for row in rows]
        self.share = np.where(is_depthwise, "depthwise-convolution", [kind[0] for kind in kinds])
        self.memory = np.array([kind[1] for kind in kinds])
        self.start = np.array([kind[2] for kind in kinds])

    def residuals(self, own, without):
        # Their bytes are those of the precision already, and their batch is in all figures.
        found = np.log(self.times(1, own, 4) / self.measured) * self.weight / math.log(KERNEL_SPREAD)
        return found[self.models != without]


class Facts:
    def __init__(self, folder, offcut):
        self.networks = {}
        for name, zoo in NETWORKS.items():
            kernels = h100_predictions.read_kernels(offcut, zoo)
            which = h100_predictions.NETWORKS[zoo]
            separate = h100_predictions.unfolded(kernels, which) if which != "no" else kernels
            self.networks[name, "folded"] = h100_predictions.Kernels(kernels)
            self.networks[name, "separate"] = h100_predictions.Kernels(separate)
        rows = [row for row in read(folder / "models.csv") if row["model"] in NETWORKS]
        self.latencies = {precision: [row for row in rows if row["precision"] == precision] for precision in PRECISIONS}
        layers = [row for row in read(folder / "layers.csv")
                  if row["own_work"] == "leaf" and row["type"] in KINDS and float(row["activation_bytes"] or 0) > 0
                  and float(row["kernel_median_s"] or 0) > 0]  # fmt: skip
        self.layers = {
            precision: Layers([row for row in layers if row["precision"] == precision]) for precision in PRECISIONS
        }

    def predicted(self, row, own, issue):
        graph = row["mode"] in GRAPHS
        kernels = self.networks[row["model"], GRAPHS.get(row["mode"], "separate")]
        return kernels.latency(int(row["batch"]), own, ELEMENT[row["precision"]], 0.0 if graph else issue)

    def issue(self):
        times = [
            (float(row["latency_median_s"]) - INVOCATION) / len(self.networks[row["model"], "separate"].macs)
            for rows in self.latencies.values() for row in rows if row["mode"] == "eager" and row["batch"] == "1"
        ]  # fmt: skip
        return float(np.median(times))


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def fit(facts, precision, device, without=None):
    """The figures with the least squares of all residuals, without a network if one is named."""
    names = list(START)
    start = np.log([START[name][PRECISIONS.index(precision)] for name in names])
    spreads = np.log([START[name][2] for name in names])
    rows = [row for row in facts.latencies[precision] if row["mode"] in GRAPHS and row["model"] != without]

    def residuals_of(logs):
        own = device | dict(zip(names, np.exp(logs)))
        networks = [math.log(facts.predicted(row, own, 0.0) / float(row["latency_median_s"])) for row in rows]
        return np.concatenate([facts.layers[precision].residuals(own, without),
                               np.array(networks) / math.log(NETWORK_SPREAD), (logs - start) / spreads])  # fmt: skip

    logs, _ = fit_devices.least_squares(lambda columns: np.array([residuals_of(c) for c in columns.T]).T, start)
    return device | {name: float(f"{value:.4g}") for name, value in zip(names, np.exp(logs))}


def errors(facts, precision, fits, issue, modes):
    return np.array([
        abs(facts.predicted(row, fits[row["model"]], issue) / float(row["latency_median_s"]) - 1)
        for row in facts.latencies[precision] if row["mode"] in modes
    ])  # fmt: skip


def lines_of(own, indent, clock):
    """The lines of devices.yaml that were fitted. Steps take the same number of cycles at any clock."""
    def share(name):
        return f"{own['efficiency.' + name]:.4g}"

    shares = [f"convolution: {share('convolution')}", f"convolution-3x3: {share('convolution')}"]
    shares += [f"{name}: {share(name)}" for name in ["depthwise-convolution", "grouped-convolution", "dense", "odd-dense",
                                                     "memory", "pooling", "local-normalization"]]  # fmt: skip
    steps = [f"{name}: {own['step.' + name] * 1e9 * CLOCKS['h100'] / clock:.4g} ns" for name in ["convolution", "dense"]]
    overheads = [f"{name}: {own['overheads.' + name] * 1e6:.4g} us" for name in ["normalization", "pooling"]]
    lines = ["efficiency:", f"  {{{', '.join(shares[:4])},", f"   {', '.join(shares[4:])}}}",
             f"step: {{{', '.join(steps)}}}", f"layer-overhead: {own['layer-overhead'] * 1e6:.4g} us",
             f"overheads: {{{', '.join(overheads)}}}"]  # fmt: skip
    return "".join(f"{indent}{line}\n" for line in lines)


FITTED = r"efficiency:\n(?:{0}  .*\n)+{0}step: .*\n{0}layer-overhead: .*\n{0}overheads: .*\n"


def with_fit(text, name, fits, calibrations, issue):
    block = old = fit_devices.block_of(text, name)
    fp16 = re.search(r"^    fp16:\n(?:      .*\n)+", block, re.MULTILINE).group()
    new = re.sub("      " + FITTED.format("      "), lambda _: lines_of(fits["fp16"], " " * 6, CLOCKS[name]), fp16)
    block = block.replace(fp16, new)
    block = re.sub("^  " + FITTED.format("  "), lambda _: lines_of(fits["fp32"], "  ", CLOCKS[name]), block, count=1,
                   flags=re.MULTILINE)  # fmt: skip
    block = re.sub(r"eager: \{issue: .*\}", f"eager: {{issue: {issue * 1e6:.3g} us}}", block)
    for precision, indent in [("fp32", "  "), ("fp16", " " * 6)]:
        pattern = rf"^{indent}calibration: .*$"
        block = re.sub(pattern, indent + "calibration: " + calibrations[precision], block, flags=re.MULTILINE)
    return text.replace(old, block)


def report(label, found):
    print(f"{label:34} {len(found):4} latencies: median {100 * np.median(found):.0f} %, "
          f"90 % below {100 * np.quantile(found, 0.9):.0f} %, worst {100 * max(found):.0f} %")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facts", type=pathlib.Path, default=fit_devices.ROOT.parent / "shared/facts/h100")
    parser.add_argument("--offcut", default=fit_devices.ROOT / "build/release/offcut")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if not (args.facts / "models.csv").is_file():
        print(f"skipped: no measurements at {args.facts} (--facts FOLDER)")
        sys.exit(SKIPPED)
    facts = Facts(args.facts, args.offcut)
    issue = facts.issue()
    devices, _ = h100_predictions.read_device()
    fits, calibrations = {}, {}
    for precision in PRECISIONS:
        device = devices[precision] | {"invocation": INVOCATION}
        fits[precision] = fit(facts, precision, device)
        left_out = {model: fit(facts, precision, device, model) for model in NETWORKS}
        for mode in [["graph"], ["graph-folded"], ["eager"]]:
            label = f"{precision}, {mode[0]}"
            report(label, errors(facts, precision, dict.fromkeys(NETWORKS, fits[precision]), issue, mode))
            report(label + ", left out", errors(facts, precision, left_out, issue, mode))
        found = errors(facts, precision, left_out, issue, list(GRAPHS))
        calibrations[precision] = (f"{{models: {len(NETWORKS)}, median-error: {100 * np.median(found):.0f} %, "
                                   f"worst-error: {100 * max(found):.0f} %}}")  # fmt: skip
    path = fit_devices.HERE / "devices.yaml"
    old = text = path.read_text(encoding="utf-8")
    for name in CLOCKS:
        text = with_fit(text, name, fits, calibrations, issue)
    if not args.check:
        path.write_text(text, encoding="utf-8")
    elif not fit_devices.same(old, text):
        sys.exit(f"{path} is not what the fit gives: run {pathlib.Path(__file__).name}")


if __name__ == "__main__":
    main()
