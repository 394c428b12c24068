#!/usr/bin/python3
"""offcut export and split: their files, and their errors."""
import re
import unittest

import numpy
import onnx
from onnx import numpy_helper

from program import SOURCE, InFolder

DIGITS = SOURCE / "models/data/digits/digits_cnn.onnx"


def values(infos):
    """Returns the names and shapes of a model's inputs or outputs."""
    return {info.name: [dim.dim_param or dim.dim_value for dim in info.type.tensor_type.shape.dim] for info in infos}


class Export(InFolder):
    def test_a_network_with_its_weights(self):
        self.assertRegex(self.succeed("export", "zoo:lenet5", "--out", "m.onnx"), r"^m.onnx: 13 layers, \d+ kB of weights\n$")
        onnx.checker.check_model(str(self.folder / "m.onnx"), full_check=True)
        self.assertIn("13 layers", self.succeed("inspect", "m.onnx").splitlines()[-1])

    def test_an_onnx_file_again_with_its_dimensions_bound(self):
        self.succeed("export", SOURCE / "scenarios/invalid/relu.onnx", "--bind", "length=3", "--out", "m.onnx")
        self.assertEqual(values(onnx.load(str(self.folder / "m.onnx")).graph.input), {"x": [1, 3]})

    def test_weights_in_a_file_of_their_own(self):
        self.assertRegex(self.succeed("export", "zoo:lenet5", "--external-data", "--out", "m.onnx"),
                         r"^m.onnx: 13 layers, \d+ kB of weights in m.onnx.data\n$")
        self.assertEqual(self.entries(), ["m.onnx", "m.onnx.data"])
        self.assertLess((self.folder / "m.onnx").stat().st_size, 10_000)
        self.succeed("export", "zoo:lenet5", "--out", "whole.onnx")
        (self.folder / "moved").mkdir()
        for name in ["m.onnx", "m.onnx.data"]:
            (self.folder / name).rename(self.folder / "moved" / name)
        theirs = onnx.load(str(self.folder / "moved/m.onnx"))  # With its external data.
        ours = onnx.load(str(self.folder / "whole.onnx"))
        self.assertEqual([numpy_helper.to_array(a).tobytes() for a in theirs.graph.initializer],
                         [numpy_helper.to_array(a).tobytes() for a in ours.graph.initializer])

    def test_weights_beside_what_is_no_file(self):
        self.assertEqual(self.refuse("export", "zoo:lenet5", "--external-data", "--out", "none/m.onnx"),
                         "none/m.onnx: error: cannot be written: there is no folder 'none'\n")
        self.assertEqual(self.refuse("export", "zoo:lenet5", "--external-data", "--out", "/dev/null"),
                         "/dev/null: error: is no regular file, but the weights need a data file of their own beside it\n")
        self.assertEqual(self.entries(), [])

    def entries(self):
        return sorted(path.name for path in self.folder.iterdir() if "onnx" in path.name)

    def test_models_that_cannot_be_written(self):
        self.assertEqual(self.refuse("export", "zoo:lenet5", "--out", "."),
                         ".: error: is a directory, expected the name of a file\n")
        self.assertEqual(self.refuse("export", "zoo:lenet5", "--out", "none/m.onnx"), "none/m.onnx: error: cannot be written: there is no folder 'none'\n")
        self.assertEqual(self.refuse("export", "layers.csv", "--out", "m.onnx"),
                         "layers.csv: error: is a layer table, which has no math; expected zoo:NAME or an ONNX file\n")


