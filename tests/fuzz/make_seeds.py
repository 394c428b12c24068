#!/usr/bin/python3
"""Writes the fuzzer's seeds: make_seeds.py NODE_CASES FOLDER

Each of ONNX's node cases (tests/conformance/make_node_cases.py) gives two seeds if it is small: the model with its inputs
as initialisers, since operators look at constants; and the same file damaged: cut off, with a changed byte, or with its
middle removed or repeated. The same cases give the same seeds.
"""
import pathlib
import random
import shutil
import sys

import onnx

MOST_BYTES = 16384  # Larger models are slow, and test nothing that smaller ones do not.


def with_constants(folder):
    model = onnx.load(folder / "model.onnx")
    for index, declared in enumerate(model.graph.input):
        path = folder / "test_data_set_0" / f"input_{index}.pb"
        if index > 0 and path.exists():
            tensor = onnx.TensorProto.FromString(path.read_bytes())
            tensor.name = declared.name
            model.graph.initializer.append(tensor)
    return model.SerializeToString()


def damaged(data, draw):
    begin, end = sorted(draw.randrange(len(data)) for _ in range(2))
    return {
        "cut": data[:end],
        "byte": data[:begin] + bytes([draw.randrange(256)]) + data[begin + 1:],
        "hole": data[:begin] + data[end:],
        "twice": data[:end] + data[begin:],
    }


def main(cases, target):
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for folder in sorted(path for path in cases.iterdir() if path.is_dir()):
        data = with_constants(folder)
        if len(data) > MOST_BYTES:
            continue
        (target / folder.name).write_bytes(data)
        kind, bytes_ = random.Random(folder.name).choice(sorted(damaged(data, random.Random(folder.name)).items()))
        (target / f"{folder.name}.{kind}").write_bytes(bytes_)
    print(f"{len(list(target.iterdir()))} seeds in {target}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
