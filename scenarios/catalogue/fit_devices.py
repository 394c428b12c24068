#!/usr/bin/env python3
"""Fit a device's efficiencies and layer overhead to measured latencies of whole networks.

The model is the one that offcut computes with (models/cost/roofline.h): a layer takes
    max(2 MACs / (peak * efficiency of its kind), bytes / (bandwidth * memory efficiency)) + overhead
and a network the sum of its layers. A handful of latencies does not pin down five numbers, so each is also
drawn weakly towards what is typical (PRIOR). At batch 1 dense layers wait for their weights, not for
arithmetic: their efficiency cannot be seen then and stays near its prior.

The measurements are a CSV with the columns device,unit,threads,model,latency_ms and, if not 1, batch. Rows
are chosen by --device (part of the name), --unit and --threads; models other than those of NETWORKS are
passed over.

    fit_devices.py measured.csv --device "Raspberry Pi 4" --unit cpu --threads 4 --peak 57.6 --bandwidth 12.8
"""

import argparse
import csv
import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

BYTES = 4  # of a float32
PARAMETERS = ["convolution", "depthwise-convolution", "dense", "memory", "overhead"]
PRIOR = [0.4, 0.1, 0.4, 0.6, 20e-6]  # shares of the peaks; seconds
PRIOR_SPREAD = [3, 3, 1.5, 2, 2]  # a factor that is one standard deviation
FIT_SPREAD = 1.15  # what a latency may well be off by


class Layer(NamedTuple):
    kind: str  # convolution, depthwise-convolution, dense, other
    macs: float  # per sample
    weights: float
    activations: float  # per sample, read and written


class Tracer:
    """Writes down the layers of a network of square images as it is described."""

    def __init__(self, channels, side):
        self.channels, self.side, self.layers = channels, side, []

    def size(self):
        return self.channels * self.side**2

    def other(self, reads=1):
        self.layers.append(Layer("other", 0, 0, (reads + 1) * self.size()))

    def conv(self, channels, kernel, stride=1, pad=0, groups=1, relu=True, keep=False):
        """With keep, a branch: the layers after it go on from where this one started."""
        side = (self.side + 2 * pad - kernel) // stride + 1
        taps = kernel**2 * self.channels // groups
        out = channels * side**2
        kind = "depthwise-convolution" if groups == self.channels else "convolution"
        self.layers.append(Layer(kind, out * taps, channels * (taps + 1), self.size() + out))
        before = self.channels, self.side
        self.channels, self.side = channels, side
        if relu:
            self.other()
        if keep:
            self.channels, self.side = before

    def pool(self, kernel, stride, pad=0, ceil=False):
        before = self.size()
        steps = (self.side + 2 * pad - kernel) / stride
        self.side = (math.ceil(steps) if ceil else math.floor(steps)) + 1
        self.layers.append(Layer("other", 0, 0, before + self.size()))

    def dense(self, units, relu=True):
        read = self.size()
        self.channels, self.side = units, 1
        self.layers.append(Layer("dense", read * units, (read + 1) * units, read + units))
        if relu:
            self.other()


def alexnet():
    net = Tracer(3, 227)
    net.conv(96, 11, stride=4)
    net.other()
    net.pool(3, 2)
    net.conv(256, 5, pad=2, groups=2)
    net.other()
    net.pool(3, 2)
    net.conv(384, 3, pad=1)
    net.conv(384, 3, pad=1, groups=2)
    net.conv(256, 3, pad=1, groups=2)
    net.pool(3, 2)
    for units in [4096, 4096, 1000]:
        net.dense(units, relu=units != 1000)
    return net.layers


def vgg16():
    net = Tracer(3, 224)
    for channels, repeats in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
        for _ in range(repeats):
            net.conv(channels, 3, pad=1)
        net.pool(2, 2)
    for units in [4096, 4096, 1000]:
        net.dense(units, relu=units != 1000)
    return net.layers


def resnet50(stride_in_3x3):
    """Version 1 has the stride in the first 1x1 convolution of a stage, version 1.5 in its 3x3."""
    net = Tracer(3, 224)
    net.conv(64, 7, stride=2, pad=3)
    net.pool(3, 2, pad=1)
    for width, repeats, first_stride in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]:
        for block in range(repeats):
            stride = first_stride if block == 0 else 1
            if block == 0:
                net.conv(4 * width, 1, stride=stride, relu=False, keep=True)
            net.conv(width, 1, stride=1 if stride_in_3x3 else stride)
            net.conv(width, 3, pad=1, stride=stride if stride_in_3x3 else 1)
            net.conv(4 * width, 1, relu=False)
            net.other(reads=2)
            net.other()
    net.pool(7, 7)
    net.dense(1000, relu=False)
    return net.layers