class Split(InFolder):
    def parts(self, folder="out"):
        paths = sorted((self.folder / folder).iterdir())
        for path in paths:
            onnx.checker.check_model(str(path), full_check=True)
        return [(path.name, values(onnx.load(str(path)).graph.input), values(onnx.load(str(path)).graph.output))
                for path in paths]

    def test_a_file_per_tier_with_the_crossing_tensors(self):
        text = self.succeed("split", DIGITS, "--cut", "relu4", "--out", "out")
        self.assertEqual(self.parts(), [
            ("0-device.onnx", {"image": ["batch", 1, 28, 28]}, {"relu4": ["batch", 8, 4, 4]}),
            ("1-cloud.onnx", {"relu4": ["batch", 8, 4, 4]}, {"probabilities": ["batch", 10]})])
        self.assertRegex(text, r"(?m)^out/0-device.onnx  conv1..relu4 \(14\)    image   relu4$")
        self.assertRegex(text, r"(?m)^relu4    device  cloud  float32 1x8x4x4    512$")

    def test_the_parts_run_in_turn_give_the_same_output(self):
        numpy.save(self.folder / "image.npy", numpy.random.default_rng(2).random((1, 1, 28, 28), "f4"))
        self.succeed("infer", DIGITS, "--input", "image.npy", "--out", "whole")
        self.succeed("split", DIGITS, "--cut", "relu2", "--cut", "relu4", "--out", "out")
        self.assertEqual([name for name, _, _ in self.parts()], ["0-device.onnx", "1-edge.onnx", "2-cloud.onnx"])
        self.succeed("infer", "out/0-device.onnx", "--input", "image.npy", "--out", "t")
        self.succeed("infer", "out/1-edge.onnx", "--input", "t/relu2.npy", "--out", "t")
        self.succeed("infer", "out/2-cloud.onnx", "--input", "t/relu4.npy", "--out", "t")
        self.assertEqual((self.folder / "t/probabilities.npy").read_bytes(),
                         (self.folder / "whole/probabilities.npy").read_bytes())

    def test_the_weights_of_each_part_in_a_file_beside_it(self):
        numpy.save(self.folder / "image.npy", numpy.random.default_rng(2).random((1, 1, 28, 28), "f4"))
        self.succeed("infer", DIGITS, "--input", "image.npy", "--out", "whole")
        text = self.succeed("split", DIGITS, "--cut", "relu4", "--external-data", "--out", "out")
        files = ["0-device.onnx", "0-device.onnx.data", "1-cloud.onnx", "1-cloud.onnx.data"]
        self.assertEqual(sorted(self.files("out")), files)
        self.assertIn("The weights are in out/0-device.onnx.data, out/1-cloud.onnx.data;", text)
        (self.folder / "out").rename(self.folder / "moved")
        self.succeed("infer", "moved/0-device.onnx", "--input", "image.npy", "--out", "t")
        self.succeed("infer", "moved/1-cloud.onnx", "--input", "t/relu4.npy", "--out", "t")
        self.assertEqual((self.folder / "t/probabilities.npy").read_bytes(),
                         (self.folder / "whole/probabilities.npy").read_bytes())
        # A split without data files removes those of the one that it replaces.
        self.succeed("split", DIGITS, "--cut", "relu4", "--out", "moved")
        self.assertEqual(sorted(self.files("moved")), files[::2])
        self.succeed("split", DIGITS, "--cut", "relu2", "--cut", "relu4", "--external-data", "--out", "moved2")
        self.assertIn("holds 1-edge.onnx, 1-edge.onnx.data, 2-cloud.onnx, 2-cloud.onnx.data of another split",
                      self.refuse("split", DIGITS, "--cut", "relu4", "--out", "moved2"))

    def test_from_the_plan_of_a_run(self):
        self.succeed("run", SOURCE / "scenarios/digits.yaml", "--set", "stop.requests=10", "--out", "run")
        text = self.succeed("split", DIGITS, "--plan", "run/plan.csv", "--out", "out")
        self.assertEqual([name for name, _, _ in self.parts()], ["0-device.onnx", "1-edge.onnx"])
        self.assertIn("relu4    device  edge", text)
        self.succeed("split", DIGITS, "--plan", "run/plan.csv", "--algorithm", "edge-only", "--out", "edge")
        self.assertEqual(self.files("edge"), ["0-edge.onnx"])
        self.assertEqual(self.refuse("split", "zoo:lenet-s4", "--plan", "run/plan.csv", "--out", "no"),
                         "run/plan.csv: error: is the plan of another model: 16 of its 25 layers are not in lenet-s4 ('bn1', "
                         "'bn2', 'conv3', ...)\n")

    def test_from_the_plans_of_several_models(self):
        (self.folder / "two.yaml").write_text("""\
offcut: 1
stop: {requests: 10}
models:
  early: {zoo: lenet5, plan: {algorithm: fixed, after: pool1}}
  late: {zoo: lenet5, plan: {algorithm: fixed, after: fc4}}
tiers: {device: {is: raspberry-pi-4b}, cloud: {is: t4}}
network: {device-cloud: {is: wifi}}
plan: {compare: none}
workload: {classes: {a: {model: early, arrivals: poisson, rate: 1 /s}, b: {model: late, arrivals: poisson, rate: 1 /s}}}
""", encoding="utf-8")
        self.succeed("run", "two.yaml", "--out", "run")
        for model, tensor in [("early", "pool1"), ("late", "fc4")]:
            text = self.succeed("split", "zoo:lenet5", "--plan", "run/plan.csv", "--plan-model", model, "--out", model)
            self.assertRegex(text, f"(?m)^{tensor} +device +cloud ")
        self.assertEqual(self.refuse("split", "zoo:lenet5", "--plan", "run/plan.csv", "--out", "out"),
                         "run/plan.csv: error: holds plans of several models; expected the name of one: early, late\n")

    def test_the_codecs_of_a_plan(self):
        for codec in ["int8", "int8+zstd"]:
            self.succeed("run", SOURCE / "scenarios/digits.yaml", "--set", "stop.requests=10", "--set", f"plan.codec={codec}",
                         "--out", codec)
        self.succeed("split", DIGITS, "--plan", "int8/plan.csv", "--out", "out")
        self.assertEqual(list(self.parts()[1][1]), ["relu4.integers", "relu4.low", "relu4.high"])
        self.assertIn("int8+zstd/plan.csv: error: 'int8+zstd' can't be written as ONNX operators",
                      self.refuse("split", DIGITS, "--plan", "int8+zstd/plan.csv", "--out", "packed"))
        self.succeed("split", DIGITS, "--plan", "int8+zstd/plan.csv", "--codec", "fp32", "--out", "packed")
        self.assertEqual(list(self.parts("packed")[1][1]), ["relu4"])

    def test_a_plan_that_is_not_a_sequence_of_tiers(self):
        self.succeed("run", SOURCE / "scenarios/digits.yaml", "--set", "stop.requests=10", "--out", "run")
        plan = (self.folder / "run/plan.csv").read_text(encoding="utf-8").splitlines()
        moved = [line.replace(",device,", ",edge,") if ",relu1," in line else line for line in plan]
        (self.folder / "plan.csv").write_text("\n".join(moved) + "\n", encoding="utf-8")
        self.assertRegex(self.refuse("split", DIGITS, "--plan", "plan.csv", "--out", "out"),
                         r"^plan.csv: error: can't be split, because its tiers have no order: '\w+' waits for '\w+' \(layer ")

    def test_a_codec_becomes_operators_of_the_files(self):
        faint = numpy.random.default_rng(3).random((1, 1, 28, 28), "f4") / 5  # The scores are close, so that codecs change them.
        numpy.save(self.folder / "image.npy", faint)
        self.succeed("infer", DIGITS, "--input", "image.npy", "--out", "plain")
        plain = numpy.load(self.folder / "plain/probabilities.npy")
        for codec, sent in [("fp32", ["relu4"]), ("int8", ["relu4.integers", "relu4.low", "relu4.high"]),
                            ("int8-channel", ["relu4.integers", "relu4.low", "relu4.high"]),
                            ("int4", ["relu4.packed", "relu4.low", "relu4.high"]),
                            ("int4-channel", ["relu4.packed", "relu4.low", "relu4.high"]),
                            ("fixed", ["relu4.integers", "relu4.scale"]), ("fixed:p=3", ["relu4.integers"])]:
            with self.subTest(codec):
                coded = ["--cut", "relu4", "--codec", codec]
                expected = self.succeed("infer", DIGITS, "--input", "image.npy", *coded, "--out", "coded")
                text = self.succeed("split", DIGITS, *coded, "--out", codec)
                (_, _, crossing), (_, enters, _) = self.parts(codec)
                self.assertEqual(list(crossing), sent)
                self.assertEqual(crossing, enters)
                self.succeed("infer", f"{codec}/0-device.onnx", "--input", "image.npy", "--out", f"{codec}/t")
                inputs = [part for name in sent for part in ("--input", f"{name}={codec}/t/{name}.npy")]
                self.succeed("infer", f"{codec}/1-cloud.onnx", *inputs, "--out", f"{codec}/t")
                ours, whole = (numpy.load(self.folder / folder / "probabilities.npy") for folder in (f"{codec}/t", "coded"))
                numpy.testing.assert_allclose(ours, whole, rtol=0, atol=1e-6)
                self.assertTrue(codec == "fp32" or abs(whole - plain).max() > 2e-4)
                # The crossing tensors are as large as the codec's bytes without its header of 6; that of fixed has 3 more.
                arrays = [numpy.load(self.folder / codec / "t" / f"{name}.npy") for name in sent]
                codec_bytes = int(re.search(rf"(?m)^relu4 +{codec} +(\d+) ", expected).group(1))
                own = {"fixed": 3 - 4, "fixed:p=3": 3}.get(codec, 0)
                self.assertEqual(sum(array.nbytes for array in arrays), codec_bytes - 6 - own)
                for name, array in zip(sent, arrays):
                    self.assertRegex(text, rf"(?m)^{name} +device +{array.dtype} [\dxa-z]+ +{array.nbytes}$")

    def test_half_precision_becomes_operators_of_the_files(self):
        text = self.succeed("split", DIGITS, "--cut", "relu4", "--codec", "fp16", "--out", "out")
        self.assertRegex(text, r"(?m)^relu4.fp16 +device +float16 1x8x4x4 +256$")
        self.parts()  # With ONNX's own checker.
        for name, values_of in [("0-device", lambda graph: graph.output), ("1-cloud", lambda graph: graph.input)]:
            graph = onnx.load(str(self.folder / "out" / f"{name}.onnx")).graph
            self.assertEqual([(v.name, v.type.tensor_type.elem_type) for v in values_of(graph)],
                             [("relu4.fp16", onnx.TensorProto.FLOAT16)])

    def test_codecs_without_operators_in_onnx(self):
        for codec in ["kmeans", "int8+zstd", "fixed:bits=12"]:
            self.assertEqual(self.refuse("split", DIGITS, "--cut", "relu4", "--codec", codec, "--out", "out"),
                             f"--codec: error: '{codec}' can't be written as ONNX operators; these can: fixed, fp16, fp32, int4, "
                             "int4-channel, int8, int8-channel\n")
        self.assertEqual(self.refuse("split", DIGITS, "--cut", "relu4", "--codec", "itn8", "--out", "out"),
                         "--codec: error: there is no codec 'itn8'; did you mean 'int8'?\n")
        self.assertFalse((self.folder / "out").exists())

    def test_files_of_another_split_are_an_error(self):
        self.succeed("split", DIGITS, "--cut", "relu2", "--cut", "relu4", "--out", "out")
        self.succeed("split", DIGITS, "--cut", "relu1", "--cut", "relu4", "--out", "out")  # The same files again.
        before = {path.name: path.read_bytes() for path in (self.folder / "out").iterdir()}
        self.assertEqual(self.refuse("split", DIGITS, "--cut", "relu4", "--out", "out"),
                         "out: error: holds 1-edge.onnx, 2-cloud.onnx of another split; remove it, or name another folder\n")
        self.assertEqual({path.name: path.read_bytes() for path in (self.folder / "out").iterdir()}, before)

    def test_options(self):
        both = "offcut split: error: expected either --cut or --plan\n"
        self.assertEqual(self.refuse("split", DIGITS, "--out", "out"), both)
        self.assertEqual(self.refuse("split", DIGITS, "--cut", "relu4", "--plan", "p.csv", "--out", "out"), both)
        self.assertEqual(self.refuse("split", DIGITS, "--cut", "relu4", "--algorithm", "fixed", "--out", "out"),
                         "--algorithm: error: needs --plan\n")
        self.assertEqual(self.refuse("split", DIGITS, "--cut", "relu4", "--plan-model", "ours", "--out", "out"),
                         "--plan-model: error: needs --plan\n")
        self.assertEqual(self.refuse("split", DIGITS, "--cut", "rleu4,conv", "--out", "out").splitlines()[0],
                         "--cut: error: there is no layer 'rleu4'; did you mean 'relu4'?")
        self.assertEqual(self.refuse("split", DIGITS, "--plan", "none.csv", "--out", "out"),
                         "none.csv: error: does not exist\n")


if __name__ == "__main__":
    unittest.main()
