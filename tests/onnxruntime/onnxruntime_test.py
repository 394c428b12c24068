#!/usr/bin/python3
"""Runs the ONNX files that offcut writes in ONNX Runtime.

For each network of the zoo and the digits model, `offcut export` must write a file from which ONNX Runtime computes the
same outputs as `offcut infer` with either engine. The files of `offcut split`, run one after the other in ONNX Runtime, must
give the outputs of the whole file: at every legal cut of small networks, and at a few cuts of large ones, drawn from a seed.
The largest difference, relative to the largest absolute value, may be 1e-5.

The files of `offcut split --codec` must give the outputs of `offcut infer --codec`, for each codec that can be written: to
the last bit of a float32 if the crossing tensor is exact (after a Relu of the input), and to 1e-3 at every cut of the digits
model, since runtimes round the crossing tensor differently and may round one value to another integer. Crossing tensors must
have the codec's bytes without its header.

The files of `offcut compress` must give the outputs of the same weights written as floats.

Usage: onnxruntime_test.py [--onnxruntime FOLDER] [--networks a,b] [--cuts N]
FOLDER holds node_modules/onnxruntime-node (npm install --ignore-scripts onnxruntime-node). Without it, and without
ONNXRUNTIME in the environment, everything is skipped: exit code 77. OFFCUT and OFFCUT_SOURCE in the environment name the
program and the source tree.
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnx.numpy_helper

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
TOLERANCE = 1e-5
SMALL = 40  # Layers of a network of which every cut is tried.
WRITTEN = ["fp32", "fp16", "int8", "int8-channel", "int4", "int4-channel", "fixed", "fixed:p=3"]
MOST_HEADER = 12  # Bytes of a codec's header, which the files make unnecessary.
ULP = 2.0**-23
ROUNDED = 1e-3  # The effect of one value in another integer on the output.


class Runtime:
    """ONNX Runtime in a process of its own."""

    def __init__(self, folder):
        self.process = subprocess.Popen(["node", HERE / "run.mjs", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def run(self, models, tensors, folder):
        """Returns all tensors that the models compute, by name, and the inputs and outputs of each model."""
        job = {"models": [str(model) for model in models], "tensors": {}, "out": str(folder)}
        for i, (name, array) in enumerate(tensors.items()):
            file = folder / f"in{i}.raw"
            array.tofile(file)
            job["tensors"][name] = {"file": str(file), "type": str(array.dtype), "dims": list(array.shape)}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        computed = {}
        for name, tensor in answer["tensors"].items():
            computed[name] = numpy.fromfile(tensor["file"], tensor["type"]).reshape(tensor["dims"])
        return computed, answer["files"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def offcut(*arguments):
    result = subprocess.run([os.environ["OFFCUT"], *map(str, arguments)], text=True, capture_output=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(result.stderr)
    return result.stdout


def error_of(found, expected):
    """Returns the largest difference of all outputs, each relative to its largest value."""
    worst = 0.0
    for name, array in expected.items():
        if found[name].shape != array.shape or found[name].dtype != array.dtype or not numpy.isfinite(found[name]).all():
            return numpy.inf
        difference = numpy.abs(found[name].astype("f8") - array.astype("f8")).max(initial=0)
        worst = max(worst, difference / max(numpy.abs(array).max(initial=0), 1e-30))
    return float(worst)


def inputs_of(model):
    """Returns arrays for the inputs of a model: values from 0 to 1, or small numbers for integers."""
    types = onnx.helper.mapping.TENSOR_TYPE_TO_NP_TYPE if hasattr(onnx.helper, "mapping") else onnx.mapping.TENSOR_TYPE_TO_NP_TYPE
    generator = numpy.random.default_rng(1)
    arrays = {}
    for value in model.graph.input:
        tensor = value.type.tensor_type
        shape = [dim.dim_value for dim in tensor.shape.dim]
        kind = types[tensor.elem_type]
        if numpy.issubdtype(kind, numpy.floating):
            arrays[value.name] = generator.random(shape).astype(kind)
        else:
            arrays[value.name] = generator.integers(0, 2, shape).astype(kind)
    return arrays


class Layers:
    """The layers of a model and their inputs, for choosing cuts."""

    def __init__(self, model):
        self.names = [node.name for node in model.graph.node]
        maker = {output: i for i, node in enumerate(model.graph.node) for output in node.output}
        self.reads = [{maker[name] for name in node.input if name in maker} for node in model.graph.node]

    def frontier(self, head):
        """Returns the layers of the head that no other layer of it reads."""
        read = set().union(*(self.reads[i] for i in head)) if head else set()
        return [i for i in sorted(head) if i not in read]

    def closure(self, layers):
        head = set()
        todo = list(layers)
        while todo:
            layer = todo.pop()
            if layer not in head:
                head.add(layer)
                todo += self.reads[layer]
        return head

    def every_cut(self):
        """Returns the frontier of every head that is neither empty nor the whole model."""
        heads = [frozenset()]
        for layer in range(len(self.names)):
            heads += [head | {layer} for head in heads if self.reads[layer] <= head]
        return [self.frontier(head) for head in heads if 0 < len(head) < len(self.names)]

    def some_cuts(self, count, seed):
        """Returns that many cuts, most of them through several layers, and one that makes three tiers."""
        draw = random.Random(seed)
        cuts = []
        while len(cuts) < count - 1:
            head = self.closure(draw.sample(range(len(self.names) - 1), draw.choice([1, 2, 3])))
            if len(head) < len(self.names):
                cuts.append(self.frontier(head))
        later = self.closure([len(self.names) * 2 // 3])
        earlier = self.closure([self.frontier(later)[0] // 2])
        return cuts + [sorted({*self.frontier(earlier), *self.frontier(later)})]


def check_files(files, produced, given, wanted):
    """Checks that each file reads nothing but the model's inputs and the outputs of files before it, and that together
    they give the outputs of the whole model."""
    known = set(given)
    for file in files:
        if not set(file["inputs"]) <= known:
            raise AssertionError(f"a file reads {set(file['inputs']) - known}, which nothing before it makes")
        known |= set(file["outputs"])
    if not set(wanted) <= set(produced):
        raise AssertionError(f"{set(wanted) - set(produced)} is missing")


def check_model(runtime, name, source, folder, cuts):
    """Prints a line for the model; returns whether all errors are small enough."""
    whole = folder / "whole.onnx"
    offcut("export", source, "--out", whole)
    onnx.checker.check_model(str(whole))
    model = onnx.load(str(whole))
    given = inputs_of(model)
    arguments = []
    for i, (tensor, array) in enumerate(given.items()):
        numpy.save(folder / f"{i}.npy", array)
        arguments += ["--input", f"{tensor}={folder / f'{i}.npy'}"]
    expected, _ = runtime.run([whole], given, folder)
    errors = []
    for engine in ["reference", "fast"]:
        offcut("infer", source, *arguments, "--engine", engine, "--out", folder / engine)
        ours = {value.name: numpy.load(folder / engine / f"{value.name}.npy") for value in model.graph.output}
        errors.append(error_of(ours, expected))
    layers = Layers(model)
    del model
    chosen = layers.every_cut() if len(layers.names) <= SMALL else layers.some_cuts(cuts, name)
    worst = 0.0
    for cut in chosen:
        parts = folder / "parts"
        offcut("split", source, *(x for i in cut for x in ("--cut", layers.names[i])), "--out", parts)
        paths = sorted(parts.iterdir())
        for path in paths:
            onnx.checker.check_model(str(path))
        computed, files = runtime.run(paths, given, folder)
        check_files(files, computed, given, expected)
        worst = max(worst, error_of(computed, expected))
        shutil.rmtree(parts)
    passes = max(*errors, worst) <= TOLERANCE
    print(f"{name:20} {len(layers.names):6} {errors[0]:14.2e} {errors[1]:14.2e} {len(chosen):5} {worst:14.2e}"
          f"{'' if passes else '  FAILS'}", flush=True)
    return passes


def coded_cut(runtime, source, layer, codec, given, folder):
    """Returns the error of the split files relative to `infer --codec`, and the crossing bytes of both."""
    parts = folder / "parts"
    offcut("split", source, "--cut", layer, "--codec", codec, "--out", parts)
    paths = sorted(parts.iterdir())
    for path in paths:
        onnx.checker.check_model(str(path), full_check=True)
    computed, files = runtime.run(paths, given, folder)
    shutil.rmtree(parts)
    text = offcut("infer", source, "--input", folder / "0.npy", "--cut", layer, "--codec", codec, "--out", folder / "coded")
    expected = {path.stem: numpy.load(path) for path in (folder / "coded").iterdir()}
    shutil.rmtree(folder / "coded")
    sent = int(re.search(rf"(?m)^\S+ +{re.escape(codec)} +(\d+) ", text).group(1))
    return error_of(computed, expected), sum(computed[name].nbytes for name in files[0]["outputs"]), sent


def exact_model(path):
    """Writes x -> Relu -> Relu, which every runtime computes exactly. The number of elements is odd."""
    nodes = [onnx.helper.make_node("Relu", ["x"], ["crosses"], "first"), onnx.helper.make_node("Relu", ["crosses"], ["y"], "last")]
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 3, 15, 15]) for name in "xy")
    opset = onnx.helper.make_opsetid("", 13)
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph(nodes, "exact", [x], [y]), opset_imports=[opset], ir_version=8), path)


def check_codecs(runtime, name, source, folder, tolerance):
    """Prints a line for each codec; returns whether all errors and sizes are as expected."""
    whole = folder / "whole.onnx"
    offcut("export", source, "--out", whole)
    model = onnx.load(str(whole))
    given = {tensor: array / 5 for tensor, array in inputs_of(model).items()}  # Faint images make digits unsure, and errors visible.
    numpy.save(folder / "0.npy", next(iter(given.values())))
    layers = [node.name for node in model.graph.node][:-1]
    all_pass = True
    print(f"\n{'codecs of ' + name:20} {'cuts':>5} {'worst':>10} {'bytes beyond the codec':>23}")
    for codec in WRITTEN:
        results = [coded_cut(runtime, source, layer, codec, given, folder) for layer in layers]
        worst = max(error for error, _, _ in results)
        beyond = [written - sent for _, written, sent in results]
        passes = worst <= tolerance and -MOST_HEADER <= min(beyond) and max(beyond) <= 0
        print(f"{codec:20} {len(layers):5} {worst:10.2e} {min(beyond):11} to {max(beyond)}{'' if passes else '  FAILS'}", flush=True)
        all_pass = all_pass and passes
    return all_pass


def open_batch_model(path, opset):
    """Writes a network with an open batch whose Reshape reads the batch from the shape of its input, as exporters write it."""
    draw = numpy.random.default_rng(opset)
    weights = {"w": draw.normal(size=(4, 3, 3, 3)).astype("f4"), "v": draw.normal(size=(144, 5)).astype("f4"),
               "first": numpy.array([0]), "rest": numpy.array([-1]), "axes": numpy.array([1])}
    reads, axes = (["z", "axes"], {}) if opset >= 18 else (["z"], {"axes": [1]})
    node = onnx.helper.make_node
    nodes = [node("Conv", ["x", "w"], ["a"], "conv"), node("Relu", ["a"], ["b"], "act"), node("Shape", ["b"], ["shape"], "shape"),
             node("Gather", ["shape", "first"], ["batch"], "batch"), node("Concat", ["batch", "rest"], ["to"], "to", axis=0),
             node("Reshape", ["b", "to"], ["rows"], "rows"), node("MatMul", ["rows", "v"], ["z"], "product"),
             node("ReduceMean", reads, ["mean"], "mean", **axes), node("Sub", ["z", "mean"], ["y"], "centre")]
    x = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N", 3, 8, 8])
    y = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["N", 5])
    graph = onnx.helper.make_graph(nodes, "open", [x], [y], [onnx.numpy_helper.from_array(v, k) for k, v in weights.items()])
    ir = 8 if opset < 19 else 10
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=ir), path)


def check_open_batch(runtime, opset, folder):
    """Prints a line; returns whether the parts of every cut give the outputs of the whole file at batches of 1 and 4."""
    source = folder / "open.onnx"
    open_batch_model(source, opset)
    worst = 0.0
    cuts = ["conv", "act", "rows", "product"]
    for cut in cuts:
        parts = folder / "parts"
        offcut("split", source, "--cut", cut, "--out", parts)
        for batch in [1, 4]:
            given = {"x": numpy.random.default_rng(batch).random((batch, 3, 8, 8)).astype("f4")}
            expected, _ = runtime.run([source], given, folder)
            computed, _ = runtime.run(sorted(parts.iterdir()), given, folder)
            worst = max(worst, error_of(computed, expected))
        shutil.rmtree(parts)
    passes = worst <= TOLERANCE
    print(f"open batch, opset {opset:2} {len(cuts):6} cuts {worst:14.2e}{'' if passes else '  FAILS'}", flush=True)
    return passes


# What `offcut compress` is asked for; together they need every form of a packed file.
COMPRESSED = [["linear"], ["linear:bits=4"], ["linear:bits=2"], ["linear:bits=8,per=tensor,mode=asymmetric"], ["integer"],
              ["logarithmic:bits=3"], ["kmeans:bits=1"], ["kmeans:bits=8"], ["magnitude:rate=0.9", "kmeans:bits=5"],
              ["magnitude:rate=0.9", "kmeans:clusters=15"], ["magnitude:rate=0.9", "linear"]]


def check_compressed(runtime, name, source, folder):
    """Prints a line for each list of passes; returns whether the packed files give the outputs of the same weights as floats."""
    passes_all = True
    print(f"\n{'passes on ' + name:50} {'bytes':>9} {'of floats':>9} {'error':>10}")
    offcut("export", source, "--out", folder / "plain.onnx")
    plain = (folder / "plain.onnx").stat().st_size
    for chosen in COMPRESSED:
        small = folder / "small.onnx"
        offcut("compress", source, *(x for text in chosen for x in ("--pass", text)), "--out", small)
        onnx.checker.check_model(str(small), full_check=True)
        offcut("export", small, "--out", folder / "floats.onnx")  # The weights that the codes stand for.
        given = inputs_of(onnx.load(str(folder / "floats.onnx")))
        computed, _ = runtime.run([small], given, folder)
        expected, _ = runtime.run([folder / "floats.onnx"], given, folder)
        error = error_of(computed, expected)
        size = small.stat().st_size
        passes = error <= TOLERANCE and size < plain
        print(f"{' '.join(chosen):50} {size:9} {size / plain:8.1%} {error:10.2e}{'' if passes else '  FAILS'}", flush=True)
        passes_all = passes_all and passes
    return passes_all


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--onnxruntime", default=os.environ.get("ONNXRUNTIME", ""))
    parser.add_argument("--networks", default="")
    parser.add_argument("--cuts", type=int, default=4)
    options = parser.parse_args()
    if not shutil.which("node") or not pathlib.Path(options.onnxruntime, "node_modules/onnxruntime-node").is_dir():
        print("skipped: no onnxruntime-node (npm install --ignore-scripts onnxruntime-node; --onnxruntime FOLDER)")
        sys.exit(SKIPPED)
    sources = {line.split()[0]: "zoo:" + line.split()[0] for line in offcut("list", "models").splitlines()[1:]}
    sources["digits"] = pathlib.Path(os.environ["OFFCUT_SOURCE"]) / "models/data/digits/digits_cnn.onnx"
    names = options.networks.split(",") if options.networks else list(sources)
    runtime = Runtime(options.onnxruntime)
    print(f"{'network':20} {'layers':>6} {'reference':>14} {'fast':>14} {'cuts':>5} {'split':>14}")
    failed = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="offcut-onnxruntime-") as folder:
            try:
                passes = check_model(runtime, name, sources[name], pathlib.Path(folder), options.cuts)
            except (RuntimeError, AssertionError) as error:
                print(f"{name:20} {error}", flush=True)
                passes = False
            if not passes:
                failed.append(name)
    with tempfile.TemporaryDirectory(prefix="offcut-onnxruntime-") as temporary:
        folder = pathlib.Path(temporary)
        for opset in [13, 17, 21]:
            if not check_open_batch(runtime, opset, folder):
                failed.append(f"open batch, opset {opset}")
        for name in {"lenet5", "digits"} & set(names):
            if not check_compressed(runtime, name, sources[name], folder):
                failed.append(f"packed files of {name}")
        exact_model(folder / "exact.onnx")
        if not check_codecs(runtime, "exact", folder / "exact.onnx", folder, ULP):
            failed.append("codecs of exact tensors")
        if "digits" in names and not check_codecs(runtime, "digits", sources["digits"], folder, ROUNDED):
            failed.append("codecs of digits")
    runtime.stop()
    if failed:
        sys.exit("failed: " + ", ".join(failed))


main()
