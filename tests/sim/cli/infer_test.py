#!/usr/bin/python3
"""offcut infer: arrays in, arrays out, whole or cut, and its errors."""
import re
import unittest

import numpy
import onnx
from onnx import numpy_helper

from program import SOURCE, InFolder

DIGITS = SOURCE / "models/data/digits/digits_cnn.onnx"


class Infer(InFolder):
    def setUp(self):
        super().setUp()
        for name in ["small.yaml", "layers.csv"]:
            (self.folder / name).unlink()
        self.image = numpy.random.default_rng(1).random((1, 1, 28, 28), "f4")
        self.save("image", self.image)

    def save(self, name, array):
        numpy.save(self.folder / f"{name}.npy", array)

    def load(self, name):
        return numpy.load(self.folder / name)


class Answers(Infer):
    def test_an_array_in_an_array_out(self):
        text = self.succeed("infer", DIGITS, "--input", "image=image.npy", "--out", "out")
        scores = self.load("out/probabilities.npy")
        self.assertEqual((scores.dtype, scores.shape), (numpy.float32, (1, 10)))
        self.assertAlmostEqual(float(scores.sum()), 1, 5)
        self.assertIn("digits_cnn: reference engine\n", text)
        self.assertRegex(text, rf"probabilities  float32 1x10  out/probabilities.npy  {scores.argmax()} \(")
        self.assertRegex(text, r"device  conv1..softmax \(25\)  \d+\.\d{3} ms\n")
        self.assertEqual(self.files(), ["image.npy", "out", "out/probabilities.npy"])

    def test_cut_gives_the_same_bits_and_names_the_crossing_tensors(self):
        self.succeed("infer", DIGITS, "--input", "image.npy", "--out", "whole")
        text = self.succeed("infer", DIGITS, "--input", "image.npy", "--cut", "relu4,relu2", "--out", "cut")
        self.assertTrue(numpy.array_equal(self.load("whole/probabilities.npy"), self.load("cut/probabilities.npy")))
        self.assertRegex(text, r"(?m)^relu2 +device +edge +float32 1x32x14x14 +25088$")
        self.assertRegex(text, r"(?m)^relu4 +edge +cloud +float32 1x8x4x4 +512$")
        self.assertRegex(text, r"(?m)^edge +conv3\.\.relu4 \(7\) +\d+\.\d{3} ms$")

    def test_the_fast_engine_agrees_and_takes_threads(self):
        self.succeed("infer", DIGITS, "--input", "image.npy", "--out", "a")
        text = self.succeed("infer", DIGITS, "--input", "image.npy", "--engine", "fast", "--threads", "2", "--cut", "relu4",
                            "--out", "b")
        self.assertIn("digits_cnn: fast engine\n", text)
        error = numpy.abs(self.load("a/probabilities.npy") - self.load("b/probabilities.npy")).max()
        self.assertLessEqual(error, 1e-5)

    def test_nan_and_infinities_pass_through_both_engines(self):
        for bad in [numpy.nan, numpy.inf, -numpy.inf]:
            for name, array in [("all", numpy.full_like(self.image, bad)), ("one", self.image.copy())]:
                with self.subTest(bad=bad, places=name):
                    array[0, 0, 13, 14] = bad
                    self.save("bad", array)
                    for engine in ["reference", "fast"]:
                        self.succeed("infer", DIGITS, "--input", "bad.npy", "--engine", engine, "--out", engine)
                    reference, fast = (self.load(f"{engine}/probabilities.npy") for engine in ["reference", "fast"])
                    self.assertTrue(numpy.isnan(reference).all())
                    self.assertEqual(reference.tobytes(), fast.tobytes())

    def test_onnx_tensors_in_and_out(self):
        (self.folder / "image.pb").write_bytes(numpy_helper.from_array(self.image, "image").SerializeToString())
        self.succeed("infer", DIGITS, "--input", "image.pb", "--format", "pb", "--out", "out")
        self.succeed("infer", DIGITS, "--input", "image.npy", "--out", "out")
        tensor = onnx.TensorProto.FromString((self.folder / "out/probabilities.pb").read_bytes())
        self.assertEqual(tensor.name, "probabilities")
        self.assertTrue(numpy.array_equal(numpy_helper.to_array(tensor), self.load("out/probabilities.npy")))

    def test_other_byte_orders_and_layouts(self):
        self.succeed("infer", DIGITS, "--input", "image.npy", "--out", "a")
        self.save("other", numpy.asfortranarray(self.image.astype(">f4")))
        self.succeed("infer", DIGITS, "--input", "other.npy", "--out", "b")
        self.assertTrue(numpy.array_equal(self.load("a/probabilities.npy"), self.load("b/probabilities.npy")))

    def test_labels(self):
        names = "zero one two three four five six seven eight nine".split()
        (self.folder / "labels.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
        text = self.succeed("infer", DIGITS, "--input", "image.npy", "--labels", "labels.txt", "--out", "out")
        scores = self.load("out/probabilities.npy")[0]
        best = [names[i] for i in numpy.argsort(-scores, kind="stable")[:5]]
        self.assertEqual(re.findall(r"([a-z]+) \([\d.e+-]+\)", text)[:5], best)

    def test_a_network_of_the_zoo_with_several_outputs(self):
        self.save("image", numpy.zeros((1, 1, 32, 32), "f4") if "1x1x32x32" in self.succeed("inspect", "zoo:branchy-lenet5")
                  else self.image)
        text = self.succeed("infer", "zoo:branchy-lenet5", "--input", "image.npy", "--out", "out")
        self.assertGreaterEqual(len(self.files("out")), 2)
        for file in self.files("out"):
            self.assertIn(f"out/{file}", text)

    def test_dimensions_are_bound(self):
        relu = SOURCE / "scenarios/invalid/relu.onnx"
        self.save("x", numpy.array([[-1, 2, -3], [4, -5, 6]], "f4"))
        self.succeed("infer", relu, "--bind", "batch=2,length=3", "--input", "x.npy", "--out", "out")
        self.assertEqual(self.load("out/y.npy").tolist(), [[0, 2, 0], [4, 0, 6]])

    def test_names_that_cannot_name_files(self):
        node = onnx.helper.make_node("Relu", ["a/b=c"], ["../out put"], "/relu,1")
        value = lambda name: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2])
        graph = onnx.helper.make_graph([node], "g", [value("a/b=c")], [value("../out put")])
        onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)]),
                  str(self.folder / "odd.onnx"))
        self.save("x=1", numpy.array([-1, 1], "f4"))
        self.succeed("infer", "odd.onnx", "--input", "a/b=c=x=1.npy", "--cut", "/relu,1", "--out", "out")
        self.assertEqual(self.files("out"), ["_.._out_put.npy"])


