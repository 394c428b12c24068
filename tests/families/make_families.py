#!/usr/bin/python3
"""Writes small networks of each family as PyTorch exports them, with PyTorch's outputs: make_families.py FOLDER

Each network is NAME.onnx with NAME.input_<i>.pb and NAME.output_<i>.pb, and with NAME.bind (a line `dimension extent` for
each) if its inputs have dynamic dimensions. Weights are random, structures are those of the family. Needs Debian's
python3-torch.
"""
import pathlib
import sys
import warnings

import numpy
import onnx
import torch
from onnx import numpy_helper
from torch import nn

import convolutional as c
import quantised
import sequential as s

MOST_BYTES = 200_000
LEAST_CHANGE = 0.005  # Relative change of the output with another input: 500 times the tolerance.


def image(size, batch=1):
    return lambda: (torch.randn(batch, 3, size, size),)


def tokens(batch, length, words=40):
    return lambda: (torch.randint(words, (batch, length)),)


def bert_inputs():
    mask = torch.ones(2, 9, dtype=torch.long)
    mask[1, 6:] = 0
    return torch.randint(40, (2, 9)), mask, torch.randint(2, (2, 9))


SPEECH = {"x": {0: "batch", 3: "frames"}}
BATCH = {"x": {0: "batch"}}
TRAINED = torch.onnx.TrainingMode.PRESERVE  # This leaves batch norms and dropouts in the file.

# name: model, inputs, opset, other options of the exporter
FAMILIES = {
    "alexnet": (c.alexnet, image(63), 9, {}),
    "vgg": (c.vgg, image(32), 10, {"keep_initializers_as_inputs": True}),
    "resnet": (c.resnet, image(64), 11, {"dynamic_axes": BATCH}),
    "resnet_unfolded": (c.resnet, image(64), 13, {"training": TRAINED, "do_constant_folding": False}),
    "resnext": (c.resnext, image(64), 12, {}),
    "mobilenet_v1": (c.mobilenet_v1, image(32), 9, {"training": TRAINED}),
    "mobilenet_v2": (c.mobilenet_v2, image(32), 13, {"dynamic_axes": BATCH}),
    "mobilenet_v3": (c.mobilenet_v3, image(32), 14, {}),
    "mobilenet_v3_old": (c.mobilenet_v3, image(32), 11, {}),
    "efficientnet": (c.efficientnet, image(32), 15, {}),
    "googlenet": (c.googlenet, image(64), 12, {}),
    "inception_v3": (c.inception_v3, image(48), 13, {}),
    "densenet": (c.densenet, image(64), 11, {}),
    "squeezenet": (c.squeezenet, image(48), 9, {}),
    "shufflenet_v2": (c.shufflenet_v2, image(64), 12, {"dynamic_axes": BATCH}),
    "unet_transposed": (c.unet_transposed, image(32), 13, {}),
    "unet_aligned": (c.unet_aligned, image(34), 11, {"dynamic_axes": {"x": {0: "batch", 2: "height", 3: "width"}}}),
    "unet_bilinear": (c.unet_bilinear, image(34), 13, {}),
    "yolo": (c.Yolo, image(32), 11, {}),
    "yolo_dynamic": (c.Yolo, image(40, 2), 16, {"dynamic_axes": {"x": {0: "batch", 2: "height", 3: "width"}}}),
    "conv_1d": (c.sound_1d, lambda: (torch.randn(2, 1, 200),), 13, {}),
    "conv_3d": (c.video_3d, lambda: (torch.randn(1, 3, 8, 16, 16),), 12, {}),
    "encoder": (s.Encoder, lambda: (torch.randn(2, 7, 16),), 14, {}),
    "bert": (s.Bert, bert_inputs, 12, {"input_names": ["input_ids", "attention_mask", "token_type_ids"],
                                       "dynamic_axes": {name: {0: "batch", 1: "sequence"} for name in
                                                        ("input_ids", "attention_mask", "token_type_ids")}}),
    "bert_old": (s.Bert, bert_inputs, 9, {"input_names": ["input_ids", "attention_mask", "token_type_ids"]}),
    "vit": (s.Vit, image(32), 17, {"dynamic_axes": BATCH}),
    "vit_old": (s.Vit, image(32), 11, {}),
    "gpt2": (s.Gpt2, tokens(1, 8), 13, {"dynamic_axes": {"x": {0: "batch", 1: "sequence"}}}),
    "gpt2_old": (s.Gpt2, tokens(2, 5), 10, {}),
    "speech_lstm": (s.speech_lstm, lambda: (torch.randn(2, 1, 16, 20),), 13, {"dynamic_axes": SPEECH}),
    "speech_gru": (s.speech_gru, lambda: (torch.randn(1, 1, 16, 20),), 11, {"dynamic_axes": SPEECH}),
    "speech_gru_both": (s.speech_gru_both, lambda: (torch.randn(2, 1, 16, 20),), 15, {}),
    "scripted": (s.scripted, lambda: (torch.randn(2, 6),), 13, {}),
    "quantised_qdq": (quantised.FakeQuantised, image(16), 13, {}),
}


def randomise(model):
    """Draws statistics and scales like those after training, not ones and zeros, so that signals do not fade with depth."""
    for module in model.modules():
        if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
        if hasattr(module, "eps") and getattr(module, "weight", None) is not None:
            nn.init.uniform_(module.weight, 0.7, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)


def check_alive(name, model, inputs, outputs, make_inputs):
    """Checks that the output depends on the input: otherwise it would be right whatever the layers do."""
    others = model(*make_inputs())
    for output, other in zip(outputs, others if isinstance(others, tuple) else (others,)):
        change = float((output - other).abs().max() / output.abs().max())
        if change < LEAST_CHANGE:
            sys.exit(f"{name}: another input changes the output by only {change:.2g} of its largest element")


def write(folder, name, model_bytes, inputs, outputs, bind):
    (folder / f"{name}.onnx").write_bytes(model_bytes)
    for kind, arrays in (("input", inputs), ("output", outputs)):
        for index, array in enumerate(arrays):
            tensor = numpy_helper.from_array(numpy.ascontiguousarray(array))
            (folder / f"{name}.{kind}_{index}.pb").write_bytes(tensor.SerializeToString())
    if bind:
        (folder / f"{name}.bind").write_text("".join(f"{key} {value}\n" for key, value in sorted(bind.items())))


def make(folder, name):
    build, make_inputs, opset, options = FAMILIES[name]
    torch.manual_seed(sum(map(ord, name)))
    model = build()
    randomise(model)
    model.eval()
    inputs = make_inputs()
    outputs = model(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    check_alive(name, model, inputs, outputs, make_inputs)
    path = folder / f"{name}.onnx"
    torch.onnx.export(model, inputs, str(path), opset_version=opset, **{"input_names": ["x"], **options})
    proto = onnx.load(path)
    for node in proto.graph.node:
        node.ClearField("doc_string")
    bind = {}
    names = options.get("input_names", ["x"])
    for tensor, axes in options.get("dynamic_axes", {}).items():
        bind.update({axis: inputs[names.index(tensor)].shape[index] for index, axis in axes.items()})
    write(folder, name, proto.SerializeToString(), [x.numpy() for x in inputs], [y.detach().numpy() for y in outputs], bind)
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{name} has {path.stat().st_size} bytes, more than {MOST_BYTES}")


def main(folder, names):
    warnings.filterwarnings("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or FAMILIES:
        make(folder, name)
    if not names:
        model, inputs, outputs = quantised.integer_network()
        write(folder, "quantised_integer", model.SerializeToString(), inputs, outputs, {})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
