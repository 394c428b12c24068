#!/usr/bin/python3
"""offcut profile, and scenarios whose devices have a profile. The times depend on the machine and are not checked."""
import csv
import itertools
import json
import re
import time
import unittest

from program import SOURCE, InFolder

SCENARIO = """\
offcut: 1
stop: {requests: 10}
model: {zoo: lenet5}
tiers:
  device: {profile: lenet5.csv}
  cloud: {is: t4}
network:
  device-cloud: {is: wifi}
plan: {algorithm: device-only, compare: none}
workload: {arrivals: periodic, period: 1 s}
"""
COLUMNS = ("model,batch,threads,layer,operator,follows,feeds,kernel,median_s,spread_s,macs,parameter_bytes,activation_bytes,"
           "input_channels,output_channels,output_places,kernel_size,stride,groups,model_bytes").split(",")


class Profile(InFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "lenet.yaml").write_text(SCENARIO, encoding="utf-8")

    def profile(self, model="zoo:lenet5", out="lenet5.csv", *more):
        """The tests run beside others, so that the layers may not add up as closely as they do on an idle machine."""
        return self.succeed("profile", model, "--out", out, "--rounds", "3", "--tolerance", "1000", *more)

    def rows(self, name="lenet5.csv"):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def seconds(self, name="lenet5.csv", batch="1"):
        return sum(float(row["median_s"]) for row in self.rows(name) if row["batch"] == batch)


class Measures(Profile):
    def test_a_row_for_each_layer_in_network_order(self):
        text = self.profile()
        self.assertIn("fast engine, 1 thread; median of 3 rounds\n", text)
        self.assertRegex(text, r"(?m)^model +batch +layers' sum +whole run +difference$")
        self.assertRegex(text, r"(?m)^lenet5 +1 .* [-+]\d+\.\d %$")
        rows = self.rows()
        self.assertEqual(list(rows[0]), COLUMNS)
        self.assertEqual([row["layer"] for row in rows][:4], ["conv1", "tanh1", "pool1", "conv2"])
        self.assertEqual(len(rows), 13)
        self.assertEqual({(row["model"], row["batch"], row["threads"]) for row in rows}, {("lenet5", "1", "1")})
        self.assertGreater(self.seconds(), 0)

    def test_batches_threads_engines(self):
        self.profile("zoo:lenet5", "batches.csv", "--batch", "1,4", "--engine", "reference")
        rows = self.rows("batches.csv")
        self.assertEqual([row["batch"] for row in rows], ["1"] * 13 + ["4"] * 13)
        self.assertEqual({row["kernel"] for row in rows} - {""}, {"reference"})
        for one, four in zip(rows[:13], rows[13:]):
            self.assertEqual(4 * float(one["macs"]), float(four["macs"]))

    def test_a_pause_before_each_run(self):
        start = time.monotonic()
        self.profile("zoo:mlp-s1", "paused.csv", "--pause", "50 ms")
        self.assertGreaterEqual(time.monotonic() - start, 3 * 2 * 0.05)

    def test_models_that_do_not_add_up_are_left_out(self):
        """No layers add up to a billionth."""
        refused = self.refuse("profile", "zoo:lenet5", "--out", "none.csv", "--rounds", "1", "--tolerance", "1e-7")
        self.assertRegex(refused, r"^zoo:lenet5: error: batch 1: the layers add up to .*, but the whole run takes .*: this machine is too busy")
        self.assertFalse((self.folder / "none.csv").exists())

    def test_several_models_in_one_file(self):
        text = self.profile("zoo:lenet5", "both.csv", "zoo:mlp-s1", "--batch", "1,2")
        self.assertNotIn("slowest", text)
        rows = self.rows("both.csv")
        self.assertEqual([key for key, _ in itertools.groupby(rows, lambda row: (row["model"], row["batch"]))],
                         [("lenet5", "1"), ("lenet5", "2"), ("mlp-s1", "1"), ("mlp-s1", "2")])
        self.assertEqual(self.refuse("profile", "zoo:lenet5", "zoo:lenet5", "--out", "x.csv"),
                         "zoo:lenet5: error: has the name 'lenet5', as zoo:lenet5 has: a profile could not tell them apart\n")
        self.assertEqual(self.refuse("profile", "zoo:lenet5", "zoo:mlp-s1", "--from", "x.json", "--out", "x.csv"),
                         "--from: error: is the profile of one model, but 2 are given\n")

    def test_the_profile_of_a_part_is_refused(self):
        """Its other layers would cost nothing, and every plan would put them where they are free."""
        whole = json.loads((SOURCE / "tests/models/cost/data/lenet5_onnxruntime.json").read_text(encoding="utf-8"))
        (self.folder / "whole.json").write_text(json.dumps(whole), encoding="utf-8")
        self.succeed("profile", "zoo:lenet5", "--from", "whole.json", "--out", "whole.csv")
        spreads = {row["layer"]: float(row["spread_s"]) for row in self.rows("whole.csv")}
        self.assertAlmostEqual(spreads["conv1"], 2.5e-6, 12)
        part = [event for event in whole if not event["name"].startswith(("fc5", "tanh1"))]
        (self.folder / "part.json").write_text(json.dumps(part), encoding="utf-8")
        self.assertEqual(self.refuse("profile", "zoo:lenet5", "--from", "part.json", "--out", "part.csv"),
                         "part.json: error: no entry for 2 layers of lenet5 with multiply-accumulates: 'conv1', 'fc5'; "
                         "the profile must be one of the whole model\n")
        self.assertFalse((self.folder / "part.csv").exists())

    def test_onnx_files_too(self):
        self.profile(SOURCE / "models/data/digits/digits_cnn.onnx", "digits.csv")
        self.assertEqual(len(self.rows("digits.csv")), 25)


