#!/usr/bin/python3
"""Tiers that compute in int8, precisions chosen with cut and codecs, and models that are compressed in a scenario."""
import csv
import itertools
import unittest

import numpy

from program import SOURCE, InFolder

DIGITS = SOURCE / "models/data/digits"
# The integers of the head halve the device's time, the tail is cheap on the edge, and the link is slow enough for
# codecs to matter.
SCENARIO = """\
offcut: 1
seed: 1
stop: {requests: 100}
model:
  onnx: models/data/digits/digits_cnn.onnx
  math: sampled
  samples: 100
  engine: fast
  calibrate-on: digits
  input:
    images: models/data/digits/test-images.idx3-ubyte.zst
    labels: models/data/digits/test-labels.idx1-ubyte.zst
devices:
  small:
    peak: 1 GFLOP/s
    memory-bandwidth: 1 GB/s
    memory: 1 MB
    efficiency: {convolution: 0.5, depthwise-convolution: 0.2, dense: 0.5, memory: 0.5}
    layer-overhead: 20 us
    precisions: {int8: {peak: 3 GFLOP/s}}
tiers:
  device: {is: small}
  edge: {is: small, peak: 20 GFLOP/s}
network: {device-edge: {up: 2 Mbit/s, down: 2 Mbit/s, latency: 1 ms}}
plan: {algorithm: fixed, after: relu4, compare: none}
workload: {arrivals: periodic, rate: 1 /s}
"""
JOINT = ["--set", "plan={algorithm: codec-aware, accuracy-loss: 0.05, codec: [int8, int4], cache: cache, "
         "compare: none}"]