class Refusals(Infer):
    def test_arrays_that_do_not_fit(self):
        for array, message in [
            (self.image.astype("f8"), "is float64 1x1x28x28, but input 'image' is float32 1x1x28x28; in NumPy: a.astype('float32')"),
            (self.image[0], "is float32 1x28x28, but input 'image' is float32 1x1x28x28; in NumPy: a.reshape(1, 1, 28, 28)"),
            (self.image[:, :, :20], "is float32 1x1x20x28, but input 'image' is float32 1x1x28x28"),
            (self.image.astype("f2"), "is float16 1x1x28x28, but input 'image' is float32 1x1x28x28; in NumPy: a.astype('float32')"),
            (self.image.astype("c8"), "has elements of type '<c8'; expected one of float32, float64, uint8, int8, int32, int64, bool, float16, bfloat16"),
        ]:
            with self.subTest(message):
                self.save("x", array)
                self.assertEqual(self.refuse("infer", DIGITS, "--input", "x.npy", "--out", "out"), f"x.npy: error: {message}\n")

    def test_all_errors_at_once(self):
        (self.folder / "labels.txt").write_text("a\nb\n", encoding="utf-8")
        self.assertEqual(
            self.refuse("infer", DIGITS, "--input", "imgae=image.npy", "--cut", "relu44,conv1", "--engine", "fats", "--format",
                        "npz", "--threads", "0", "--labels", "labels.txt", "--out", "out"),
            "--engine: error: there is no 'fats'; did you mean 'fast'?\n"
            "--format: error: there is no 'npz'; did you mean 'npy'?\n"
            "--threads: error: expected 1 to 1024, got 0\n"
            "--cut: error: there is no layer 'relu44'; did you mean 'relu4'?\n"
            "labels.txt: error: has 2 labels, but 'probabilities' has 10 classes\n"
            "--input imgae=image.npy: error: there is no input 'imgae'; did you mean 'image'?\n")

    def test_inputs_that_are_missing_or_given_twice(self):
        self.assertEqual(self.refuse("infer", DIGITS, "--out", "out"),
                         "--input: error: missing: 'image' (float32 1x1x28x28)\n")
        self.assertEqual(self.refuse("infer", DIGITS, "--input", "image.npy", "--input", "image=image.npy", "--out", "out"),
                         "image=image.npy: error: input 'image' is given twice\n")
        self.assertEqual(self.refuse("infer", DIGITS, "--input", "none.npy", "--out", "out"),
                         "none.npy: error: does not exist\n")

    def test_values_that_a_layer_cannot_take(self):
        value = lambda name, kind, shape: onnx.helper.make_tensor_value_info(name, kind, shape)
        node = onnx.helper.make_node("Gather", ["table", "ids"], ["rows"], "lookup")
        graph = onnx.helper.make_graph([node], "g", [value("ids", onnx.TensorProto.INT64, [1])],
                                       [value("rows", onnx.TensorProto.FLOAT, [1, 2])],
                                       [numpy_helper.from_array(numpy.zeros((3, 2), "f4"), "table")])
        onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)]),
                  str(self.folder / "lookup.onnx"))
        self.save("ids", numpy.array([3], "i8"))
        for engine in ["reference", "fast"]:
            self.assertRegex(self.refuse("infer", "lookup.onnx", "--input", "ids.npy", "--engine", engine, "--out", "out"),
                             r"^lookup.onnx: error: can't run on these inputs: .*3")

    def test_a_constant_index_out_of_range_names_its_layer(self):
        value = lambda name, shape: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for op, more, shape in [("Gather", [], [1, 1, 8, 8]), ("GatherElements", [], [1, 1, 1, 1]),
                                ("GatherND", [], [4, 8, 8]), ("ScatterElements", ["update"], [1, 4, 8, 8])]:
            index = numpy.array([9] if op in ["Gather", "GatherND"] else [[[[9]]]], "i8")
            nodes = [onnx.helper.make_node("Conv", ["x", "w"], ["c"], "conv"),
                     onnx.helper.make_node(op, ["c", "index", *more], ["y"], "pick", **({"axis": 1} if "ND" not in op else {}))]
            weights = [numpy_helper.from_array(numpy.ones((4, 3, 1, 1), "f4"), "w"), numpy_helper.from_array(index, "index"),
                       numpy_helper.from_array(numpy.ones((1, 1, 1, 1), "f4"), "update")]
            graph = onnx.helper.make_graph(nodes, "g", [value("x", [1, 3, 8, 8])], [value("y", shape)], weights[:2 + len(more)])
            onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)]),
                      str(self.folder / "pick.onnx"))
            self.save("x", numpy.ones((1, 3, 8, 8), "f4"))
            for engine in ["reference", "fast"]:
                with self.subTest(op, engine=engine):
                    self.assertRegex(self.refuse("infer", "pick.onnx", "--input", "x.npy", "--engine", engine, "--out", "out"),
                                     rf"^pick.onnx: error: can't .*: layer 'pick' \({op}\): index 9 is out of range for ")

    def test_memory_that_a_model_needs_but_may_not_have(self):
        for engine in ["reference", "fast"]:
            self.assertRegex(self.refuse("infer", DIGITS, "--input", "image.npy", "--engine", engine, "--max-memory", "10 kB",
                                         "--out", "out"),
                             r"^--max-memory: error: layer '\w+' \(\w+\), with .* needs .* of memory.*; the limit is 10 kB\n$")
        self.assertFalse((self.folder / "out").exists())
        self.assertRegex(self.refuse("export", "zoo:vgg16", "--max-memory", "50 MB", "--out", "m.onnx"),
                         r"^--max-memory: error: tensor '[\w.]+': float32 [\dx]+ needs .*; the limit is 50 MB\n$")
        self.assertEqual(self.files(), ["image.npy"])
        for size in ["0 B", "lots", "4 GHz", "nan GB"]:
            self.assertIn("--max-memory: error: ", self.refuse("infer", DIGITS, "--input", "image.npy", "--max-memory", size,
                                                               "--out", "out"))
        self.succeed("infer", DIGITS, "--input", "image.npy", "--max-memory", "1 GB", "--out", "out")

    def test_a_link_out_of_the_models_folder(self):
        weight = onnx.TensorProto(name="w", data_type=1, dims=[2], data_location=onnx.TensorProto.EXTERNAL)
        entry = weight.external_data.add()
        entry.key, entry.value = "location", "link"
        value = lambda name: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2])
        graph = onnx.helper.make_graph([onnx.helper.make_node("Add", ["x", "w"], ["y"], "add")], "g", [value("x")], [value("y")],
                                       [weight])
        (self.folder / "inner").mkdir()
        (self.folder / "inner/m.onnx").write_bytes(
            onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)]).SerializeToString())
        (self.folder / "secret").write_bytes(b"12345678")
        (self.folder / "inner/link").symlink_to("../secret")
        self.save("x", numpy.zeros(2, "f4"))
        self.assertEqual(self.refuse("infer", "inner/m.onnx", "--input", "x.npy", "--out", "out"),
                         "inner/m.onnx: error: initialiser 'w': its data is in 'link', which is a symbolic link out of the "
                         "model's folder\n")

    def test_models_that_cannot_run(self):
        self.assertEqual(self.refuse("infer", "zoo:lenet-5", "--input", "image.npy", "--out", "out"),
                         "zoo:lenet-5: error: unknown network 'lenet-5'; did you mean 'lenet5'?\n")
        (self.folder / "layers.csv").write_text("layer,inputs,output_bytes,param_bytes,macs\na,,1,0,0\nb,a,1,0,0\n", "utf-8")
        self.assertEqual(self.refuse("infer", "layers.csv", "--input", "image.npy", "--out", "out"),
                         "layers.csv: error: is a layer table, which has no math; expected zoo:NAME or an ONNX file\n")

    def test_bindings(self):
        relu = SOURCE / "scenarios/invalid/relu.onnx"
        self.assertEqual(self.refuse("infer", relu, "--bind", "batch,length=0,a=1,a=2", "--input", "x.npy", "--out", "out"),
                         "--bind batch: error: expected NAME=N such as batch=1\n"
                         "--bind length=0: error: expected a whole number from 1 to 1000000000, got '0'\n"
                         "--bind a=2: error: dimension 'a' is bound twice\n")
        self.assertEqual(self.refuse("inspect", relu, "--bind", "lenght=3").splitlines()[0],
                         f"{relu}: error: no input has a dimension 'lenght' to bind; did you mean 'length'?")
        self.assertEqual(self.refuse("inspect", "zoo:lenet5", "--bind", "batch=3"),
                         "--bind batch=3: error: the network 'lenet5' has no dimensions to bind\n")
        self.assertEqual(self.refuse("inspect", "zoo:yolov2", "--bind", "size=600"),
                         "--bind size=600: error: dimension 'size' is bound to 600; expected 64 to 4096, a multiple of 32\n")
        self.assertEqual(self.refuse("inspect", "zoo:lenet5", "--fix", "image=3"),
                         "--fix image=3: error: only an ONNX model has inputs to fix\n")
        self.assertEqual(self.refuse("inspect", relu, "--fix", "x=a,y"),
                         "--fix x=a: error: expected a number, true or false, got 'a'\n"
                         "--fix y: error: expected NAME=VALUE such as sr=16000\n")

    def test_a_file_in_the_place_of_the_folder(self):
        self.assertEqual(self.refuse("infer", DIGITS, "--input", "image.npy", "--out", "image.npy"),
                         "image.npy: error: can't be used as a folder for results: Not a directory\n")

    def test_a_refusal_keeps_what_was_there(self):
        self.succeed("infer", DIGITS, "--input", "image.npy", "--out", "out")
        self.refuse("infer", DIGITS, "--input", "none.npy", "--out", "out")


if __name__ == "__main__":
    unittest.main()
