#!/usr/bin/python3
"""What crosses a cut encoded: offcut codecs, infer --codec, and plan.codec in scenarios."""
import csv
import unittest

import numpy

from program import SOURCE, InFolder

DIGITS = SOURCE / "models/data/digits/digits_cnn.onnx"
SCENARIO = SOURCE / "scenarios/digits.yaml"


class Codecs(InFolder):
    def rows(self, name):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def test_a_table_of_codecs_at_a_cut(self):
        text = self.succeed("codecs", DIGITS, "--cut", "relu4", "--dataset", "digits", "--samples", "50", "--engine", "fast",
                            "--codec", "fp32", "--codec", "int8+zstd:level=9", "--out", "table.csv")
        self.assertRegex(text, r"(?m)^relu4 +fp32 +518\.0 +66\.07 % +0 +0 ")
        rows = self.rows("table.csv")
        self.assertEqual([row["codec"] for row in rows], ["fp32", "int8+zstd:level=9"])
        self.assertEqual(rows[0]["accuracy_loss"], "0")
        for row in rows:
            self.assertLessEqual(float(row["bytes_max"]), float(row["bytes_bound"]))
            self.assertLessEqual(float(row["error_max"]), float(row["error_bound"]))

    def test_every_legal_cut_and_every_codec(self):
        self.succeed("codecs", DIGITS, "--cut", "all", "--dataset", "digits", "--samples", "2", "--engine", "fast",
                     "--out", "table.csv")
        rows = self.rows("table.csv")
        self.assertEqual(len({row["cut"] for row in rows}), 25)
        self.assertEqual(len(rows), 25 * 26)

    def test_without_a_data_set_inputs_are_drawn(self):
        text = self.succeed("codecs", "zoo:lenet5", "--cut", "pool1", "--codec", "fp32", "--samples", "3")
        self.assertIn("lenet5: 3 inputs without labels", text)

    def test_errors(self):
        for arguments, message in [
                (["--cut", "relu4", "--codec", "itn8"], "--codec: error: there is no codec 'itn8'; did you mean 'int8'?"),
                (["--cut", "relu44"], "--cut: error: there is no layer 'relu44'; did you mean 'relu4'?"),
                (["--cut", "relu4,relu2"], "--cut: error: expected a cut in two parts, got 3"),
                ([], "--cut: error: is missing: a layer, or all"),
                (["--cut", "all", "--dataset", "nowhere"],
                 "--dataset: error: there is no folder 'nowhere', nor such data among offcut's own")]:
            self.assertEqual(self.refuse("codecs", DIGITS, *arguments), message + "\n")

    def test_infer_sends_what_the_codec_makes_of_it(self):
        numpy.save(self.folder / "image.npy", numpy.random.default_rng(1).random((1, 1, 28, 28), "f4"))
        self.succeed("infer", DIGITS, "--input", "image.npy", "--out", "plain")
        text = self.succeed("infer", DIGITS, "--input", "image.npy", "--cut", "relu4", "--codec", "int4", "--out", "coded")
        self.assertRegex(text, r"(?m)^relu4 +int4 +78 ")
        self.succeed("infer", DIGITS, "--input", "image.npy", "--cut", "relu4", "--codec", "fp32+zstd", "--out", "same")
        plain, coded, same = (numpy.load(self.folder / name / "probabilities.npy") for name in ("plain", "coded", "same"))
        self.assertTrue(numpy.array_equal(plain, same))
        self.assertFalse(numpy.array_equal(plain, coded))
        self.assertEqual(self.refuse("infer", DIGITS, "--input", "image.npy", "--codec", "int8", "--out", "x"),
                         "--codec: error: nothing crosses without a --cut\n")

    def run_digits(self, codec, *more):
        self.succeed("run", SCENARIO, "--set", f"plan.codec={codec}", "--set", "stop={requests: 60}", "--set",
                     "plan.compare=none", "--out", "results", *more)
        return self.rows("results/requests.csv"), self.rows("results/summary.csv")[0]

    def test_a_scenario_sends_the_codecs_real_bytes(self):
        requests, summary = self.run_digits("fp32+zstd")
        sent = [float(row["upload_bytes"]) for row in requests]
        self.assertGreater(len(set(sent)), 10)
        self.assertLessEqual(max(sent), 519)
        self.assertEqual(float(summary["upload_bytes"]), sum(sent))
        self.assertIn("codec: fp32+zstd", (self.folder / "results/resolved.yaml").read_text(encoding="utf-8"))
        plan = {row["layer"]: row for row in self.rows("results/plan.csv")}
        self.assertEqual(plan["relu4"]["crossing_bytes"], "519")

    def test_a_codec_for_some_tensors_by_name(self):
        _, summary = self.run_digits("{relu4: int8, image: fp16}")
        self.assertEqual(summary["codec"], "int8")
        plan = {row["layer"]: row for row in self.rows("results/plan.csv")}
        self.assertEqual((plan["relu4"]["crossing_bytes"], plan["relu4"]["codec"]), ("142", "int8"))
        self.assertEqual(plan["relu1"]["codec"], "")
        self.assertIn("relu4: int8", (self.folder / "results/resolved.yaml").read_text(encoding="utf-8"))
        requests, summary = self.run_digits("{conv1: fp16}")  # which does not cross
        self.assertEqual(summary["codec"], "")
        self.assertEqual({row["upload_bytes"] for row in requests}, {"512"})

    def test_codecs_are_chosen_by_their_measured_accuracy(self):
        plan = "plan={algorithm: codec-aware, accuracy-loss: %s, codec: [power-of-two, 'top-k:share=0.01'], cache: kept, compare: none}"
        arguments = ["--set", "model.math=sampled", "--set", "model.samples=40", "--set", "model.engine=fast",
                     "--set", "network.device-edge.up=100 kbit/s", "--set", "stop={requests: 40}"]
        self.succeed("codecs", DIGITS, "--cut", "all", "--dataset", "digits", "--samples", "40", "--engine", "fast", "--codec",
                     "power-of-two", "--codec", "top-k:share=0.01", "--cache", "kept")
        kept = self.files("kept")
        self.assertEqual(len(kept), 1)
        measured = (self.folder / "kept" / kept[0]).read_bytes()
        for loss, codec in [("0.03", "power-of-two"), ("1", "top-k:share=0.01")]:  # both send the picture, encoded
            self.succeed("run", SCENARIO, "--set", plan % loss, *arguments, "--out", loss)
            summary = self.rows(f"{loss}/summary.csv")[0]
            self.assertEqual(summary["codec"], codec)
            picture, *layers = self.rows(f"{loss}/plan.csv")
            self.assertEqual({row["tier"] for row in layers}, {"edge"})
            self.assertEqual([picture[name] for name in ["layer", "operator", "tier", "crosses_to", "codec"]],
                             ["image", "input", "device", "edge", codec])
            self.assertGreater(float(picture["crossing_bytes"]), 0)
            measure = next(m for m in self.rows(f"kept/{kept[0]}") if (m["cut"], m["codec"]) == ("input", codec))
            self.assertLessEqual(float(measure["accuracy_loss"]), float(loss))
        text = self.succeed("plan", SCENARIO, "--set", plan % "1", *arguments, "--pareto", "latency,accuracy", "--out", "front")
        front = [(float(row["latency_s"]), float(row["accuracy_loss"]), row["cut"]) for row in self.rows("front/pareto.csv")]
        self.assertRegex(text, r"(?m)^latency +accuracy loss +plan$")
        self.assertIn("image as top-k:share=0.01", front[0][2])  # the fastest, which is the least sure
        self.assertEqual([latency for latency, _, _ in front], sorted(latency for latency, _, _ in front))
        self.assertEqual([loss for _, loss, _ in front], sorted((loss for _, loss, _ in front), reverse=True))
        for _, loss, cut in front:
            codec = next((codec for codec in ["power-of-two", "top-k:share=0.01"] if " as " + codec in cut), None)
            after = "input" if cut.startswith("edge") else cut.partition("..")[2].partition(" ")[0]
            measured_loss = [float(m["accuracy_loss"]) for m in self.rows(f"kept/{kept[0]}") if (m["cut"], m["codec"]) == (after, codec)]
            self.assertEqual([loss], measured_loss if codec else [0])
        self.assertEqual(self.files("kept"), kept)  # nothing was measured again
        self.assertEqual((self.folder / "kept" / kept[0]).read_bytes(), measured)

    def test_measures_are_kept(self):
        arguments = ["codecs", "zoo:lenet5", "--cut", "pool1", "--codec", "int8", "--samples", "3", "--cache", "kept", "--out"]
        self.succeed(*arguments, "first.csv")
        self.succeed(*arguments, "again.csv")  # with the times that were measured first
        self.assertEqual((self.folder / "first.csv").read_bytes(), (self.folder / "again.csv").read_bytes())

    def test_without_math_a_scenario_sends_the_bound(self):
        requests, _ = self.run_digits("fp32+zstd", "--set", "model={onnx: models/data/digits/digits_cnn.onnx, math: off}")
        self.assertEqual({row["upload_bytes"] for row in requests}, {"519"})

    def test_accuracy_is_that_of_what_arrives(self):
        _, fine = self.run_digits("int8")
        _, coarse = self.run_digits("top-k:share=0.02")
        self.assertGreater(float(fine["accuracy"]), 0.95)
        self.assertLess(float(coarse["accuracy"]), 0.8)

    def test_errors_in_scenarios(self):
        self.assertEqual(self.refuse("validate", SCENARIO, "--set", "plan.codec=itn8"),
                         "--set plan.codec=itn8: error: plan.codec: there is no codec 'itn8'; did you mean 'int8'?\n")
        self.assertEqual(self.refuse("validate", SCENARIO, "--set", "plan.codec={relu44: int8}"),
                         "--set plan.codec={relu44: int8}: error: plan.codec: there is no tensor or layer 'relu44'; did you mean "
                         "'relu4'?\n")
        self.assertIn("plan.codec: a layer table has no shapes, which codecs need",
                      self.refuse("validate", "small.yaml", "--set", "plan.codec=int8"))
        self.assertIn("plan.codec: tensor 'image': mixed: there is no channel 9 in a tensor of 1",
                      self.refuse("validate", SCENARIO, "--set", "plan.codec='mixed:integers=9'"))


if __name__ == "__main__":
    unittest.main()
