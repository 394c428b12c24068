#!/usr/bin/python3
"""What the predictions of a run rest on: in its notes, in summary.csv and in resolved.yaml."""
import csv
import re
import statistics
import unittest

from program import SOURCE, InFolder

SCENARIO = """\
offcut: 1
stop: {requests: 10}
model: {zoo: mlp-s1}
tiers:
  device: {is: raspberry-pi-4b}
  edge: {profile: profile.csv}
  cloud: {is: a40}
network:
  device-edge: {is: wifi}
  edge-cloud: {is: wan-100m}
plan: {algorithm: device-only, compare: none}
workload: {arrivals: periodic, period: 1 s}
"""
PROFILE = "layer,median_s\nfc1,1e-6\ntanh1,0\nfc2,1e-6\nsigmoid2,0\n"
FITTED = "offcut-device: 1\nerrors: {median-model: 0.0834, median-layer: 0.2}\nkinds:\n  any with arithmetic: {samples: 8, line: [1e-6, 0, 0, 0, 0], trees: ['1']}\n"


class BasisOfPredictions(InFolder):
    def setUp(self):
        super().setUp()
        for name, text in (("basis.yaml", SCENARIO), ("profile.csv", PROFILE), ("fitted.yaml", FITTED)):
            (self.folder / name).write_text(text, encoding="utf-8")

    def bases(self, *settings, scenario="basis.yaml"):
        """Returns the bases of the tiers and of the links, once the run and that of its resolved.yaml agree on them."""
        words = [word for setting in settings for word in ("--set", setting)]
        text = " ".join(self.succeed("run", scenario, "--out", "out", *words).split())
        again = " ".join(self.succeed("run", "out/resolved.yaml", "--out", "again").split())
        for name in ("summary.csv", "resolved.yaml"):
            self.assertEqual((self.folder / "out" / name).read_bytes(), (self.folder / "again" / name).read_bytes())
        with open(self.folder / "out/summary.csv", newline="", encoding="utf-8") as file:
            row = next(csv.DictReader(file))
        for printed in (text, again):
            self.assertIn(f"basis of predictions: {row['tier_basis']}; {row['link_basis']} ", printed)
        return row["tier_basis"], row["link_basis"]

    def test_each_kind_of_tier_and_link(self):
        tiers, links = self.bases()
        # The left-out error of the Raspberry Pi is the median of its networks in docs/devices.md.
        self.assertRegex(tiers, r"^device: fitted \(left-out error [\d.]+ %\); edge: measured; cloud: datasheet \(47 % in the median\)$")
        self.assertEqual(links, "device-edge: published; edge-cloud: assumed")
        resolved = (self.folder / "out/resolved.yaml").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"basis: (\w+)", resolved), ["fitted", "measured", "datasheet", "published", "assumed"])

    def test_the_columns_stand_together(self):
        self.bases()
        header = (self.folder / "out/summary.csv").read_text(encoding="utf-8").split("\n", 1)[0]
        self.assertIn(",tier_basis,link_basis,", header)

    def test_a_fitted_device_has_the_error_of_its_file(self):
        tiers, _ = self.bases("tiers.edge={fitted: fitted.yaml}")
        self.assertIn("edge: fitted (left-out error 8.3 %)", tiers)
        (self.folder / "fitted.yaml").write_text(FITTED.replace("errors: {median-model: 0.0834, median-layer: 0.2}\n", ""),
                                                 encoding="utf-8")
        self.assertIn("edge: fitted (error unknown)", self.bases("tiers.edge={fitted: fitted.yaml}")[0])

    def test_changed_figures_are_no_longer_those_of_the_fit(self):
        self.assertIn("device: datasheet", self.bases("tiers.device.peak=90 GFLOP/s")[0])
        self.assertIn("device: fitted", self.bases("tiers.device.memory=2 GB")[0])
        self.assertIn("device: fitted (left-out error 12 %)",
                      self.bases("tiers.device.peak=90 GFLOP/s", "tiers.device.calibration={models: 3, median-error: 12 %}")[0])
        self.assertIn("device-edge: assumed", self.bases("network.device-edge.up=5 Mbit/s")[1])

    def test_each_runtime_states_its_own_error(self):
        found = {self.bases("tiers.cloud={is: h100, precision: %s, runtime: %s}" % (precision, runtime))[0].rpartition("cloud: ")[2]
                 for precision in ("fp32", "fp16") for runtime in ("graph", "eager")}
        for text in found:
            self.assertRegex(text, r"^fitted \(left-out error [\d.]+ %\)$")
        listed = self.succeed("list", "devices")
        for precision in ("fp32", "fp16"):
            self.assertEqual(len(re.findall(rf"^h100 +(?:graph|eager) +{precision} +9 models, \d+ % to \d+ %", listed, re.MULTILINE)), 2)

    def test_a_processor_in_int8(self):
        """A run takes the latency of the fit and the conversion of the image, and states the error of the fit."""
        with open(SOURCE / "scenarios/catalogue/predicted_int8.csv", newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["device"] == "raspberry-pi-4b"]
        errors = [abs(float(row["left_out_s"]) / float(row["measured_s"]) - 1) for row in rows]
        expected = next(float(row["predicted_s"]) for row in rows if row["model"] == "mobilenet-v1")
        latencies = []
        for device in ("{is: raspberry-pi-4b, precision: int8}", "{is: raspberry-pi-4b}"):
            tiers, _ = self.bases(f"tiers.device={device}", "tiers.edge={is: a40}", "model={zoo: mobilenet-v1}")
            if not latencies:
                self.assertIn(f"device: fitted (left-out error {100 * statistics.median(errors):.2g} %)", tiers)
            with open(self.folder / "out/summary.csv", newline="", encoding="utf-8") as file:
                latencies.append(float(next(csv.DictReader(file))["latency_mean_s"]))
        self.assertTrue(1 <= latencies[0] / expected < 1.01)
        self.assertGreater(latencies[1], 1.4 * latencies[0])
        self.assertIn("unknown precision 'int9'; did you mean 'int8'?",
                      self.refuse("run", "basis.yaml", "--set", "tiers.device.precision=int9"))

    def test_the_user_can_say_that_a_link_was_measured(self):
        _, links = self.bases("network.device-edge={up: 5 Mbit/s, down: 5 Mbit/s, latency: 1 ms, basis: measured}")
        self.assertEqual(links, "device-edge: measured; edge-cloud: assumed")
        self.assertIn("unknown basis 'measurd'; did you mean 'measured'?",
                      self.refuse("run", "basis.yaml", "--set", "network.device-edge.basis=measurd"))
        self.assertIn("unknown basis 'published'", self.refuse("run", "basis.yaml", "--set", "tiers.device.basis=published"))

    def test_a_layer_table_is_a_measurement(self):
        self.assertEqual(self.bases(scenario="small.yaml"), ("device: measured; cloud: measured", "device-cloud: assumed"))


if __name__ == "__main__":
    unittest.main()
