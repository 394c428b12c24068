#!/usr/bin/python3
"""Writes losses.csv: 50 training steps of each network of tests/train/networks.cpp in PyTorch, from the same weights and batches.

Weights and batches are drawn by the formulas of tests/train/formula.cpp, so that both programs have the same ones; the digits
network goes on from its trained weights, on the shipped images. From random weights, its losses depend on rounding: if the
weights change by 1e-7, PyTorch's own losses differ by up to 0.2 within 50 steps, as a ReLU or a maximum that flips changes the
gradient. Needs Debian's python3-torch, python3-onnx and zstd; the tests read only the file.
"""
import math
import pathlib
import subprocess
import zlib

import numpy
import onnx
import onnx.numpy_helper
import torch
from torch import nn
from torch.nn import functional

BATCH, STEPS = 16, 50
DIGITS = pathlib.Path(__file__).resolve().parents[3] / "models/data/digits"
MASK = numpy.uint64(0xFFFFFFFF)


def numbers(name, first, count):
    """Numbers FIRST to FIRST + COUNT - 1 of the sequence of NAME, from 0 to 1."""
    x = (numpy.arange(first, first + count, dtype=numpy.uint64) * numpy.uint64(0x9E3779B9)
         + numpy.uint64(zlib.crc32(name.encode()))) & MASK
    x ^= x >> numpy.uint64(16)
    x = x * numpy.uint64(0x85EBCA6B) & MASK
    x ^= x >> numpy.uint64(13)
    x = x * numpy.uint64(0xC2B2AE35) & MASK
    x ^= x >> numpy.uint64(16)
    return x.astype(numpy.float64) / 4294967296.0


def weight(name, shape):
    """The initial value of a weight; NAME and SHAPE are those of the ONNX graph."""
    size = math.prod(shape)
    vector = len(shape) < 2
    fan_in = 1 if vector else size // shape[0]
    bound = 0.1 if vector else math.sqrt(6 / fan_in)
    centre = 1 if vector and not name.endswith(".bias") else 0
    values = centre + bound * (2 * numbers(name, 0, size) - 1)
    return torch.from_numpy(values.astype(numpy.float32).reshape(shape))


def batch_labels(step, classes):
    return torch.from_numpy((numbers(f"labels{step}", 0, BATCH) * classes).astype(numpy.int64))


def batch_images(step, shape, labels):
    size = math.prod(shape)
    noise = numbers(f"images{step}", 0, BATCH * size).reshape(BATCH, size)
    patterns = numpy.stack([numbers(f"class{int(label)}", 0, size) for label in labels])
    return torch.from_numpy((0.5 * patterns + 0.5 * noise).astype(numpy.float32).reshape(BATCH, *shape))


def batch_tokens(step, length, labels, tokens):
    u = numbers(f"tokens{step}", 0, BATCH * length).reshape(BATCH, length)
    drawn = ((2 * u - 1) * tokens).astype(numpy.int64)
    return torch.from_numpy(numpy.where(u < 0.5, labels.numpy()[:, None], drawn))


def idx(name, header):
    data = subprocess.run(["zstd", "-dc", DIGITS / name], capture_output=True, check=True).stdout
    return numpy.frombuffer(data, numpy.uint8, offset=header)


def digit_batch(step):
    part = slice(step * BATCH, (step + 1) * BATCH)
    images = idx("test-images.idx3-ubyte.zst", 16).reshape(-1, 1, 28, 28)[part].astype(numpy.float32) / numpy.float32(255)
    return torch.from_numpy(images), torch.from_numpy(idx("test-labels.idx1-ubyte.zst", 8)[part].astype(numpy.int64))


class LeNet(nn.Module):
    shape = (1, 28, 28)

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.conv3 = nn.Conv2d(16, 120, 5)
        self.fc4 = nn.Linear(120, 84)
        self.fc5 = nn.Linear(84, 10)

    def forward(self, x):
        x = functional.avg_pool2d(torch.tanh(self.conv1(x)), 2)
        x = functional.avg_pool2d(torch.tanh(self.conv2(x)), 2)
        x = torch.tanh(self.conv3(x)).flatten(1)
        return self.fc5(torch.tanh(self.fc4(x)))


class Digits(nn.Module):
    shape = (1, 28, 28)

    def __init__(self):
        super().__init__()
        for i, (inputs, outputs) in enumerate([(1, 16), (16, 32), (32, 32), (32, 8), (8, 64), (64, 64)], 1):
            setattr(self, f"conv{i}", nn.Conv2d(inputs, outputs, 3, padding=1, stride=2 if i == 4 else 1, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(outputs))
        self.fc1 = nn.Linear(1024, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        for i in range(1, 7):
            x = torch.relu(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)))
            if i in (1, 3):
                x = functional.max_pool2d(x, 2)
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


class Residual(nn.Module):
    shape = (3, 16, 16)

    def __init__(self):
        super().__init__()
        for i, (inputs, outputs, kernel, stride) in enumerate(
                [(3, 8, 3, 1), (8, 8, 3, 1), (8, 8, 3, 1), (8, 16, 3, 2), (16, 16, 3, 1), (8, 16, 1, 2)], 1):
            setattr(self, f"conv{i}", nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, stride=stride, bias=False))
            setattr(self, f"conv{i}_bn", nn.BatchNorm2d(outputs))
        self.fc = nn.Linear(16, 10)

    def normed(self, i, x):
        return getattr(self, f"conv{i}_bn")(getattr(self, f"conv{i}")(x))

    def forward(self, x):
        x = torch.relu(self.normed(1, x))
        x = torch.relu(x + self.normed(3, torch.relu(self.normed(2, x))))
        x = torch.relu(self.normed(6, x) + self.normed(5, torch.relu(self.normed(4, x))))
        return self.fc(x.mean((2, 3)))


