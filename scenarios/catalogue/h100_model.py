"""The kernels of a network on the catalogue's h100, and their times in the form of models/cost/roofline.h.

offcut lists the kernels (offcut predict --layers). This is an independent second implementation of their times, with
which fit_h100.py fits the figures and h100_predictions.py compares those of offcut.
"""

import csv
import pathlib
import re
import subprocess
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DEVICE = "h100"
PREFIXES = {"": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
ELEMENT = {"fp32": 4, "tf32": 4, "fp16": 2}
NUMBERS = ["macs", "parameter_bytes", "activation_bytes", "depth", "columns", "places", "rows", "bias_bytes"]
SHARES = {"convolution": "convolution", "dense": "dense"}  # of the peak, by kind; of all others: depthwise-convolution
REDUCTIONS = ("Global", "Reduce")  # operators that pool whole channels
FALLBACKS = {"odd-dense": "dense", "grouped-convolution": "convolution", "pooling": "memory", "normalization": "memory",
             "local-normalization": "memory"}  # fmt: skip


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
    plain = re.compile(r"[\d.]+ ?[numkMGT]?(FLOP/s|B/s|B|s)?")
    return {key: quantity(value) for key, value in found.items() if plain.fullmatch(value)}


def read_device():
    """Per precision with an ELEMENT, the figures of the device; and the issue times of its runtimes."""
    text = (HERE / "devices.yaml").read_text(encoding="utf-8")
    block = re.search(rf"^{DEVICE}:\n((?:  .*\n)+)", text, re.MULTILINE).group(1)
    inner = re.search(r"^  precisions:\n((?:    .*\n)+)", block, re.MULTILINE)
    runtimes = re.search(r"^  runtimes:\n((?:    .*\n)+)", block, re.MULTILINE)
    own = figures(block.replace(inner.group(), "").replace(runtimes.group(), ""))
    parts = re.split(r"^    (\w+):\n", inner.group(1), flags=re.MULTILINE)[1:]
    precisions = {"fp32": own} | {name: own | figures(lines) for name, lines in zip(parts[::2], parts[1::2])
                                  if name in ELEMENT}  # fmt: skip
    issue = quantity(re.search(r"issue: ([^}]+)\}", runtimes.group(1)).group(1))
    return precisions, {"graph": 0.0, "eager": issue}


def read_kernels(offcut, model, bind=None):
    """The kernels of a network of the zoo, as rows of work.csv."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "kernels.csv"
        command = [offcut, "predict", f"zoo:{model}", "--on", DEVICE, "--layers", path]
        command += ["--bind", bind] if bind else []
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    for row in rows:
        row.update({key: float(row[key]) for key in NUMBERS})
    return [row for row in rows if row["kind"] != "view" and row["is_fused"] == "0"]


def kernel(operator, kind, **numbers):
    return {"operator": operator, "kind": kind, "is_grouped": "0", **dict.fromkeys(NUMBERS, 0.0), **numbers}


def unfolded(kernels, which):
    """The kernels with a batch normalization after convolutions, which then have no bias. It reads and writes the
    convolution's outputs, and four numbers per channel. `which`: "no", "all", or "before activations"."""
    result = []
    for own, after in zip(kernels, kernels[1:] + [None]):
        is_normalized = which != "no" and own["operator"] == "Conv" and own["places"] != 1
        if which == "before activations":
            is_normalized = is_normalized and after is not None and after["operator"] == "Relu"
        if is_normalized:
            result.append({**own, "bias_bytes": 0.0})
            result.append(kernel("BatchNormalization", "normalization", parameter_bytes=16 * own["columns"],
                                 activation_bytes=own["bias_bytes"]))  # fmt: skip
        else:
            result.append(own)
    return result


class Kernels:
    """The kernels of calls, as columns. A call is a list of kernels, with a batch."""

    def __init__(self, calls):
        rows = [row for kernels, _ in calls for row in kernels]
        counts = [len(kernels) for kernels, _ in calls]
        self.first = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(int)
        self.counts = counts
        self.batch = np.repeat([float(batch) for _, batch in calls], counts)
        for key in NUMBERS:
            setattr(self, key, np.array([row[key] for row in rows], dtype=float))
        kind = np.array([row["kind"] for row in rows])
        operator = np.array([row["operator"] for row in rows])
        self.is_convolution, self.is_dense = kind == "convolution", kind == "dense"
        share = np.array([SHARES.get(k, "depthwise-convolution") for k in kind], dtype=object)
        share[self.is_dense & (self.columns % 2 == 1)] = "odd-dense"
        share[np.array([row["is_grouped"] == "1" for row in rows])] = "grouped-convolution"
        self.is_filled = self.is_convolution & (share == "convolution")
        self.share = Names(share)
        is_reduction = np.array([row["kind"] == "pooling" and row["operator"].startswith(REDUCTIONS) for row in rows])
        kind = np.where(is_reduction, "normalization", kind)
        memory = np.where(kind == "pooling", "pooling", np.where(kind == "normalization", "normalization", "memory"))
        self.memory = Names(np.where(operator == "LRN", "local-normalization", memory))
        self.start = Names(np.where(is_reduction | (operator == "BatchNormalization"), "overheads.normalization",
                                    np.where(kind == "pooling", "overheads.pooling", "layer-overhead")))  # fmt: skip

    def times(self, own, element):
        """The seconds of each kernel."""
        def share(name):
            return own.get(f"efficiency.{name}") or own[f"efficiency.{FALLBACKS[name]}"]

        narrow = own.get("narrow", 0.0)
        filled = np.where(self.is_filled,
                          part(self.columns, narrow) * part(self.depth, narrow), 1.0)  # fmt: skip
        work = 2 * self.macs * self.batch / (own["peak"] * self.share.looked_up(share) * filled)
        split = part(self.rows * self.batch, own.get("step.split-rows", 0.0))
        step = np.where(self.is_convolution, own["step.convolution"],
                        np.where(self.is_dense, own["step.dense"] * split, 0.0))  # fmt: skip
        scale = element / 4 / own["memory-bandwidth"]
        traffic = (self.parameter_bytes + self.activation_bytes * self.batch) * scale / self.memory.looked_up(share)
        start = self.start.looked_up(own.get)
        bias = self.bias_bytes * self.batch * scale / own["efficiency.memory"] + own["layer-overhead"]
        return np.maximum(work + self.depth * step, traffic) + start + np.where(self.bias_bytes > 0, bias, 0.0)

    def latencies(self, own, element, issue):
        """The seconds of each call; its host issues a kernel each `issue` seconds, ahead of the device."""
        times = self.times(own, element)
        if issue == 0:
            return own["invocation"] + np.add.reduceat(times, self.first)
        calls = np.split(times, self.first[1:])
        # From the start of a kernel to the end of the last one.
        return own["invocation"] + np.array([
            np.max(issue * np.arange(1, len(call) + 1) + np.cumsum(call[::-1])[::-1]) for call in calls
        ])  # fmt: skip


def part(extent, lost):
    return np.where(extent > 0, extent / np.maximum(extent + lost, 1e-9), 1.0)


class Names:
    """A column of names, sorted out once: a fit looks up their values thousands of times."""

    def __init__(self, names):
        self.found, self.places = np.unique(names.astype(str), return_inverse=True)

    def looked_up(self, value_of):
        return np.array([value_of(name) for name in self.found])[self.places]
