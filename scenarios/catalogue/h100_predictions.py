#!/usr/bin/env python3
"""Predict the latencies of 16 networks on the catalogue's h100, for anybody who wants to compare them with measurements.

It writes h100_predictions.csv: a row per network, precision, runtime (graph, eager), normalization and batch. The rows
with `folded` are those of `offcut predict`, whose networks have their batch normalization in the weights, as exporters
write them; `separate` has a kernel for each batch normalization besides, as a framework runs the network that it
trains. The times are computed here once more, from the kernels that offcut lists and the figures of devices.yaml, in
the form of models/cost/roofline.h; --check fails if the file is not up to date, or if offcut's own latencies differ.

    h100_predictions.py [--offcut build/release/offcut] [--check]
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

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DEVICE = "h100"
# network: whether its convolutions are followed by batch normalization where it is trained
NETWORKS = {
    "alexnet": "no", "bert-base": "no", "densenet121": "before activations", "efficientnet-b0": "all",
    "googlenet": "no", "gpt2": "no", "inception-v3": "all", "mobilenet-v2": "all", "mobilenet-v3-large": "all",
    "resnet152": "all", "resnet18": "all", "resnet50": "all", "squeezenet": "no", "vgg16": "no", "vgg19": "no",
    "vit-b16": "no",
}  # fmt: skip
BATCHES = [1, 2, 4, 8, 16, 32, 64, 128]
PREFIXES = {"": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
ELEMENT = {"fp32": 4, "tf32": 4, "fp16": 2}


def quantity(text):
    number, prefix = re.fullmatch(r"([\d.]+)\s*([numkMGT]?)(?:FLOP/s|B/s|B|s)?", text.strip()).groups()
    return float(number) * PREFIXES[prefix]


def figures(text):
    """The quantities of a block of devices.yaml, those of its maps as "map.key"."""
    found = {}
    for key, value in re.findall(r"^ *([\w-]+): *\n? *(\{[^}]*\}|[^{\n]+)$", text, re.MULTILINE):
        if value.startswith("{"):
            for inner, number in re.findall(r"([\w-]+): ([^,}]+)", value):
                if re.match(r"[\d.]", number):
                    found[f"{key}.{inner}"] = number
        else:
            found[key] = value
    return {key: quantity(value) for key, value in found.items() if re.fullmatch(r"[\d.]+ ?[numkMGT]?(FLOP/s|B/s|B|s)?", value)}


def read_device():
    """Per precision, the figures of the device; and the issue times of its runtimes."""
    text = (HERE / "devices.yaml").read_text(encoding="utf-8")
    block = re.search(rf"^{DEVICE}:\n((?:  .*\n)+)", text, re.MULTILINE).group(1)
    inner = re.search(r"^  precisions:\n((?:    .*\n)+)", block, re.MULTILINE)
    runtimes = re.search(r"^  runtimes:\n((?:    .*\n)+)", block, re.MULTILINE)
    own = figures(block.replace(inner.group(), "").replace(runtimes.group(), ""))
    parts = re.split(r"^    (\w+):\n", inner.group(1), flags=re.MULTILINE)[1:]
    precisions = {"fp32": own} | {
        name: own | figures(lines) for name, lines in zip(parts[::2], parts[1::2])
    }
    issue = quantity(re.search(r"issue: ([^}]+)\}", runtimes.group(1)).group(1))
    return precisions, {"graph": 0.0, "eager": issue}


def read_kernels(offcut, model):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "kernels.csv"
        command = [offcut, "predict", f"zoo:{model}", "--on", DEVICE, "--layers", path]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    for row in rows:
        for key in ["macs", "parameter_bytes", "activation_bytes", "depth", "columns", "places"]:
            row[key] = float(row[key])
    return [row for row in rows if row["kind"] != "view" and row["is_fused"] == "0"]


def unfolded(kernels, which):
    """The kernels with a batch normalization after convolutions. It reads and writes the convolution's outputs, and
    four numbers per channel."""
    result = []
    for kernel, after in zip(kernels, kernels[1:] + [None]):
        result.append(kernel)
        is_normalized = kernel["operator"] == "Conv" and kernel["places"] != 1
        if which == "before activations":
            is_normalized = is_normalized and after is not None and after["operator"] == "Relu"
        if is_normalized and which != "no":
            places = kernel["places"]
            if kernel["kind"] != "convolution":  # Depthwise: as many channels as the sums' results by places.
                size = kernel["activation_bytes"] / 2
                channels = 0
            else:
                channels, size = kernel["columns"], 4 * kernel["columns"] * places
            result.append(
                {"operator": "BatchNormalization", "kind": "normalization", "macs": 0, "parameter_bytes": 16 * channels,
                 "activation_bytes": 2 * size, "depth": 0, "columns": 0, "places": 0, "is_1x1": "0", "is_3x3": "0"}
            )  # fmt: skip
    return result


def seconds(kernel, batch, own, element):
    kind = kernel["kind"]
    share = {"convolution": "convolution", "dense": "dense"}.get(kind, "depthwise-convolution")
    work = 2 * kernel["macs"] * batch / (own["peak"] * own[f"efficiency.{share}"])
    if kind in ("convolution", "dense"):
        work += kernel["depth"] * own[f"step.{kind}"]
    memory = own["efficiency.pooling" if kind == "pooling" else "efficiency.memory"]
    moved = (kernel["parameter_bytes"] + kernel["activation_bytes"] * batch) * element / 4
    start = own["layer-overhead"]
    if kernel["operator"] == "BatchNormalization":
        start = own["overheads.normalization"]
    elif kind == "pooling":
        start = own["overheads.pooling"]
    return max(work, moved / (own["memory-bandwidth"] * memory)) + start


def latency(kernels, batch, own, element, issue):
    issued = end = 0.0
    for kernel in kernels:
        issued += issue
        end = max(end, issued) + seconds(kernel, batch, own, element)
    return own["invocation"] + end


def predictions(offcut):
    precisions, runtimes = read_device()
    for model, which in NETWORKS.items():
        folded = read_kernels(offcut, model)
        lists = {"folded": folded}
        if which != "no":
            lists["separate"] = unfolded(folded, which)
        for precision, own in precisions.items():
            for runtime, issue in runtimes.items():
                for normalization, kernels in lists.items():
                    for batch in BATCHES:
                        time = latency(kernels, batch, own, ELEMENT[precision], issue)
                        yield model, DEVICE, precision, runtime, normalization, batch, f"{time:.6g}"


def text_of(rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["model", "device", "precision", "runtime", "normalization", "batch", "latency_s"])
    writer.writerows(rows)
    return out.getvalue()


def check_offcut(offcut, rows):
    """Compares the rows of folded networks with `offcut predict`."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "latencies.csv"
        models = [f"zoo:{model}" for model in NETWORKS]
        batches = ",".join(map(str, BATCHES))
        command = [offcut, "predict", *models, "--on", DEVICE, "--batch", batches, "--out", path]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(path, newline="", encoding="utf-8") as file:
            own = {
                (row["model"], row["precision"], row["runtime"], int(row["batch"])): float(row["latency_s"])
                for row in csv.DictReader(file)
            }
    for model, _, precision, runtime, normalization, batch, time in rows:
        if normalization == "folded":
            found = own.pop((model, precision, runtime, batch), math.nan)
            if not math.isclose(found, float(time), rel_tol=1e-4):
                sys.exit(f"{model}, {precision}, {runtime}, batch {batch}: offcut predicts {found} s, not {time} s")
    if own:
        sys.exit(f"offcut predicts more: {next(iter(own))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offcut", default=ROOT / "build/release/offcut")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    rows = list(predictions(args.offcut))
    path = HERE / "h100_predictions.csv"
    if not args.check:
        path.write_text(text_of(rows), encoding="utf-8")
        return
    check_offcut(args.offcut, rows)
    if path.read_text(encoding="utf-8") != text_of(rows):
        sys.exit(f"{path} is not up to date: run {pathlib.Path(__file__).name}")


if __name__ == "__main__":
    main()
