#!/usr/bin/python3
"""offcut fit --latencies: a device from latencies of whole networks."""
import csv
import re
import unittest

from program import SOURCE, InFolder

SCENARIO = """\
offcut: 1
stop: {requests: 10}
model: {zoo: NETWORK}
devices: mine.yaml
tiers: {device: {is: mine}}
plan: {algorithm: device-only, compare: none}
workload: {arrivals: periodic, period: 100 s}
"""
HEADER = "network,batch,precision,latency_s\n"


def measured(device):
    """Returns the catalogue's measurements of a device: network, batch, seconds."""
    with open(SOURCE / "scenarios/catalogue/measured.csv", newline="", encoding="utf-8") as file:
        return [(row["model"], int(row["batch"]), float(row["latency_ms"]) / 1e3) for row in csv.DictReader(file)
                if row["device"] == device]


class FitToLatencies(InFolder):
    def write(self, rows, precision="fp32", name="mine.csv"):
        lines = "".join(f"{network},{batch},{precision},{seconds!r}\n" for network, batch, seconds in rows)
        (self.folder / name).write_text(HEADER + lines, encoding="utf-8")

    def fit(self, *options):
        return " ".join(self.succeed("fit", "--latencies", "mine.csv", "--out", "mine.yaml", *options).split())

    def predicted(self, network):
        """Returns the seconds that a run takes for a network on the fitted device."""
        (self.folder / "run.yaml").write_text(SCENARIO.replace("NETWORK", network), encoding="utf-8")
        text = self.succeed("run", "run.yaml", "--out", "out")
        with open(self.folder / "out/summary.csv", newline="", encoding="utf-8") as file:
            row = next(csv.DictReader(file))
        self.assertIn("basis of predictions: device: fitted (left-out error ", text)
        return float(row["device_compute_mean_s"])

    def test_a_measured_board_is_found_again(self):
        """The published latencies of a Raspberry Pi 4: the fit comes near those that it knows and those that it doesn't."""
        rows = measured("raspberry-pi-4b")
        self.write(rows)
        text = self.fit("--like", "cpu")
        self.assertIn(f"mine: {len(rows)} latencies of {len(rows)} networks in fp32, with the ", text)
        errors = [abs(float(error)) for error in re.findall(r"([-+]\d+\.\d) %", text)]
        self.assertEqual(len(errors), len(rows))
        median = float(re.search(r"median absolute error: (\d+\.\d) %", text).group(1))
        middle = sorted(errors)[len(errors) // 2 - 1:][:2] if len(errors) % 2 == 0 else [sorted(errors)[len(errors) // 2]]
        self.assertAlmostEqual(median, sum(middle) / len(middle), delta=0.11)
        self.assertLess(median, 35)
        for network, _, seconds in rows:
            self.assertLess(abs(self.predicted(network) / seconds - 1), 0.6, network)

    def test_figures_that_made_the_latencies_come_back(self):
        """Latencies that follow the model exactly, twice those of a device of the catalogue, come back within a few percent also
        for a network that was not measured: the simulator's own run is the measurement."""
        networks = ("alexnet", "squeezenet", "mobilenet-v1", "resnet50", "vgg16")
        seconds = {}
        for network in (*networks, "googlenet"):
            (self.folder / "true.yaml").write_text(
                SCENARIO.replace("NETWORK", network).replace("devices: mine.yaml\n", "").replace("is: mine", "is: jetson-nano"),
                encoding="utf-8")
            self.succeed("run", "true.yaml", "--out", "true")
            with open(self.folder / "true/summary.csv", newline="", encoding="utf-8") as file:
                seconds[network] = float(next(csv.DictReader(file))["device_compute_mean_s"])
        self.write([(network, 1, 2 * seconds[network]) for network in networks])
        self.fit("--like", "gpu")
        for network, true in seconds.items():
            self.assertAlmostEqual(self.predicted(network) / (2 * true), 1, delta=0.15, msg=network)

    def test_batches_and_precisions(self):
        """Each precision is a device of its own."""
        rows = [(network, batch, seconds) for network, batch, seconds in measured("v100") if batch in (1, 8, 64)]
        self.write(rows)
        with open(self.folder / "mine.csv", "a", encoding="utf-8") as file:
            file.write("".join(f"{network},{batch},fp16,{seconds / 2!r}\n" for network, batch, seconds in rows))
        text = self.fit()
        self.assertIn("mine-fp16: 3 latencies of 1 network in fp16", text)
        self.assertIn("mine-fp32: 3 latencies of 1 network in fp32", text)
        self.assertEqual(text.count("one network alone: the error for others is unknown"), 2)
        device = (self.folder / "mine.yaml").read_text(encoding="utf-8")
        self.assertEqual(device.count("launch:"), 2)

    def test_work_outside_the_range_of_the_fit_is_noted(self):
        """The fit says to which work it applies; a run says when it goes beyond, also from its resolved.yaml."""
        light = ("squeezenet", "mobilenet-v1", "mobilenet-v2", "resnet18")
        self.write([row for row in measured("raspberry-pi-4b") if row[0] in light])
        text = self.fit("--like", "cpu")
        self.assertIn("warning: fitted to networks of 301 to 1827 M MACs, in a batch of 1 alone.", text)
        self.assertRegex(text, r"resnet18 [^%]* % +heavier than the others")
        self.assertRegex(text, r"mobilenet-v2 [^%]* % +lighter than the others")
        self.predicted("resnet18")
        notes = [" ".join(self.succeed("run", "run.yaml", "--out", "out").split())]
        self.assertNotIn("extrapolated", notes[0])
        self.predicted("vgg16")
        self.assertIn("the times of vgg16 on device are extrapolated: its 15470 M MACs lie outside the 301 to 1827 M of the "
                      "networks to which 'mine' is fitted", " ".join(self.succeed("run", "run.yaml", "--out", "out").split()))
        self.assertIn("the times of vgg16 on device are extrapolated",
                      " ".join(self.succeed("run", "out/resolved.yaml", "--out", "again").split()))

    def test_numbers_have_no_noise(self):
        self.write(measured("raspberry-pi-5")[:4])
        self.fit()
        for number in re.findall(r"[\d.]+(?:e-?\d+)?", (self.folder / "mine.yaml").read_text(encoding="utf-8")):
            self.assertLessEqual(len(number.partition("e")[0].strip("0.").replace(".", "")), 12 if "." not in number else 7, number)

    def test_the_same_latencies_give_the_same_bytes(self):
        self.write(measured("raspberry-pi-5")[:4])
        self.fit()
        first = (self.folder / "mine.yaml").read_bytes()
        self.fit()
        self.assertEqual((self.folder / "mine.yaml").read_bytes(), first)

    def test_all_errors_with_their_places(self):
        (self.folder / "mine.csv").write_text(HEADER + "resnet5O,1,fp32,0.1\nalexnet,0,fp32,0.1\nalexnet,1,fp31,-1\nvgg16\n"
                                              "alexnet,1,fp32,1\nalexnet,1,fp32,2\n,1,fp32,1\n", encoding="utf-8")
        self.assertEqual(self.refuse("fit", "--latencies", "mine.csv", "--out", "mine.yaml"),
                         "mine.csv:3:9: error: batch: expected a whole number from 1 to 65536, got '0'\n"
                         "mine.csv:4:11: error: unknown precision 'fp31'; did you mean 'fp32'?\n"
                         "mine.csv:4:16: error: latency_s: expected a number from 1e-09 to 1000000, got '-1'\n"
                         "mine.csv:5:1: error: 1 fields, expected 4\n"
                         "mine.csv:7:1: error: 'alexnet' at batch 1 in fp32 stands in line 6, too\n"
                         "mine.csv:8:1: error: the network has no name\n")
        (self.folder / "mine.csv").write_text(HEADER + "resnet5O,1,fp32,0.1\nalexnet,1,fp32,0.1\nzoo:vgg61,1,fp32,1\n"
                                              "none.onnx,1,fp32,1\n", encoding="utf-8")
        self.assertEqual(self.refuse("fit", "--latencies", "mine.csv", "--out", "mine.yaml"),
                         "mine.csv:2:1: error: unknown network 'resnet5O'; did you mean 'resnet50'?\n"
                         "mine.csv:4:1: error: unknown network 'zoo:vgg61'; did you mean 'vgg16'?\n"
                         "mine.csv:5:1: error: none.onnx: does not exist; expected zoo:NAME, an ONNX file or a layer table (.csv)\n")
        (self.folder / "mine.csv").write_text("network,latency_ms\nalexnet,1\n", encoding="utf-8")
        self.assertIn("mine.csv:1:9: error: unknown column 'latency_ms'; did you mean 'latency_s', with values in s?",
                      self.refuse("fit", "--latencies", "mine.csv", "--out", "mine.yaml"))
        (self.folder / "mine.csv").write_text(HEADER, encoding="utf-8")
        self.assertEqual(self.refuse("fit", "--latencies", "mine.csv", "--out", "mine.yaml"),
                         "mine.csv: error: contains no latencies\n")

    def test_refusals_of_options(self):
        self.write([("alexnet", 1, 0.1)])
        self.assertIn("--like: error: unknown family or fitted device 'cpuu'; did you mean 'cpu'?",
                      self.refuse("fit", "--latencies", "mine.csv", "--like", "cpuu", "--out", "mine.yaml"))
        self.assertRegex(self.refuse("fit", "--latencies", "mine.csv", "--like", "h100", "--out", "mine.yaml"),
                         r"--like: error: 'h100' belongs to no family: .*; expected a family or one of its devices: "
                         r"'caffe' \(3 devices such as jetson-tk1\), 'cpu' ")
        self.assertIn("expected files of offcut profile, or --latencies FILE", self.refuse("fit", "--out", "mine.yaml"))
        catalogue = SOURCE / "scenarios/catalogue/mine.yaml"
        self.assertIn("is in the catalogue's folder", self.refuse("fit", "--latencies", "mine.csv", "--out", catalogue))
        self.assertFalse(catalogue.exists())
        self.refuse("fit", "--latencies", "mine.csv", "--out", "mine.csv")
        self.assertIn("--bind: error: needs --latencies", self.refuse("fit", "mine.csv", "--bind", "batch=1", "--out", "mine.yaml"))

    def test_dimensions_are_bound(self):
        self.succeed("export", "zoo:lenet5", "--out", "lenet5.onnx")
        self.write([("alexnet", 1, 0.1), ("lenet5.onnx", 1, 0.1)])
        self.assertEqual(self.refuse("fit", "--latencies", "mine.csv", "--bind", "nothing=3", "--out", "mine.yaml"),
                         "mine.csv:3:1: error: lenet5.onnx: no input has a dimension 'nothing' to bind\n")

    def test_help_has_an_example(self):
        self.assertIn("offcut fit --latencies mine.csv --out mine.yaml", self.succeed("fit", "--help"))


if __name__ == "__main__":
    unittest.main()
