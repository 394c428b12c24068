#!/usr/bin/python3
"""offcut calibrate: a scenario with known figures is simulated, written as `offcut serve` measures, and recovered from a wrong start."""
import csv
import json
import pathlib
import subprocess
import unittest

from program import InFolder, offcut

LAYERS = """\
layer,inputs,output_bytes,param_bytes,macs,device_s,server_s
image,,150528,0,0,0,0
head,image,36864,0,0,0.015,0.014
tail,head,4000,0,0,0.007,0.008
"""
TRUTH = {"device": ["time-scale: 1.08", "per-request: 0.3 ms", "noise: {kind: lognormal, cv: 8 %}"],
         "server": ["time-scale: 1.2", "per-request: 0.2 ms"],
         "device-server": ["latency: 4 ms", "payload: 0.93", "burst: 3 kB"]}
SECONDS = ["arrival_s", "completion_s", "latency_s", "device_wait_s", "device_compute_s", "upload_wait_s", "upload_s", "server_wait_s",
           "server_compute_s", "download_s"]


def scenario(rate=30, cut="head", keys=None, **more):
    keys = {"device": [], "server": [], "device-server": []} if keys is None else keys
    below = {name: "".join(f"    {line}\n" for line in lines) for name, lines in keys.items()}
    latency = "" if any(line.startswith("latency") for line in keys["device-server"]) else "    latency: 5 ms\n"
    return f"""\
# Two tiers.
offcut: 1
seed: {more.get("seed", 3)}
stop: {{requests: 400}}
model: {{layers: layers.csv}}
tiers:
  device:  # Slow.
    is: "column:device"
{below["device"]}  server:
    is: "column:server"
{below["server"]}network:
  device-server:
    up: 20 Mbit/s
    down: 20 Mbit/s
{latency}{below["device-server"]}plan: {{algorithm: fixed, after: {cut}}}
workload: {more.get("workload", f"{{arrivals: poisson, rate: {rate} /s}}")}
"""


