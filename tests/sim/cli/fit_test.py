#!/usr/bin/python3
"""offcut fit, and scenarios with a fitted device. Its errors depend on the machine and are not checked."""
import re
import unittest

from program import InFolder

SCENARIO = """\
offcut: 1
stop: {requests: 10}
model: {zoo: lenet-s4}
tiers:
  device: {fitted: device.yaml}
  cloud: {is: t4}
network:
  device-cloud: {is: wifi}
plan: {algorithm: device-only, compare: none}
workload: {arrivals: periodic, period: 1 s}
"""
HEADER = "model,layer,operator,median_s,macs,activation_bytes\n"


class Fit(InFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "fitted.yaml").write_text(SCENARIO, encoding="utf-8")
        for model in ["lenet5", "mlp-s3"]:
            self.succeed("profile", f"zoo:{model}", "--rounds", "2", "--tolerance", "1000", "--out", f"{model}.csv")

    def test_a_device_from_two_models_serves_a_third(self):
        text = self.succeed("fit", "lenet5.csv", "mlp-s3.csv", "--out", "device.yaml")
        self.assertRegex(text, r"fitted to \d+ layers of 2 models, 1 thread\n")
        self.assertRegex(text, r"(?m)^mlp-s3 +1 +\S+ \S+ +\S+ \S+ +[-+]\d+\.\d %$")
        self.assertRegex(text, r"median absolute error: \d+\.\d % of whole models, \d+\.\d % of layers")
        device = (self.folder / "device.yaml").read_text(encoding="utf-8")
        self.assertIn("leave-one-out", device)
        self.assertIn("median-model", device)
        plan = self.succeed("plan", "fitted.yaml")
        self.assertRegex(plan, r"(?m)^device-only +\d")
        self.succeed("run", "fitted.yaml", "--out", "results")
        self.succeed("run", "results/resolved.yaml", "--out", "again")
        self.assertEqual((self.folder / "again/requests.csv").read_bytes(), (self.folder / "results/requests.csv").read_bytes())

    def test_the_same_profiles_give_the_same_bytes(self):
        for name in ["a.yaml", "b.yaml"]:
            self.succeed("fit", "lenet5.csv", "mlp-s3.csv", "--out", name)
        self.assertEqual((self.folder / "a.yaml").read_bytes(), (self.folder / "b.yaml").read_bytes())

    def test_refusals(self):
        (self.folder / "bare.csv").write_text("layer,median_s\na,1\n", encoding="utf-8")
        (self.folder / "zero.csv").write_text(HEADER + "m,a,Relu,0,0,1\nn,a,Relu,1,0,1\n", encoding="utf-8")
        for files, message in [
            (["lenet5.csv"], "lenet5.csv: error: holds one model; expected at least two"),
            (["lenet5.csv", "lenet5.csv"], "is in an earlier file, too"),
            (["lenet5.csv", "none.csv"], "none.csv: error: does not exist"),
            (["lenet5.csv", "bare.csv"], "bare.csv:2:1: error: layer 'a' has no model"),
            (["zero.csv"], "zero.csv: error: m takes no time at all"),
            (["lenet5.csv", "fitted.yaml"], "fitted.yaml:1:1: error: unknown column"),
        ]:
            self.assertIn(message, self.refuse("fit", *files, "--out", "x.yaml"), files)

    def test_broken_devices(self):
        good = "offcut-device: 1\nkinds:\n  any: {samples: 3, line: [1e-6, 0, 0, 0, 0], trees: ['0<5:1:2 0.1 0.2']}\n" \
               "  any with arithmetic: {samples: 3, line: [2e-6, 0, 0, 0, 0], trees: ['1']}\n"
        (self.folder / "device.yaml").write_text(good, encoding="utf-8")
        self.succeed("plan", "fitted.yaml")
        for old, new, message in [
            ("1e-6, 0", "1e-6, -1", "device.yaml:3:27: error: kinds.any.line: expected a list of 5 numbers of at least 0"),
            ("1:2 0.1", "0:2 0.1", "device.yaml:3:55: error: is not a tree"),
            ("0<5", "18<5", "device.yaml:3:55: error: is not a tree"),
            (" 0.2", "", "device.yaml:3:55: error: is not a tree"),
            ("samples: 3", "sample: 3", "did you mean 'samples'?"),
            ("offcut-device: 1", "offcut-device: 2", "device.yaml:1:16: error: offcut-device"),
        ]:
            (self.folder / "device.yaml").write_text(good.replace(old, new), encoding="utf-8")
            self.assertIn(message, self.refuse("plan", "fitted.yaml"), new)
        (self.folder / "both.yaml").write_text(SCENARIO.replace("{fitted:", "{is: t4, fitted:"), encoding="utf-8")
        self.assertIn("give one of 'is', 'profile' and 'fitted'", self.refuse("plan", "both.yaml"))

    def test_help_has_an_example(self):
        self.assertTrue(re.search("Example: offcut fit device.csv", self.succeed("fit", "--help")))


if __name__ == "__main__":
    unittest.main()
