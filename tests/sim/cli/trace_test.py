#!/usr/bin/python3
"""Arrivals from a file: columns of other logs, times since 1970, and classes by row."""
import csv
import unittest

from program import InFolder


class Trace(InFolder):
    def write(self, text):
        (self.folder / "trace.csv").write_text(text, encoding="utf-8")

    def arrivals(self, workload):
        """Returns the arrivals of a run, as pairs of class and time, in order."""
        self.succeed("run", "small.yaml", "--set", f"workload={workload}", "--out", "out")
        with open(self.folder / "out/requests.csv", encoding="utf-8", newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: int(row["request"]))
        return [(row["class"], int(row["device"]), float(row["arrival_s"])) for row in rows]

    def test_further_columns(self):
        self.write("time_s,device,tokens\n0.5,0,100\n1.5,1,50\n")
        self.assertEqual(self.arrivals("{arrivals: trace, file: trace.csv}"), [("all", 0, 0.5), ("all", 1, 1.5)])

    def test_epoch_times(self):
        self.write("time_s\n1764288000.25\n1764288001.5\n")
        single = "tiers.device.count=1"
        self.succeed("run", "small.yaml", "--set", single, "--set", "workload={arrivals: trace, file: trace.csv}", "--out", "a")
        self.succeed("run", "small.yaml", "--set", single, "--set",
                     "workload={arrivals: trace, file: trace.csv, origin: 1764288000 s}", "--out", "b")
        for name, times in [("a", ["0", "1.25"]), ("b", ["0.25", "1.5"])]:
            with open(self.folder / name / "requests.csv", encoding="utf-8", newline="") as file:
                self.assertEqual([row["arrival_s"] for row in csv.DictReader(file)], times)
        self.assertIn("workload.arrivals: origin: expected a time",
                      self.refuse("run", "small.yaml", "--set", "workload={arrivals: trace, file: trace.csv, origin: soon}"))

    def test_classes(self):
        self.write("time_s,device,class\n0.1,0,a\n0.2,1,b\n")
        both = "{classes: {a: {arrivals: trace, file: trace.csv}, b: {arrivals: trace, file: trace.csv, priority: 1}}}"
        self.assertEqual(self.arrivals(both), [("a", 0, 0.1), ("b", 1, 0.2)])
        self.assertEqual(self.arrivals("{arrivals: trace, file: trace.csv}"), [("all", 0, 0.1), ("all", 1, 0.2)])
        self.assertEqual(self.arrivals("{arrivals: trace, file: trace.csv, class: b}"), [("all", 1, 0.2)])
        renamed = "{classes: {fast: {arrivals: trace, file: trace.csv, class: a}, b: {arrivals: trace, file: trace.csv}}}"
        self.assertEqual(self.arrivals(renamed), [("fast", 0, 0.1), ("b", 1, 0.2)])

    def test_the_size_of_a_message(self):
        self.write("time_s,device,bytes\n1,0,5000\n2,1,\n3,0,250\n")
        self.succeed("run", "small.yaml", "--set", "workload={arrivals: trace, file: trace.csv}", "--out", "out")
        with open(self.folder / "out/requests.csv", encoding="utf-8", newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: int(row["request"]))
        self.assertEqual([row["upload_bytes"] for row in rows], ["5000", "1000", "250"])
        for row, size in zip(rows, [5000, 1000, 250]):  # 1 Mbit/s and 10 ms, there and back; 10 B of answer; 2 ms.
            self.assertAlmostEqual(float(row["latency_s"]), size * 8e-6 + 0.01 + 0.002 + 80e-6 + 0.01, 12)

    def test_a_tier_without_layers_relays_the_message_or_its_packets(self):
        self.write("time_s,bytes\n1,5000\n")
        # 5000 B at 1 Mbit/s on one hop or both, or at once; or the 100 B that conv1 makes on the second.
        for forwarding, after, sent, answers in [("messages", "input input", 10000, 2), ("packets", "input input", 5000, 1),
                                                 ("messages", "input conv1", 5100, 2), ("packets", "input conv1", 5100, 2)]:
            algorithm = f"{{algorithm: fixed, after: '{after}'"
            self.succeed("run", "small.yaml", "--set", "tiers={device: {is: 'column:phone'}, edge: {is: 'column:server', forwarding: "
                         f"{forwarding}}}, cloud: {{is: 'column:server'}}}}", "--set", "network={device-edge: {up: 1 Mbit/s, down: 1 Gbit/s, latency: 0 s}, edge-cloud: {up: "
                         "1 Mbit/s, down: 1 Gbit/s, latency: 0 s}}", "--set", f"plan={algorithm}, compare: none}}", "--set",
                         "workload={arrivals: trace, file: trace.csv}", "--out", "out")
            with open(self.folder / "out/requests.csv", encoding="utf-8", newline="") as file:
                row, = csv.DictReader(file)
            # 2 ms of computing, 10 B of answer.
            self.assertAlmostEqual(float(row["latency_s"]), sent * 8e-6 + 0.002 + answers * 80e-9, 12)

    def test_the_input_of_a_request(self):
        digits = ("model={onnx: models/data/digits/digits_cnn.onnx, math: every, input: {images: "
                  "models/data/digits/test-images.idx3-ubyte.zst, labels: models/data/digits/test-labels.idx1-ubyte.zst}}")
        own = ("tiers={device: {is: raspberry-pi-4b}, cloud: {is: t4}}", "plan={algorithm: fixed, after: relu4, codec: int8+zstd, compare: none}",
               "stop.requests=5", digits, "workload={arrivals: trace, file: trace.csv}")
        settings = [part for change in own for part in ("--set", change)]
        self.write("time_s\n" + "".join(f"{i}\n" for i in range(5)))
        self.succeed("run", "small.yaml", *settings, "--out", "plain")
        self.write("time_s,input\n0,4\n1,2\n2,0\n3,3\n4,1\n")
        self.succeed("run", "small.yaml", *settings, "--out", "named")
        found = []
        for folder in ("plain", "named"):
            with open(self.folder / folder / "requests.csv", encoding="utf-8", newline="") as file:
                found.append([(row["input"], row["label"], row["predicted"], row["upload_bytes"]) for row in csv.DictReader(file)])
        self.assertEqual([row[0] for row in found[0]], list("01234"))
        self.assertEqual(found[1], [found[0][i] for i in (4, 2, 0, 3, 1)])
        self.assertGreater(len({row[3] for row in found[0]}), 1)
        self.write("time_s,input\n0,99999999\n")
        for command in ("run", "validate"):
            self.assertIn("trace.csv:2:3: error: input: 99999999 is not in the data set, whose last input is ",
                          self.refuse(command, "small.yaml", *settings))

    def test_classes_that_do_not_match(self):
        self.write("time_s,class\n0.1,a\n0.2,beta\n")
        for workload, message in [
            ("{classes: {a: {arrivals: trace, file: trace.csv}}}",
             "workload.classes: no class takes the requests of class 'beta' in trace.csv"),
            ("{classes: {a: {arrivals: trace, file: trace.csv}, bta: {arrivals: trace, file: trace.csv}}}",
             "trace.csv: error: has no requests of class 'bta'; did you mean 'beta'?"),
            ("{arrivals: trace, file: trace.csv, class: c}", "trace.csv: error: has no requests of class 'c'"),
        ]:
            self.assertIn(message, self.refuse("run", "small.yaml", "--set", f"workload={workload}"))
        self.write("time_s\n0.1\n")
        self.assertIn("workload.class: the file has no column 'class'",
                      self.refuse("run", "small.yaml", "--set", "workload={arrivals: trace, file: trace.csv, class: a}"))

    def test_devices_of_groups(self):
        """Each class takes the rows of its own groups' devices. Rows that no class takes are an error."""
        self.write("time_s,device\n0.1,0\n0.2,3\n0.3,1\n")
        groups = ("tiers.device={groups: {a: {is: 'column:phone', count: 2}, b: {is: 'column:phone', count: 2}}}",
                  "plan={algorithm: cloud-only, compare: none}")
        settings = [part for change in groups for part in ("--set", change)]
        taken = "workload={classes: {x: {arrivals: trace, file: trace.csv, from: a}, y: {arrivals: trace, file: trace.csv, from: b}}}"
        self.succeed("run", "small.yaml", *settings, "--set", taken, "--out", "out")
        with open(self.folder / "out/requests.csv", encoding="utf-8", newline="") as file:
            self.assertEqual(sorted((row["class"], row["device"]) for row in csv.DictReader(file)), [("x", "0"), ("x", "1"), ("y", "3")])
        left = taken.replace("y: {arrivals: trace, file: trace.csv,", "y: {arrivals: poisson, rate: 1 /s,")
        for command in ("run", "validate"):
            self.assertIn("trace.csv:3:5: error: device: no class takes the requests of device 3",
                          self.refuse(command, "small.yaml", *settings, "--set", left))


if __name__ == "__main__":
    unittest.main()