def measure(folder, name, load, kinds=TRUTH, **settings):
    """Simulates a system and writes its requests as measured ones into FOLDER/NAME."""
    (folder / "layers.csv").write_text(LAYERS, encoding="utf-8")
    (folder / "truth.yaml").write_text(scenario(keys=kinds, **settings), encoding="utf-8")
    done = offcut("run", "truth.yaml", "--out", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    per_request = {"device": 0.0003, "server": 0.0002}
    rate, latency, segment = 20e6 / 8 * 0.93, 0.004, 1448
    out = folder / name
    out.mkdir()
    with open(folder / "run/requests.csv", newline="", encoding="utf-8") as file, \
            open(out / "requests.csv", "w", newline="", encoding="utf-8") as written:
        rows = list(csv.DictReader(file))
        table = csv.writer(written, lineterminator="\n")
        table.writerow(["outcome", "arrival_s", "completion_s", "device.start_s", "device.end_s", "server.first_byte_s", "server.last_byte_s",
                        "server.start_s", "server.end_s"])
        for row in rows:
            time = {key: float(row[key]) for key in SECONDS}
            ready = time["arrival_s"] + time["device_wait_s"] + time["device_compute_s"]
            sent = ready + time["upload_wait_s"]
            there = sent + time["upload_s"]
            end = there + time["server_wait_s"] + time["server_compute_s"]
            table.writerow(["completed", time["arrival_s"], time["completion_s"],
                            min(ready, time["arrival_s"] + time["device_wait_s"] + per_request["device"]), ready, sent + latency + segment / rate, there,
                            end - time["server_compute_s"] + per_request["server"], end])
    layers = {"head": [["head"], ["tail"]], "input": [[], ["head", "tail"]]}[settings.get("cut", "head")]
    describe(out, load=load, kind="closed" if load == "closed" else "open", layers=layers)


def describe(out, load="50%", kind="open", layers=(("head",), ("tail",)), tiers=("device", "server"), version=1):
    (out / "measured.json").write_text(json.dumps({
        "format": "offcut-measured", "version": version, "model": "layers", "load": load, "kind": kind,
        "tiers": [{"name": name} for name in tiers], "hops": ["device-server"],
        "cuts": [{"number": 0, "layers": dict(zip(tiers, layers)), "codec": ""}]}), encoding="utf-8")


class Calibrate(InFolder):
    def calibrate(self, *arguments, **options):
        return offcut("calibrate", *arguments, "--scenario", "mine.yaml", "--out", "out/calibrated.yaml", cwd=self.folder, **options)

    def setUp(self):
        super().setUp()
        (self.folder / "out").mkdir()
        (self.folder / "layers.csv").write_text(LAYERS, encoding="utf-8")
        (self.folder / "mine.yaml").write_text(scenario(), encoding="utf-8")

    def document(self, *arguments):
        done = self.calibrate(*arguments, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def test_known_figures_are_recovered_and_other_loads_predicted(self):
        measure(self.folder, "half", "50%", rate=30)
        measure(self.folder, "most", "80%", rate=48, seed=9)
        document = self.document("half", "--holdout", "most", "--csv", "comparison.csv")
        value = {key["key"]: key["value"] for key in document["keys"]}
        number = {key: float(text.split()[0]) for key, text in value.items() if text[0].isdigit()}
        for key, true, tolerance in [("tiers.device.time-scale", 1.08, 0.01), ("tiers.server.time-scale", 1.2, 1e-4),
                                     ("tiers.device.per-request", 0.3, 1e-4), ("tiers.server.per-request", 0.2, 1e-4),
                                     ("network.device-server.latency", 4, 1e-4), ("network.device-server.payload", 0.93, 1e-4),
                                     ("network.device-server.burst", 3000, 2)]:
            self.assertAlmostEqual(number[key], true, delta=tolerance, msg=key)
        self.assertAlmostEqual(number["network.device-server.per-message"], 0, delta=1e-4)
        self.assertNotIn("network.device-server.jitter", value)
        self.assertNotIn("tiers.server.noise", value)
        self.assertIn("empirical", value["tiers.device.noise"])
        run = document["runs"][0]
        self.assertEqual((run["run"], run["held_out"], run["requests"]), ("most", True, 400))
        self.assertLess(abs(run["figures"]["p50"]["error"]), 0.02)
        self.assertLess(abs(run["figures"]["p99"]["error"]), 0.05)
        self.assertGreater(abs(run["figures"]["p50"]["error_before"]), 0.05)
        for part in run["parts"].values():
            self.assertAlmostEqual(part["measured_s"], part["predicted_s"], delta=0.002)
        with open(self.folder / "comparison.csv", newline="", encoding="utf-8") as file:
            self.assertEqual([row["figure"] for row in csv.DictReader(file)], ["p50", "p95", "p99", "mean"])
        self.check_scenario(value)

    def check_scenario(self, value):
        """It differs in the fitted keys alone, keeps its comments, says where values come from, and runs as it stands."""
        text = (self.folder / "out/calibrated.yaml").read_text(encoding="utf-8")
        self.assertIn("# Two tiers.", text)
        self.assertIn("  device:  # Slow.", text)
        self.assertIn("model: {layers: ../layers.csv}", text)
        self.assertRegex(text, r"# was 0 ms; median of \d+ requests that waited; 95 %: 0.3 to 0.3 ms\n    per-request: 0.3 ms\n")
        for key in value:
            self.assertIn(f"    {key.split('.')[-1]}: ", text)
        kept = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        old = (self.folder / "mine.yaml").read_text(encoding="utf-8").splitlines()
        self.assertEqual([line for line in kept if "noise" not in line and line in old],
                         [line for line in old if line[0] != "#" and "latency" not in line and "layers.csv" not in line])
        done = offcut("run", "out/calibrated.yaml", "--out", "again", cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_jitter_and_a_time_per_message_are_recovered(self):
        kinds = {"device": ["per-request: 0.3 ms"], "server": ["per-request: 0.2 ms"],
                 "device-server": ["latency: 4 ms", "payload: 0.93", "per-message: 1.5 ms", "jitter: {mean: 2 ms}"]}
        measure(self.folder, "half", "50%", kinds=kinds, rate=30)
        document = self.document("half")
        self.assertFalse(document["runs"][0]["held_out"])
        given = {key["key"]: key for key in document["keys"]}
        jitter = float(given["network.device-server.jitter"]["fitted"].split()[1])
        message = float(given["network.device-server.per-message"]["value"].split()[0])
        self.assertAlmostEqual(jitter + message, 3.5, delta=0.15)  # Messages show the sum.
        self.assertAlmostEqual(message, 1.5, delta=0.25)
        for figure in document["runs"][0]["figures"].values():
            self.assertLess(abs(figure["error"]), 0.02)

    def test_folders_predict_each_other_and_cuts_are_ranked(self):
        measure(self.folder, "a", "50%", rate=10)
        measure(self.folder, "b", "50%", rate=10, cut="input", seed=4)
        measure(self.folder, "c", "closed", workload="{arrivals: closed-loop, think: 1 ms}")
        document = self.document("a", "b", "c", "--replications", 3)
        self.assertEqual([(run["run"], run["cut"], run["held_out"]) for run in document["runs"]],
                         [("a", "head", True), ("b", "input", True), ("c", "head", True)])
        self.assertEqual((document["kendall"], document["spearman"]), (1, 1))
        self.assertLess(document["errors"]["mean"]["mape"], 0.05)
        self.assertEqual(document["best_cut"]["algorithm"], "multi-tier")
        done = self.calibrate("a", "b", "c", "--replications", 3)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80, done.stdout)
        self.assertIn("best measured cut at 50%: after head measured, after head predicted", done.stdout)

    def test_near_saturation_and_large_errors_are_warned_of(self):
        measure(self.folder, "half", "50%", rate=20)
        measure(self.folder, "full", "95%", rate=58, kinds={**TRUTH, "device": ["per-request: 0.3 ms", "time-scale: 1.15"]}, seed=2)
        warnings = "\n".join(self.document("half", "--holdout", "full")["warnings"])
        self.assertRegex(warnings, r"full: p50 is -\d+ % off, more than 5 %")
        self.assertRegex(warnings, r"full: device is near saturation \(9\d % of its capacity\)")

    def test_invalid_input_is_reported_together_and_nothing_is_written(self):
        measure(self.folder, "good", "50%")
        rows = (self.folder / "good/requests.csv").read_text(encoding="utf-8").splitlines()
        for name in ["few", "columns", "json", "fields"]:
            (self.folder / name).mkdir()
            describe(self.folder / name, version=2 if name == "json" else 1)
        (self.folder / "few/requests.csv").write_text("\n".join(rows[:4]), encoding="utf-8")
        (self.folder / "columns/requests.csv").write_text("outcome,arrival_s\ncompleted,1\n", encoding="utf-8")
        (self.folder / "fields/requests.csv").write_text("\n".join([*rows[:9], "completed,1,early" + 6 * ",1"]), encoding="utf-8")
        (self.folder / "empty").mkdir()
        done = self.calibrate("good", "good", "few", "columns", "json", "fields", "empty", "absent", "--replications", "0")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        for text in ["good is given twice", "few/requests.csv: error: has 3 answered requests: expected at least 5",
                     "columns/requests.csv", "'device.end_s'", "\"version\": 1", "fields/requests.csv:10:13: error: completion_s: expected a number",
                     "empty/measured.json: error: cannot be read", "absent: error: is no folder", "--replications: error: expected 1 to 1000"]:
            self.assertIn(text, done.stderr)
        self.assertEqual(list((self.folder / "out").iterdir()), [])

    def test_runs_of_another_system_are_refused(self):
        measure(self.folder, "good", "50%")
        for layers, tiers, text in [((["heads"], ["tail"]), ("device", "server"), "no layer 'heads'; did you mean 'head'?"),
                                    ((["tail"], ["head"]), ("device", "server"), "layer 'tail' is on tier 'device', before a layer"),
                                    ((["head"], ["tail"]), ("device", "cloud"), "on the tiers device, cloud, but the scenario has device, server")]:
            describe(self.folder / "good", layers=layers, tiers=tiers)
            if "cloud" in tiers:
                table = self.folder / "good/requests.csv"
                table.write_text(table.read_text(encoding="utf-8").replace("server.", "cloud."), encoding="utf-8")
            done = self.calibrate("good")
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn(text, done.stderr)

    def test_inputs_are_not_overwritten(self):
        measure(self.folder, "good", "50%")
        done = offcut("calibrate", "good", "--scenario", "mine.yaml", "--out", "mine.yaml", cwd=self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--out", done.stderr)
        self.assertEqual((self.folder / "mine.yaml").read_text(encoding="utf-8"), scenario())

    def test_contradictory_folders_are_named(self):
        measure(self.folder, "a", "50%")
        measure(self.folder, "b", "50%", kinds={**TRUTH, "server": ["time-scale: 2", "per-request: 0.2 ms"]})
        notes = "\n".join(self.document("a", "b", "--replications", 1)["notes"])
        self.assertIn("tiers.server: a and b contradict each other", notes)


if __name__ == "__main__":
    unittest.main()