def mobilenet():
    net = Tracer(3, 224)
    net.conv(32, 3, stride=2, pad=1)
    outputs = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    for channels, stride in outputs + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
        net.conv(net.channels, 3, stride=stride, pad=1, groups=net.channels)
        net.conv(channels, 1)
    net.pool(7, 7)
    net.dense(1000, relu=False)
    return net.layers


def squeezenet():
    """Version 1.1."""
    net = Tracer(3, 227)
    net.conv(64, 3, stride=2)
    net.pool(3, 2, ceil=True)
    for fire, squeeze in enumerate([16, 16, 32, 32, 48, 48, 64, 64]):
        if fire in (2, 4):
            net.pool(3, 2, ceil=True)
        net.conv(squeeze, 1)
        net.conv(4 * squeeze, 1, keep=True)
        net.conv(4 * squeeze, 3, pad=1)
        net.channels = 8 * squeeze
        net.other()  # concatenation
    net.conv(1000, 1)
    net.pool(net.side, 1)
    return net.layers


NETWORKS = {
    "alexnet": alexnet(),
    "vgg16": vgg16(),
    "resnet50": resnet50(stride_in_3x3=False),
    "resnet50-v1.5": resnet50(stride_in_3x3=True),
    "mobilenet": mobilenet(),
    "squeezenet": squeezenet(),
}


def predict(layers, batch, peak, bandwidth, parameters):
    """Seconds for one batch."""
    shares = dict(zip(PARAMETERS, parameters))
    total = 0
    for layer in layers:
        arithmetic = 0
        if layer.macs:
            arithmetic = 2 * layer.macs * batch / (peak * shares[layer.kind])
        traffic = BYTES * (layer.weights + layer.activations * batch)
        total += max(arithmetic, traffic / (bandwidth * shares["memory"])) + shares["overhead"]
    return total


def fit(measurements, peak, bandwidth):
    """Parameters that minimise the squared logarithm of predicted / measured, and of parameter / prior."""
    prior = np.log(PRIOR)

    def residuals(logs):
        misfits = [
            math.log(predict(NETWORKS[m], b, peak, bandwidth, np.exp(logs)) / seconds)
            for m, b, seconds in measurements
        ]
        return np.concatenate(
            [np.array(misfits) / math.log(FIT_SPREAD), (logs - prior) / np.log(PRIOR_SPREAD)]
        )

    return np.exp(least_squares(residuals, prior).x)


def read_measurements(path, device, unit, threads):
    """(model, batch, seconds) of the rows asked for; of several with one model and batch, the fastest."""
    fastest = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            wanted = device in row["device"] and unit in (None, row["unit"])
            if not wanted or threads not in (None, int(row["threads"])) or row["model"] not in NETWORKS:
                continue
            key = row["model"], int(row.get("batch") or 1)
            fastest[key] = min(fastest.get(key, math.inf), float(row["latency_ms"]) / 1e3)
    return [(model, batch, seconds) for (model, batch), seconds in fastest.items()]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measurements", help="CSV file")
    parser.add_argument("--device", required=True, help="part of the device's name in the file")
    parser.add_argument("--unit", help="cpu or gpu")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--peak", type=float, required=True, help="GFLOP/s, float32")
    parser.add_argument("--bandwidth", type=float, required=True, help="of the memory, GB/s")
    args = parser.parse_args()

    measurements = read_measurements(args.measurements, args.device, args.unit, args.threads)
    if not measurements:
        parser.error(f"no measurement of '{args.device}' with these options and a known network")
    peak, bandwidth = args.peak * 1e9, args.bandwidth * 1e9
    fitted = fit(measurements, peak, bandwidth)

    shares = ", ".join(f"{name}: {value:.2g}" for name, value in zip(PARAMETERS[:4], fitted))
    print(f"  efficiency: {{{shares}}}")
    print(f"  layer-overhead: {fitted[4] * 1e6:.2g} us")
    for model, batch, seconds in measurements:
        ratio = predict(NETWORKS[model], batch, peak, bandwidth, fitted) / seconds
        print(f"  # {model} at batch {batch}: {seconds * 1e3:g} ms measured, predicted x {ratio:.2f}")


if __name__ == "__main__":
    main()
