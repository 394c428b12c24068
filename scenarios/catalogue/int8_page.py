"""The part of docs/devices.md on networks in int8, with the errors of predicted_int8.csv."""

import csv
import pathlib
import re

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
PRECISION = "int8"


def read_rows():
    """Per device, its rows of predicted_int8.csv."""
    with open(HERE / "predicted_int8.csv", newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    results = {}
    for row in table:
        times = {key: float(row[key]) for key in ["measured_s", "predicted_s", "left_out_s"]}
        results.setdefault(row["device"], []).append(row | times)
    return results


def part_of(block):
    """The lines of the precision in a device's entry, if it has them."""
    found = re.search(rf"^    {PRECISION}:\n(?:      .*\n)+", block, re.MULTILINE)
    return found.group() if found else None


def figures(lines):
    """The efficiencies, and the overhead in microseconds, that lines of devices.yaml state."""
    shares = re.search(r"efficiency:\s*\{(.*?)\}", lines, re.DOTALL).group(1)
    stated = re.findall(r"([\w-]+): ([\d.]+)", shares)
    stated += [("overhead", re.search(r"layer-overhead: ([\d.]+) us", lines).group(1))]
    return {key: float(value) for key, value in stated}


def table_row(*cells):
    return "| " + " | ".join(cells) + " |"


def device_row(name, block, rows, floats):
    own = re.search(r"^  precision: (.*)$", block, re.MULTILINE)
    ratios = [1e3 * row["measured_s"] / floats[name, row["model"]] for row in rows]
    keys = ["convolution", "convolution-3x3", "overhead"]
    before, part = figures(block), part_of(block)
    gains = [f"{figures(part)[key] / before[key]:.2f}" for key in keys] if part else ["no entry", "", ""]
    return table_row(name, own.group(1) if own else "fp32", f"{np.median(ratios):.2f}",
                     f"{min(ratios):.2f} to {max(ratios):.2f}", *gains)  # fmt: skip


def errors(rows):
    return np.array([abs(row["left_out_s"] / row["measured_s"] - 1) for row in rows])


def model_row(model, rows):
    ratios = np.array([row["left_out_s"] / row["measured_s"] for row in rows])
    return table_row(model, str(len(rows)), f"{np.median(ratios):.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}",
                     f"{100 * np.median(errors(rows)):.0f} %")  # fmt: skip


def section(blocks):
    """`blocks`: per device, its entry in devices.yaml."""
    results = read_rows()
    with open(HERE / "measured.csv", newline="", encoding="utf-8") as file:
        floats = {(row["device"], row["model"]): float(row["latency_ms"]) for row in csv.DictReader(file)}
    every = [row for rows in results.values() for row in rows]
    off = errors(every)
    of_device = [np.median(errors(rows)) for rows in results.values()]
    return PAGE.format(
        count=len(results),
        latencies=len(every),
        median=f"{100 * np.median(off):.0f} %",
        most=f"{100 * np.quantile(off, 0.9):.0f} %",
        worst=f"{100 * max(off):.0f} %",
        highest=f"{100 * max(of_device):.0f} %",
        devices="\n".join(device_row(name, blocks[name], rows, floats) for name, rows in sorted(results.items())),
        models="\n".join(model_row(model, [row for row in every if row["model"] == model])
                         for model in sorted({row["model"] for row in every})),
    )  # fmt: skip


PAGE = """## Processors in int8

`scenarios/catalogue/fit_int8.py` fits the precision `int8` of {count} processors to the {latencies} latencies
of `measured_int8.csv`: those of quantised networks in ncnn's benchmark, from the same runs as the
latencies in float. It is fitted relative to the figures in float, by three multiples: of the
efficiency of 3x3 convolutions, of that of all others, and of the overhead of a kernel. The error of
a network is that of a prediction from fits that have not seen it on any device, neither in int8 nor
in float: {median} in the median, below {most} for 90 %, and {worst} at worst. The device with the
highest median error has {highest}; one above 35 % would have no figures for int8.

Int8 is not always faster under ncnn. The table has the measured ratios of latencies, int8 to float,
and the multiples of the fit:

| device | float is | int8 / float, median | range | convolutions | 3x3 | overhead |
| --- | --- | --- | --- | --- | --- | --- |
{devices}

Where the float networks are computed in fp32, int8 takes 0.6 to 0.9 of the time, but on the
`rk3588` it is slower. Where they are computed in fp16, int8 takes about as long: 3x3 convolutions,
which Winograd's algorithm computes in fp16, become slower and use up the gain of the others. The
Carmel cores of the Jetson AGX Xavier need almost twice the time. The overhead of a kernel grows,
presumably because convolutions quantise their inputs, and most of them write floats.

Predicted / measured by network, not in the fit:

| model | devices | median | range | median error |
| --- | --- | --- | --- | --- |
{models}

In these networks, only convolutions are quantised: dense layers (except that of mobilenet-v1, which
is a convolution there), pooling, sums and concatenations compute and read floats, and in resnet18,
resnet50-v1, googlenet and mobilenet-v1, every convolution writes floats, too. Hence an element
counts 4 bytes (`element`) as in float, and the shares of dense layers and of the bandwidth are
those in float: a network whose weights are all in int8 would be predicted too slow in its dense
layers. Peaks are those in float as well, so that the shares can be compared.

Tried, not in the fit:

| tried | median | 90 % below | worst |
| --- | --- | --- | --- |
| today | 12.1 % | 31 % | 44 % |
| the figures in float as they are | 20.8 % | 55 % | 83 % |
| elements of 1 byte | 16.7 % | 40 % | 54 % |
| one multiple for everything | 12.6 % | 31 % | 47 % |
| one multiple for all convolutions | 11.6 % | 30 % | 53 % |
| no multiple for the overhead | 12.9 % | 29 % | 51 % |
| a multiple for the bandwidth in addition | 11.6 % | 29 % | 44 % |
| a multiple for depthwise convolutions in addition | 12.5 % | 32 % | 45 % |
| a multiple for other windows in addition | 11.9 % | 35 % | 51 % |
| the multiple of 3x3 convolutions drawn to the mean less | 13.5 % | 33 % | 42 % |
| one class of devices | 12.9 % | 33 % | 48 % |

One multiple for all convolutions predicts other networks as well, but misses those of its own fit
by more (9.6 % in the median in place of 6.5 %), since 3x3 convolutions gain differently.
Mobilenet-v1 is the only network here with depthwise convolutions: a fit without it has not seen
them in int8.

`t4`, `a100`, `l4` and `h100` state int8 with the peak of a datasheet, where an operation in int8
counts as one of `peak`, and with the shares of fp16. Nobody measured them.
"""