class Precisions(InFolder):
    def setUp(self):
        super().setUp()
        self.write("s.yaml", SCENARIO)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def rows(self, name):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def run_with(self, *settings, out="results"):
        arguments = [part for setting in settings for part in ("--set", setting)]
        self.succeed("run", "s.yaml", *arguments, "--set", "output.requests=true", "--out", out)
        return self.rows(f"{out}/requests.csv"), self.rows(f"{out}/summary.csv")[0]

    def test_a_device_of_int8_computes_in_integers(self):
        """The whole network on the device gives the answers of the file that `offcut compress` writes."""
        requests, summary = self.run_with("tiers.device.precision=int8", "plan={algorithm: device-only, compare: none}",
                                          "model.engine=reference", "model.math=every", "stop.requests=20")
        answered = [row for row in requests if row["predicted"]]
        self.assertEqual(len(answered), 20)
        self.succeed("compress", DIGITS / "digits_cnn.onnx", "--pass", "int8", "--dataset", "digits", "--out", "small.onnx")
        images = self.images()
        for row in answered:
            number = int(row["input"])
            numpy.save(self.folder / "image.npy", (images[number] / numpy.float32(255)).reshape(1, 1, 28, 28))
            self.succeed("infer", "small.onnx", "--input", "image.npy", "--out", "answer")
            answer = numpy.load(self.folder / "answer/probabilities.npy")
            self.assertEqual(int(answer.argmax()), int(row["predicted"]))
        self.assertGreaterEqual(float(summary["accuracy"]), 0.95)

    def images(self):
        import subprocess
        raw = subprocess.run(["zstd", "-dc", DIGITS / "test-images.idx3-ubyte.zst"], check=True, capture_output=True).stdout
        return numpy.frombuffer(raw[16:], "u1").reshape(-1, 28, 28).astype("f4")

    def test_integers_after_each_cut(self):
        """Heads of all lengths in integers, with the floats that cross: close to the network itself."""
        for layer in ("conv1", "bn2", "relu3", "pool2", "fc1"):
            with self.subTest(layer):
                _, summary = self.run_with("tiers.device.precision=int8", f"plan.after={layer}")
                self.assertGreaterEqual(float(summary["accuracy"]), 0.97)
                _, summary = self.run_with("tiers.device.precision=int8", f"plan.after={layer}",
                                           "tiers.edge.precision=int8")
                self.assertGreaterEqual(float(summary["accuracy"]), 0.97)

    def planned(self, *settings):
        arguments = [part for setting in settings for part in ("--set", setting)]
        self.succeed("plan", "s.yaml", *JOINT, *arguments, "--out", "plans")
        row = next(row for row in self.rows("plans/plans.csv") if row["algorithm"] == "codec-aware")
        return float(row["latency_s"]), row["cut"]

    def test_the_chosen_precisions_are_the_best(self):
        precisions = ("fp32", "int8")
        each = {pair: self.planned(f"tiers.device.precision={pair[0]}", f"tiers.edge.precision={pair[1]}")
                for pair in itertools.product(precisions, precisions)}
        best = min(each, key=lambda pair: each[pair][0])
        both = ("tiers.device.precision=[fp32, int8]", "tiers.edge.precision=[fp32, int8]")
        self.assertEqual(self.planned(*both), each[best])
        self.assertNotEqual(best[0], "fp32")
        arguments = [part for setting in both for part in ("--set", setting)]
        text = self.succeed("run", "s.yaml", *JOINT, *arguments, "--out", "run")
        self.assertIn(f"precisions: device {best[0]}, edge {best[1]}\n", text)
        self.assertAlmostEqual(float(self.rows("run/summary.csv")[0]["latency_mean_s"]), each[best][0], delta=5e-3)
        # The run's resolved scenario has the chosen precisions, and runs to the same result.
        self.succeed("run", "run/resolved.yaml", "--out", "again")
        self.assertEqual((self.folder / "run/summary.csv").read_bytes(), (self.folder / "again/summary.csv").read_bytes())

    def front(self, *settings):
        arguments = [part for setting in settings for part in ("--set", setting)]
        self.succeed("plan", "s.yaml", *JOINT, *arguments, "--pareto", "latency,accuracy,memory", "--out", "plans")
        names = ("latency_s", "accuracy_loss", "memory_bytes")
        return [tuple(float(row[name]) for name in names) for row in self.rows("plans/pareto.csv")]

    def test_a_front_over_precisions_has_the_points_of_all(self):
        points = [point for precision in ("fp32", "int8") for point in self.front(f"tiers.device.precision={precision}")]
        best = {point for point in points
                if not any(other != point and all(o <= p for o, p in zip(other, point)) for other in points)}
        self.assertEqual(set(self.front("tiers.device.precision=[fp32, int8]")), best)
        self.assertTrue(all(row["precisions"] for row in self.rows("plans/pareto.csv")))

    def test_layers_in_int8_take_a_quarter_of_the_memory(self):
        def memory(precision):
            self.succeed("plan", "s.yaml", "--set", f"tiers.device.precision={precision}", "--out", "plans")
            row = next(row for row in self.rows("plans/plans.csv") if row["algorithm"] == "device-only")
            return float(row["memory_bytes"])

        self.assertEqual(memory("int8") * 4, memory("fp32"))

    def test_a_compressed_model_gives_the_answers_of_its_file(self):
        passes = "[\"magnitude:rate=0.97\"]"
        _, whole = self.run_with()
        requests, pruned = self.run_with(f"model.compress={passes}", out="inside")
        self.assertLess(float(pruned["accuracy"]), float(whole["accuracy"]))
        self.succeed("compress", DIGITS / "digits_cnn.onnx", "--pass", "magnitude:rate=0.97", "--out", "small.onnx")
        from_file, _ = self.run_with("model.onnx=small.onnx", out="file")
        self.assertEqual([row["predicted"] for row in requests], [row["predicted"] for row in from_file])
        self.assertIn("magnitude:rate=0.97", (self.folder / "inside/resolved.yaml").read_text(encoding="utf-8"))

    def test_channels_by_gradients_read_the_inputs_of_the_math(self):
        _, whole = self.run_with()
        _, pruned = self.run_with("model.compress=[\"channels:macs=0.5,criterion=taylor,samples=100\"]", out="pruned")
        self.assertLess(float(pruned["accuracy"]), float(whole["accuracy"]))


if __name__ == "__main__":
    unittest.main()
