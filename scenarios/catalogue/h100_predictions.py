#!/usr/bin/env python3
"""Predict the latencies of 16 networks on the catalogue's h100, for anybody who wants to compare them with measurements.

It writes h100_predictions.csv: a row per network, precision, runtime (graph, eager), normalization and batch. The rows
with `folded` are those of `offcut predict`, whose networks have their batch normalization in the weights, as exporters
write them; `separate` has a kernel for each batch normalization besides, as a framework runs the network that it
trains. The times are computed by h100_model.py, a second implementation of the form of models/cost/roofline.h; --check
fails if the file is not up to date, or if offcut's own latencies differ.

    h100_predictions.py [--offcut build/release/offcut] [--check]
"""

import argparse
import csv
import io
import math
import pathlib
import subprocess
import sys
import tempfile

from h100_model import DEVICE, ELEMENT, HERE, ROOT, Kernels, read_device, read_kernels, unfolded

# network: whether its convolutions are followed by batch normalization where it is trained
NETWORKS = {
    "alexnet": "no", "bert-base": "no", "densenet121": "before activations", "efficientnet-b0": "all",
    "googlenet": "no", "gpt2": "no", "inception-v3": "all", "mobilenet-v2": "all", "mobilenet-v3-large": "all",
    "resnet152": "all", "resnet18": "all", "resnet50": "all", "squeezenet": "no", "vgg16": "no", "vgg19": "no",
    "vit-b16": "no",
}  # fmt: skip
BATCHES = [1, 2, 4, 8, 16, 32, 64, 128]


def predictions(offcut):
    precisions, runtimes = read_device()
    for model, which in NETWORKS.items():
        folded = read_kernels(offcut, model)
        lists = {"folded": folded}
        if which != "no":
            lists["separate"] = unfolded(folded, which)
        calls = {name: Kernels([(kernels, batch) for batch in BATCHES]) for name, kernels in lists.items()}
        for precision, own in precisions.items():
            for runtime, issue in runtimes.items():
                for normalization, kernels in calls.items():
                    for batch, time in zip(BATCHES, kernels.latencies(own, ELEMENT[precision], issue)):
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
        batches, precisions = ",".join(map(str, BATCHES)), ",".join(ELEMENT)
        command = [offcut, "predict", *models, "--on", DEVICE, "--batch", batches, "--precision", precisions,
                   "--out", path]  # fmt: skip
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