class Transformer(nn.Module):
    tokens, length, width = 20, 8, 16

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(self.tokens, self.width)
        for name in ("norm1", "norm2"):
            setattr(self, name, nn.LayerNorm(self.width))
        for name, inputs, outputs in (("query", 16, 16), ("key", 16, 16), ("value", 16, 16), ("projection", 16, 16),
                                      ("expand", 16, 64), ("contract", 64, 16), ("fc", 16, 5)):
            setattr(self, name, nn.Linear(inputs, outputs))

    def heads(self, x):
        return x.view(-1, self.length, 2, 8).transpose(1, 2)

    def forward(self, words):
        x = self.table(words)
        y = self.norm1(x)
        query, key, value = (self.heads(layer(y)) for layer in (self.query, self.key, self.value))
        y = torch.softmax(query @ key.transpose(2, 3) / 2.828427, -1) @ value
        x = x + self.projection(y.transpose(1, 2).reshape(-1, self.length, self.width))
        y = self.expand(self.norm2(x))
        y = y * 0.5 * (torch.erf(y / 1.4142135) + 1)
        x = x + self.contract(y)
        return self.fc(x.mean(1))


class Recurrent(nn.Module):
    tokens, length, width = 20, 8, 16
    kind, order = None, None  # PyTorch's layer, and its gates as numbers of ONNX's.

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(self.tokens, self.width)
        self.cell = self.kind(self.width, self.width, batch_first=True)
        self.fc = nn.Linear(self.width, 5)

    def forward(self, words):
        return self.fc(self.cell(self.table(words))[0][:, -1])

    def set_cell(self):
        gates = len(self.order)
        sizes = {"cell.W": (1, gates * 16, 16), "cell.R": (1, gates * 16, 16), "cell.B": (1, 2 * gates * 16)}
        drawn = {name: weight(name, shape)[0] for name, shape in sizes.items()}
        biases = drawn["cell.B"].view(2, gates, 16)
        for kind, value in (("weight_ih_l0", drawn["cell.W"].view(gates, 16, 16)), ("weight_hh_l0", drawn["cell.R"].view(gates, 16, 16)),
                            ("bias_ih_l0", biases[0]), ("bias_hh_l0", biases[1])):
            parameter = getattr(self.cell, kind)
            parameter.data.copy_(value[self.order].reshape(parameter.shape))


class Lstm(Recurrent):
    kind, order = nn.LSTM, [0, 2, 3, 1]


class Gru(Recurrent):
    kind, order = nn.GRU, [1, 0, 2]


NORMS = (nn.BatchNorm2d, nn.LayerNorm)


def initialise(model, scale):
    """Sets the weights by their names in the graph; SCALE is the graph's name of the scale of a normalisation."""
    if isinstance(model, Digits):
        values = {tensor.name: torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy())
                  for tensor in onnx.load(DIGITS / "digits_cnn.onnx").graph.initializer}
        model.load_state_dict(values, strict=False)  # The number of batches is missing.
        return
    if isinstance(model, Recurrent):
        model.set_cell()
    for layer_name, layer in model.named_modules():
        if isinstance(layer, (nn.LSTM, nn.GRU)):
            continue
        for kind, parameter in layer.named_parameters(recurse=False):
            shape = tuple(parameter.shape)
            if isinstance(layer, NORMS) and kind == "weight":
                value = weight(f"{layer_name}.{scale}", shape)
            elif isinstance(model, Transformer) and isinstance(layer, nn.Linear) and layer_name != "fc" and kind == "weight":
                value = weight(f"{layer_name}.weight", shape[::-1]).T  # Stored as inputs x outputs.
            else:
                value = weight(f"{layer_name}.{kind}", shape)
            parameter.data.copy_(value)


# name: (model, name of a normalisation's scale, classes, optimiser, norm to clip to)
NETWORKS = {
    "lenet5": (LeNet, "scale", 10, lambda p: torch.optim.Adam(p, 0.001), None),
    "digits": (Digits, "weight", 10, lambda p: torch.optim.SGD(p, 0.01, momentum=0.9), None),
    "residual": (Residual, "scale", 10, lambda p: torch.optim.SGD(p, 0.02, momentum=0.9, nesterov=True, weight_decay=0.0005), None),
    "transformer": (Transformer, "scale", 5, lambda p: torch.optim.AdamW(p, 0.003, weight_decay=0.01), 1),
    "lstm": (Lstm, "scale", 5, lambda p: torch.optim.Adam(p, 0.01), None),
    "gru": (Gru, "scale", 5, lambda p: torch.optim.SGD(p, 0.5), 1),
}


def losses(model, scale, classes, optimizer, clip):
    network = model()
    initialise(network, scale)
    steps = optimizer(network.parameters())
    for step in range(STEPS):
        labels = batch_labels(step, classes)
        if model is Digits:
            inputs, labels = digit_batch(step)
        elif issubclass(model, (Transformer, Recurrent)):
            inputs = batch_tokens(step, model.length, labels, model.tokens)
        else:
            inputs = batch_images(step, model.shape, labels)
        loss = functional.cross_entropy(network(inputs), labels)
        steps.zero_grad()
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(network.parameters(), clip)
        steps.step()
        yield loss.item()


def main():
    torch.manual_seed(0)
    with open(pathlib.Path(__file__).parent / "losses.csv", "w") as file:
        file.write("network,step,loss\n")
        for name, settings in NETWORKS.items():
            for step, loss in enumerate(losses(*settings)):
                file.write(f"{name},{step},{loss:.9g}\n")


if __name__ == "__main__":
    main()
