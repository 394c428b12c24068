#!/usr/bin/python3
"""offcut export and split: what they write, and every refusal."""
import unittest

import numpy
import onnx

from program import SOURCE, InFolder

DIGITS = SOURCE / "models/data/digits/digits_cnn.onnx"


def values(infos):
    """Names with shapes of what a model takes or gives."""
    return {info.name: [dim.dim_value for dim in info.type.tensor_type.shape.dim] for info in infos}


class Export(InFolder):
    def test_a_network_with_its_weights(self):
        self.assertRegex(self.succeed("export", "zoo:lenet5", "--out", "m.onnx"), r"^m.onnx: 13 layers, \d+ kB of weights\n$")
        onnx.checker.check_model(str(self.folder / "m.onnx"), full_check=True)
        self.assertIn("13 layers", self.succeed("inspect", "m.onnx").splitlines()[-1])

    def test_an_onnx_file_again_with_its_dimensions_bound(self):
        self.succeed("export", SOURCE / "scenarios/invalid/relu.onnx", "--bind", "length=3", "--out", "m.onnx")
        self.assertEqual(values(onnx.load(str(self.folder / "m.onnx")).graph.input), {"x": [1, 3]})

    def test_what_it_cannot_write(self):
        self.assertEqual(self.refuse("export", "zoo:lenet5", "--out", "."),
                         ".: error: is a directory, expected the name of a file\n")
        self.assertEqual(self.refuse("export", "zoo:lenet5", "--out", "none/m.onnx"), "none/m.onnx: error: cannot be written\n")
        self.assertEqual(self.refuse("export", "layers.csv", "--out", "m.onnx"),
                         "layers.csv: error: is a layer table, which has no math; expected zoo:NAME or an ONNX file\n")


class Split(InFolder):
    def parts(self, folder="out"):
        paths = sorted((self.folder / folder).iterdir())
        for path in paths:
            onnx.checker.check_model(str(path), full_check=True)
        return [(path.name, values(onnx.load(str(path)).graph.input), values(onnx.load(str(path)).graph.output))
                for path in paths]

    def test_a_file_per_tier_with_what_crosses_declared(self):
        text = self.succeed("split", DIGITS, "--cut", "relu4", "--out", "out")
        self.assertEqual(self.parts(), [
            ("0-device.onnx", {"image": [1, 1, 28, 28]}, {"relu4": [1, 8, 4, 4]}),
            ("1-cloud.onnx", {"relu4": [1, 8, 4, 4]}, {"probabilities": [1, 10]})])
        self.assertRegex(text, r"(?m)^out/0-device.onnx  conv1..relu4 \(14\)    image   relu4$")
        self.assertRegex(text, r"(?m)^relu4    device  cloud  float32 1x8x4x4    512$")

    def test_the_parts_run_after_each_other_give_the_whole_answer(self):
        numpy.save(self.folder / "image.npy", numpy.random.default_rng(2).random((1, 1, 28, 28), "f4"))
        self.succeed("infer", DIGITS, "--input", "image.npy", "--out", "whole")
        self.succeed("split", DIGITS, "--cut", "relu2", "--cut", "relu4", "--out", "out")
        self.assertEqual([name for name, _, _ in self.parts()], ["0-device.onnx", "1-edge.onnx", "2-cloud.onnx"])
        self.succeed("infer", "out/0-device.onnx", "--input", "image.npy", "--out", "t")
        self.succeed("infer", "out/1-edge.onnx", "--input", "t/relu2.npy", "--out", "t")
        self.succeed("infer", "out/2-cloud.onnx", "--input", "t/relu4.npy", "--out", "t")
        self.assertEqual((self.folder / "t/probabilities.npy").read_bytes(),
                         (self.folder / "whole/probabilities.npy").read_bytes())

    def test_from_the_plan_of_a_run(self):
        self.succeed("run", SOURCE / "scenarios/digits.yaml", "--set", "stop.requests=10", "--out", "run")
        text = self.succeed("split", DIGITS, "--plan", "run/plan.csv", "--out", "out")
        self.assertEqual([name for name, _, _ in self.parts()], ["0-device.onnx", "1-edge.onnx"])
        self.assertIn("relu4    device  edge", text)
        self.succeed("split", DIGITS, "--plan", "run/plan.csv", "--algorithm", "edge-only", "--out", "edge")
        self.assertEqual(self.files("edge"), ["0-edge.onnx"])
        self.assertEqual(self.refuse("split", "zoo:lenet-s4", "--plan", "run/plan.csv", "--out", "no"),
                         "run/plan.csv: error: is the plan of another model: 16 of its 25 layers are none of lenet-s4 ('bn1', "
                         "'bn2', 'conv3', ...)\n")

    def test_a_plan_that_is_no_sequence_of_tiers(self):
        self.succeed("run", SOURCE / "scenarios/digits.yaml", "--set", "stop.requests=10", "--out", "run")
        plan = (self.folder / "run/plan.csv").read_text(encoding="utf-8").splitlines()
        moved = [line.replace(",device,", ",edge,") if ",relu1," in line else line for line in plan]
        (self.folder / "plan.csv").write_text("\n".join(moved) + "\n", encoding="utf-8")
        self.assertRegex(self.refuse("split", DIGITS, "--plan", "plan.csv", "--out", "out"),
                         r"^plan.csv: error: is no sequence of tiers, so it can't be split: '\w+' waits for '\w+' \(layer ")

    def test_what_it_takes(self):
        both = "offcut split: error: give one of --cut and --plan\n"
        self.assertEqual(self.refuse("split", DIGITS, "--out", "out"), both)
        self.assertEqual(self.refuse("split", DIGITS, "--cut", "relu4", "--plan", "p.csv", "--out", "out"), both)
        self.assertEqual(self.refuse("split", DIGITS, "--cut", "relu4", "--algorithm", "fixed", "--out", "out"),
                         "--algorithm: error: belongs to --plan, which is not given\n")
        self.assertEqual(self.refuse("split", DIGITS, "--cut", "rleu4,conv", "--out", "out").splitlines()[0],
                         "--cut: error: there is no layer 'rleu4'; did you mean 'relu4'?")
        self.assertEqual(self.refuse("split", DIGITS, "--plan", "none.csv", "--out", "out"),
                         "none.csv: error: does not exist\n")


if __name__ == "__main__":
    unittest.main()
