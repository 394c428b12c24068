#!/usr/bin/python3
"""Writes ONNX's own test cases for single operators: make_node_cases.py FOLDER

Each case becomes FOLDER/<case>/model.onnx with test_data_set_<i>/input_<j>.pb and output_<j>.pb beside it, the layout
that ONNX itself uses. The cases come from the generators of python3-onnx. Inputs and outputs that are not plain tensors
(sequences, optionals) are omitted.
"""
import collections
import importlib.util
import pathlib
import shutil
import sys

import numpy

# The generators use these names, which numpy dropped in 1.24.
for dropped in (bool, complex, float, int, object, str):
    setattr(numpy, dropped.__name__, dropped)

from onnx import numpy_helper  # noqa: E402  (numpy needs the names above first)
from onnx.backend.test.case import node as node_cases  # noqa: E402


def load_with_real_pi(name):
    """Loads a generator that uses 3.1415 for pi, with numpy's pi instead, as later releases of ONNX have it.

    The constant makes the expected values of ONNX 1.12's window functions wrong by 7e-5; the functions that the operators
    expand to are accurate to 1e-7.
    """
    spec = importlib.util.find_spec(f"{node_cases.__name__}.{name}")
    source = pathlib.Path(spec.origin).read_text()
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    exec(compile(source.replace(" 3.1415 *", " np.pi *"), spec.origin, "exec"), vars(module))


def write_tensors(folder, prefix, declared, values):
    for index, (info, value) in enumerate(zip(declared, values)):
        if info.type.HasField("tensor_type"):
            tensor = numpy_helper.from_array(value, info.name)
            (folder / f"{prefix}_{index}.pb").write_bytes(tensor.SerializeToString())


def write_case(case, folder):
    folder.mkdir()
    (folder / "model.onnx").write_bytes(case.model.SerializeToString())
    for index, (inputs, outputs) in enumerate(case.data_sets):
        data = folder / f"test_data_set_{index}"
        data.mkdir()
        write_tensors(data, "input", case.model.graph.input, inputs)
        write_tensors(data, "output", case.model.graph.output, outputs)


def main(target):
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    numpy.random.seed(1)  # The generators draw from the global stream: this gives the same cases every time.
    for name in ("blackmanwindow", "hammingwindow", "hannwindow"):
        load_with_real_pi(name)
    cases = node_cases.collect_testcases(None)
    seen = collections.Counter()
    for case in cases:
        seen[case.name] += 1  # Two generators share a name: the case of the second one gets a number.
        folder = case.name if seen[case.name] == 1 else f"{case.name}_{seen[case.name]}"
        write_case(case, target / folder)
    print(f"{len(cases)} cases in {target}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
