#!/usr/bin/python3
"""offcut serve: tiers that run over loopback sockets, what they measure, and errors of the options."""
import csv
import json
import os
import re
import signal
import subprocess
import time
import unittest

from program import PROGRAM, InFolder

SCENARIO = """\
offcut: 1
seed: 3
stop: {requests: 12}
model: {zoo: lenet5}
tiers:
  device: {is: raspberry-pi-4b}
  edge: {is: raspberry-pi-4b}
  cloud: {is: raspberry-pi-4b}
network: {device-edge: {is: wifi}, edge-cloud: {is: wan-100m}}
plan: {algorithm: fixed, after: "pool1, pool2"}
scheduling: {cloud: {queue: sjf}}
workload: {arrivals: poisson, rate: 100 /s}
"""


class Served(InFolder):
    def setUp(self):
        super().setUp()
        self.running = []

    def tearDown(self):
        for process in self.running:
            process.kill()
            process.communicate()
        super().tearDown()

    def start(self, *arguments):
        """Starts a tier that listens, and returns its address."""
        process = subprocess.Popen([PROGRAM, "serve", *map(str, arguments)], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.running.append(process)
        line = process.stdout.readline()
        match = re.search(r"listening on (\S+)$", line)
        self.assertIsNotNone(match, line + (process.stderr.read() if not line else ""))
        return match[1]

    def stop(self, process):
        """Ends a tier as a user does, and returns what it printed last."""
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.running.remove(process)
        self.assertEqual((process.returncode, err), (0, ""))
        return out.splitlines()[-1]

    def rows(self, folder="measured"):
        with open(self.folder / folder / "requests.csv", newline="") as file:
            return list(csv.DictReader(file))

    def check_parts(self, rows):
        for row in rows:
            parts = sum(float(row[name]) for name in ("device_wait_s", "device_compute_s", "upload_wait_s", "upload_s", "server_wait_s",
                                                      "server_compute_s", "download_s", "lost_s"))
            self.assertAlmostEqual(parts, float(row["latency_s"]), places=9)


class TwoTiers(Served):
    def setUp(self):
        super().setUp()
        self.succeed("split", "zoo:lenet5", "--cut", "pool1", "--out", "parts")

    def test_a_closed_loop(self):
        address = self.start("parts/1-cloud.onnx", "--listen", "127.0.0.1:0")
        text = self.succeed("serve", "parts/0-device.onnx", "--to", address, "--load", "closed", "--requests", "20", "--out", "measured")
        self.assertIn("device: 20 answered of 20 requests", text)
        rows = self.rows()
        self.assertEqual([row["outcome"] for row in rows], ["completed"] * 20)
        self.check_parts(rows)
        for row in rows:
            times = [float(row[name]) for name in ("arrival_s", "device.start_s", "device.end_s", "device.sent_s")]
            self.assertEqual(times, sorted(times))
            self.assertGreater(float(row["cloud.compute_s"]), 0)
            self.assertEqual(row["cloud.batch"], "1")
        run = json.loads((self.folder / "measured/measured.json").read_text())
        self.assertEqual([tier["name"] for tier in run["tiers"]], ["device", "cloud"])
        self.assertEqual(run["cuts"][0]["layers"]["device"], ["conv1", "tanh1", "pool1"])
        self.assertEqual(run["counts"]["answered"], 20)
        self.assertLess(abs(run["tiers"][1]["offset_s"]), 0.05)  # Both share a clock.
        self.assertEqual(self.stop(self.running[0]), "cloud: 20 answered of 20 requests")

    def test_a_share_of_the_capacity_and_a_rate(self):
        address = self.start("parts/1-cloud.onnx", "--listen", "127.0.0.1:0")
        for load in ("50%", "200/s"):
            self.succeed("serve", "parts/0-device.onnx", "--to", address, "--load", load, "--requests", "30", "--out", "measured")
            run = json.loads((self.folder / "measured/measured.json").read_text())
            self.assertEqual(run["kind"], "open")
            self.assertGreater(run["rate_per_s"], 0)
            self.assertEqual(len(self.rows()), 30)

    def test_a_token(self):
        address = self.start("parts/1-cloud.onnx", "--listen", "127.0.0.1:0", "--token", "secret")
        device = ("serve", "parts/0-device.onnx", "--to", address, "--load", "closed", "--requests", "3", "--out", "measured")
        self.assertEqual(self.refuse(*device, "--token", "guess"),
                         f"--to: error: {address}: its token is not that of this server (--token)\n")
        self.assertFalse((self.folder / "measured").exists())
        self.succeed(*device, "--token", "secret")

    def test_a_server_that_is_killed_under_load(self):
        address = self.start("parts/1-cloud.onnx", "--listen", "127.0.0.1:0")
        device = subprocess.Popen([PROGRAM, "serve", "parts/0-device.onnx", "--to", address, "--load", "100/s", "--requests", "80",
                                   "--whole", "zoo:lenet5", "--out", "measured"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.running.append(device)
        self.assertEqual(device.stdout.readline(), "device: ready, with cloud after it\n")
        time.sleep(0.3)
        self.running[0].kill()
        out, err = device.communicate(timeout=60)
        self.assertEqual((device.returncode, err), (0, ""))
        rows = self.rows()
        self.assertEqual([row["outcome"] for row in rows], ["completed"] * 80, out)
        self.assertGreater(sum(row["fell_back"] == "1" for row in rows), 0)
        self.assertGreater(sum(row["fell_back"] == "0" for row in rows), 0)
        self.check_parts(rows)


class SeveralCuts(Served):
    def test_a_device_that_chooses_among_two(self):
        for cut in ("pool1", "pool2"):
            self.succeed("split", "zoo:lenet5", "--cut", cut, "--out", cut)
        address = self.start("pool1/1-cloud.onnx", "pool2/1-cloud.onnx", "--listen", "127.0.0.1:0")
        device = ("serve", "pool1/0-device.onnx", "pool2/0-device.onnx", "--to", address, "--load", "closed", "--requests", "20", "--out", "measured")
        self.assertRegex(self.succeed(*device, "--adapt", "ucb:arms=2"), r"switch(es)? to other cuts")
        rows = self.rows()
        self.assertEqual([row["outcome"] for row in rows], ["completed"] * 20)
        self.assertEqual({row["cut"] for row in rows}, {"0", "1"})  # A learning policy tries each.
        self.succeed(*device, "--adapt", "static")
        self.assertEqual({row["cut"] for row in self.rows()}, {"0"})
        self.assertEqual(self.refuse(*device, "--adapt", "oracle"),
                         "--adapt: error: a real device does not know the truth; expected another policy than 'oracle'\n")
        self.assertEqual(self.refuse(*device, "--adapt", "static", "--estimator", "ewmaa").splitlines()[0][:41], "--estimator: error: there is no bandwidth")

    def test_a_device_of_a_scenario_with_a_further_cut(self):
        (self.folder / "s.yaml").write_text(SCENARIO + "adapt: {policy: per-request}\n")
        cloud = self.start("s.yaml", "--tier", "cloud", "--cut", "conv1,conv2", "--listen", "127.0.0.1:0")
        edge = self.start("s.yaml", "--tier", "edge", "--cut", "conv1,conv2", "--listen", "127.0.0.1:0", "--to", cloud)
        self.succeed("serve", "s.yaml", "--tier", "device", "--cut", "conv1,conv2", "--to", edge, "--out", "measured")
        self.assertEqual([row["outcome"] for row in self.rows()], ["completed"] * 12)


class OfAScenario(Served):
    def test_three_tiers(self):
        (self.folder / "s.yaml").write_text(SCENARIO)
        cloud = self.start("s.yaml", "--tier", "cloud", "--listen", "127.0.0.1:0")
        edge = self.start("s.yaml", "--tier", "edge", "--listen", "127.0.0.1:0", "--to", cloud)
        self.succeed("serve", "s.yaml", "--tier", "device", "--to", edge, "--out", "measured")
        rows = self.rows()
        self.assertEqual([row["outcome"] for row in rows], ["completed"] * 12)
        self.check_parts(rows)
        for row in rows:
            self.assertGreater(float(row["edge.compute_s"]), 0)
            self.assertGreater(float(row["cloud.compute_s"]), 0)
            self.assertGreaterEqual(float(row["device-edge.up_s"]), 0)


class Options(Served):
    def test_errors_of_options_come_together(self):
        self.assertEqual(self.refuse("serve", "zoo:lenet5", "--listen", "0.0.0.0:7000", "--load", "often", "--seed", "x", "--out", "m").splitlines(), [
            "--listen: error: others can reach 0.0.0.0:7000: expected a --token, or a loopback address such as 127.0.0.1:7000",
            "--seed: error: expected a whole number, got 'x'",
            "--load: error: expected closed, a share of the capacity such as 50%, a rate such as 20/s, or a trace (.csv), got 'often'"])
        self.assertEqual(self.refuse("serve", "zoo:lenet5"),
                         "offcut serve: error: nothing would ask it: expected --listen, --http, or --load and --out\n")
        self.assertFalse(os.path.exists(self.folder / "m"))

    def test_a_tier_that_does_not_exist(self):
        (self.folder / "s.yaml").write_text(SCENARIO)
        self.assertIn("there is no tier 'egde'; did you mean 'edge'?", self.refuse("serve", "s.yaml", "--tier", "egde", "--listen", "127.0.0.1:0"))
        self.assertIn("--to: error: expected the servers", self.refuse("serve", "s.yaml", "--tier", "edge", "--listen", "127.0.0.1:0"))


if __name__ == "__main__":
    unittest.main()