class InScenarios(Profile):
    def test_the_whole_model_takes_the_measured_time(self):
        self.profile()
        self.succeed("run", "lenet.yaml", "--out", "results")
        with open(self.folder / "results/summary.csv", encoding="utf-8", newline="") as file:
            latency = float(next(csv.DictReader(file))["latency_mean_s"])
        self.assertAlmostEqual(latency / self.seconds(), 1, 9)
        resolved = (self.folder / "results/resolved.yaml").read_text(encoding="utf-8")
        self.assertIn("profile: ../lenet5.csv\n", resolved)
        self.assertNotIn(str(self.folder), resolved)
        self.succeed("run", "results/resolved.yaml", "--out", "again")
        self.assertEqual((self.folder / "again/requests.csv").read_bytes(), (self.folder / "results/requests.csv").read_bytes())

    def test_a_profile_of_another_network(self):
        self.profile("zoo:mlp-s1", "lenet5.csv")
        self.assertRegex(self.refuse("plan", "lenet.yaml"),
                         r"^lenet.yaml:5:21: error: tiers.device.profile: lenet5.csv has no time for \d+ of the 13 layers "
                         r"of lenet5: 'conv1'")

    def test_invalid_tiers(self):
        self.profile()
        for tier, message in [
            ("{profile: lenet6.csv}", "5:21: error: tiers.device.profile: there is no file 'lenet6.csv'"),
            ("{profile: lenet5.csv, is: t4}", "5:21: error: tiers.device.profile: give one of 'is', 'profile' and 'fitted'"),
            ("{profile: lenet.yaml}", "lenet.yaml:1:1: error: unknown column"),
            ("{profil: lenet5.csv}", "bad.yaml:5:12: error: unknown key 'tiers.device.profil'; did you mean 'profile'?\n"),
            ("{profile: [lenet5.csv]}", "5:21: error: tiers.device.profile: expected"),
        ]:
            text = SCENARIO.replace("{profile: lenet5.csv}", tier)
            (self.folder / "bad.yaml").write_text(text, encoding="utf-8")
            self.assertIn(message, self.refuse("plan", "bad.yaml"), tier)


class Refusals(Profile):
    def test_options(self):
        model = ["profile", "zoo:lenet5", "--out", "x.csv"]
        for more, message in [
            (["--batch", "0"], "--batch: error: expected whole numbers from 1 to 4096, separated by commas, got '0'\n"),
            (["--batch", "2,"], "--batch: error: expected whole numbers from 1 to 4096, separated by commas, got ''\n"),
            (["--batch", "2,2"], "--batch: error: 2 is given twice\n"),
            (["--engine", "fats"], "--engine: error: there is no 'fats'; did you mean 'fast'?\n"),
            (["--threads", "0"], "--threads: error: expected 1 to 1024, got 0\n"),
            (["--rounds", "0"], "--rounds: error: expected 1 to 100000, got 0\n"),
            (["--tolerance", "0"], "--tolerance: error: expected above 0 and at most 1000, got 0\n"),
            (["--pause", "61 s"], "--pause: error: expected a time from 0 s to 60 s, got '61 s'\n"),
            (["--pause", "1 MB"], "--pause: error: expected a time such as '20 ms', got '1 MB'; valid: s, ms, us, ns, min, h, d\n"),
            (["--threads", "2", "--engine", "reference"],
             "--threads: error: the reference engine has one thread; use --engine fast\n"),
        ]:
            self.assertEqual(self.refuse(*model, *more), message)

    def test_models_and_files(self):
        self.assertEqual(self.refuse("profile", "zoo:lenet6", "--out", "x.csv"),
                         "zoo:lenet6: error: unknown network 'lenet6'; did you mean 'lenet5'?\n")
        self.assertIn("is a layer table, which has no math", self.refuse("profile", "layers.csv", "--out", "x.csv"))
        self.assertIn("there is no folder 'no/such'", self.refuse("profile", "zoo:lenet5", "--out", "no/such/x.csv"))
        self.assertIn("is a directory", self.refuse("profile", "zoo:lenet5", "--out", "."))
        self.assertRegex(self.refuse("profile", "zoo:bert-base", "--batch", "2", "--out", "x.csv"),
                         r"^--batch 2: error: bert-base can't run in batches: layer 'layer1_attention_query_split'")

    def test_help_has_an_example(self):
        self.assertTrue(re.search(r"Example: offcut profile zoo:resnet50 --out", self.succeed("profile", "--help")))


if __name__ == "__main__":
    unittest.main()
