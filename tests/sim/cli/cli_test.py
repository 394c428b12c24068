#!/usr/bin/python3
"""The command line: what each command prints and writes, and how it refuses what it can't do."""
import csv
import fcntl
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import termios
import time
import unittest

from program import PROGRAM, SOURCE, TIMEOUT_S, InFolder, offcut

RESULTS = ["summary.csv", "requests.csv", "plan.csv", "tiers.csv", "links.csv", "classes.csv", "resolved.yaml"]
COMMANDS = ["run", "plan", "validate", "inspect", "infer", "export", "split", "list"]
LISTS = ["devices", "networks", "models", "algorithms", "arrivals", "operators"]

# What design.md promises; further columns may follow.
SUMMARY_COLUMNS = (
    "scenario,seed,algorithm,requests_arrived,requests_completed,requests_dropped,requests_in_flight,duration_s,"
    "throughput_per_s,latency_mean_s,latency_p50_s,latency_p90_s,latency_p95_s,latency_p99_s,latency_max_s,"
    "upload_bytes,download_bytes,accuracy").split(",")
REQUEST_COLUMNS = ["request", "device", "arrival_s", "completion_s", "latency_s"]


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Help(unittest.TestCase):
    def test_every_command_explains_itself_with_an_example(self):
        for command in [[], *([c] for c in COMMANDS)]:
            result = offcut(*command, "--help")
            self.assertEqual((result.returncode, result.stderr), (0, ""), command)
            self.assertIn("Example: offcut " + " ".join(command), result.stdout)

    def test_the_program_names_all_its_commands(self):
        text = offcut("--help").stdout
        for command in COMMANDS:
            self.assertRegex(text, rf"(?m)^  {command} ")

    def test_version(self):
        project = (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8")
        version = re.search(r"project\(offcut VERSION ([\d.]+)", project).group(1)
        self.assertEqual(offcut("--version").stdout, f"offcut {version}\n")


class List(unittest.TestCase):
    def names(self, kind):
        result = offcut("list", kind)
        self.assertEqual((result.returncode, result.stderr), (0, ""), kind)
        lines = result.stdout.splitlines()
        self.assertTrue(lines[0].startswith("name"), lines[0])
        return [line.split()[0] for line in lines[1:]]

    def sources(self, folder):
        """Every file of a folder of plug-ins registers one thing."""
        return [path.stem for path in (SOURCE / folder).glob("*.cpp")]

    def test_every_plug_in_is_listed(self):
        for kind, folder in [("models", "models/zoo/networks"), ("algorithms", "partition/algorithms"),
                             ("arrivals", "sim/workload/generators"), ("operators", "models/ops/library"),
                             *((kind, f"sim/scheduling/policies/{kind}") for kind in ["queues", "batching", "dispatch", "admission"])]:
            plain = [name.lower().replace("-", "_") for name in self.names(kind)]
            for stem in self.sources(folder):
                self.assertTrue(stem in plain or stem.replace("_", "") in plain, f"{kind}: {stem} of {plain}")

    def test_the_whole_catalogue_is_listed(self):
        for kind in ["devices", "networks"]:
            text = (SOURCE / "scenarios/catalogue" / f"{kind}.yaml").read_text(encoding="utf-8")
            self.assertEqual(self.names(kind), sorted(re.findall(r"(?m)^([\w-]+):$", text)))


class Inspect(InFolder):
    def test_a_network_of_the_zoo(self):
        text = self.succeed("inspect", "zoo:lenet5")
        self.assertTrue(text.startswith("lenet5\n"))
        self.assertIn("legal cuts", text.splitlines()[-1])

    def test_an_onnx_file(self):
        text = self.succeed("inspect", SOURCE / "models/data/digits/digits_cnn.onnx")
        self.assertIn("input image: float32 1x1x28x28, 784 B as uint8", text)
        self.assertIn("3.58899 M MACs, 0.124858 M parameters", text.splitlines()[-1])

    def test_a_layer_table(self):
        text = self.succeed("inspect", "layers.csv")
        self.assertIn("times on phone: 20 ms in all", text)
        self.assertIn("2 layers", text.splitlines()[-1])

    def test_what_times_depend_on(self):
        self.succeed("inspect", "zoo:lenet5", "--out", "work.csv")
        with open(self.folder / "work.csv", newline="", encoding="utf-8") as file:
            rows = {row["layer"]: row for row in csv.DictReader(file)}
        self.assertEqual(rows["conv1"]["kind"], "convolution")
        self.assertEqual(float(rows["conv1"]["macs"]), 28 * 28 * 6 * 25)
        self.assertEqual(float(rows["conv1"]["parameters"]), 6 * 25 + 6)
        self.assertEqual([rows["conv1"]["is_3x3"], rows["conv1"]["is_fused"]], ["0", "0"])
        self.assertEqual(rows["tanh1"]["is_fused"], "1")

    def test_what_is_no_model(self):
        (self.folder / "empty.onnx").touch()
        self.assertEqual(self.refuse("inspect", "zoo:lenet-5"),
                         "zoo:lenet-5: error: unknown network 'lenet-5'; did you mean 'lenet5'?\n")
        self.assertEqual(self.refuse("inspect", "my.onnx"),
                         "my.onnx: error: does not exist; expected zoo:NAME, an ONNX file or a layer table (.csv)\n")
        self.assertEqual(self.refuse("inspect", "."), ".: error: is a directory\n")
        self.assertEqual(self.refuse("inspect", "empty.onnx"), "empty.onnx: error: is empty\n")


class Plan(InFolder):
    def test_all_algorithms_stand_side_by_side(self):
        text = self.succeed("plan", "small.yaml")
        # By hand: on the device 2 * 10 ms; in the cloud 8 ms up, 0.08 ms down, 2 * 10 ms of latency, 2 * 1 ms.
        self.assertRegex(text, r"(?m)^algorithm +latency +compute +transmission +upload +optimal +solved in +plan$")
        self.assertRegex(text, r"(?m)^device-only +20 ms +20 ms +0 s +0 B +\S+ .?s +1$")
        self.assertRegex(text, r"(?m)^cloud-only +30\.1 ms +2 ms +28\.1 ms +1 kB +\S+ .?s +\d$")
        self.assertRegex(text, r"(?m)^multi-tier +20 ms +20 ms +0 s +0 B +yes +\S+ .?s +1$")
        self.assertRegex(text, r"(?m)^ +1  device conv1\.\.fc1 \(2, 1\.\d+ kB\)$")
        self.assertIn("edge-only declines: there is no tier 'edge' (tiers: device, cloud)\n", text)
        self.assertEqual(self.files(), ["layers.csv", "small.yaml"])

    def test_plans_for_many_have_figures(self):
        text = self.succeed("plan", "small.yaml", "--set", "plan={algorithm: jps, jobs: 2}")
        # By hand: one picture is sent whole in 8 ms while the other is computed up to conv1 in 10 ms, which is then sent
        # in 0.8 ms; both whole take 16 ms.
        self.assertAlmostEqual(float(re.search(r"(?m)^jps: makespan_s (\S+)$", text).group(1)), 0.0108)
        self.assertAlmostEqual(float(re.search(r"(?m)^jps: single_cut_makespan_s (\S+)$", text).group(1)), 0.016)
        self.assertIn("jps: job 1 input\njps: job 2 conv1\n", text)
        self.assertIn("spatial declines: 0 first layers can be tiled, but none has 2x2 tiles that fit on a device\n", text)
        self.assertIn("edgent declines: it needs 'deadline' or exit probabilities\n", text)

    def test_set_changes_the_plan(self):
        text = self.succeed("plan", "small.yaml", "--set", "network.device-cloud={up: 1 Gbit/s, down: 1 Gbit/s, latency: 1 ms}")
        self.assertRegex(text, r"(?m)^cloud-only +4\.01 ms")


class Validate(InFolder):
    def test_every_shipped_scenario_is_fine(self):
        shipped = sorted((SOURCE / "scenarios").glob("*.yaml")) + sorted((SOURCE / "scenarios/papers").glob("*.yaml"))
        self.assertGreaterEqual(len(shipped), 3)
        text = self.succeed("validate", *shipped)
        self.assertEqual([line.split(": fine")[0] for line in text.splitlines()], list(map(str, shipped)))

    def test_errors_of_several_files_come_out_together(self):
        result = self.run_here("validate", "small.yaml", "one.yaml", "two.yaml")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, "small.yaml: fine (2 layers on 2 tiers)\n")
        self.assertEqual(result.stderr, "one.yaml: error: does not exist\ntwo.yaml: error: does not exist\n")


class Run(InFolder):
    def test_writes_its_files_and_names_them(self):
        text = self.succeed("run", "small.yaml", "--out", "out")
        self.assertEqual(self.files("out"), sorted(RESULTS))
        self.assertEqual(text.splitlines()[-1], "results: out/" + ", ".join(RESULTS))

    def test_figures_of_plans_have_a_file_where_there_are_some(self):
        self.succeed("run", "small.yaml", "--set", "plan={algorithm: jps, jobs: 2}", "--out", "out")
        self.assertEqual(self.files("out"), sorted([*RESULTS, "plan_figures.csv"]))
        figures = rows(self.folder / "out/plan_figures.csv")
        self.assertEqual(list(figures[0]), ["algorithm", "what", "value", "model"])
        self.assertEqual([(row["algorithm"], row["what"]) for row in figures],
                         [("jps", what) for what in ["makespan_s", "single_cut_makespan_s", "job 1", "job 2"]])

    def test_goes_to_results_by_default(self):
        self.succeed("run", "small.yaml")
        self.assertEqual(self.files("results/small"), sorted(RESULTS))

    def test_has_the_promised_columns_and_rows(self):
        self.succeed("run", "small.yaml", "--out", "out")
        summary = rows(self.folder / "out/summary.csv")
        self.assertEqual(list(summary[0])[:len(SUMMARY_COLUMNS)], SUMMARY_COLUMNS)
        self.assertEqual([run["algorithm"] for run in summary], ["cloud-only", "device-only"])
        self.assertEqual({run["scenario"] for run in summary}, {"small"})
        requests = rows(self.folder / "out/requests.csv")
        self.assertEqual([column for column in requests[0] if column in REQUEST_COLUMNS], REQUEST_COLUMNS)
        self.assertEqual(len(requests), 100)
        self.assertEqual([(row["algorithm"], row["layer"], row["tier"]) for row in rows(self.folder / "out/plan.csv")],
                         [("cloud-only", "conv1", "cloud"), ("cloud-only", "fc1", "cloud"),
                          ("device-only", "conv1", "device"), ("device-only", "fc1", "device")])
        self.assertEqual([(row["algorithm"], row["tier"]) for row in rows(self.folder / "out/tiers.csv")],
                         [(algorithm, tier) for algorithm in ["cloud-only", "device-only"] for tier in ["device", "cloud"]])
        self.assertEqual([(row["algorithm"], row["hop"], row["direction"]) for row in rows(self.folder / "out/links.csv")],
                         [(algorithm, "device-cloud", way) for algorithm in ["cloud-only", "device-only"] for way in ["up", "down"]])

    def test_every_column_that_has_a_unit_ends_in_it(self):
        self.succeed("run", "small.yaml", "--out", "out")
        plain = {"scenario", "seed", "algorithm", "requests_arrived", "requests_completed", "requests_dropped",
                 "requests_in_flight", "requests_served", "accuracy", "outcome", "request", "device", "input", "label",
                 "predicted", "position", "layer", "operator", "tier", "macs", "crosses_to", "servers", "utilisation",
                 "hop", "direction", "links", "messages", "codec", "class", "model", "failures", "fell_back",
                 "requests_late", "requests_fell_back", "fairness", "latency_fairness", "drops", "batches", "batch_size_mean",
                 "rejected", "lost", "loads", "offered_load", "most_waiting", "jobs_mean", "verdict", "hop_lost", "served_by",
                 "site_links", "site_utilisation"}
        for name in RESULTS[:-1]:
            for column in rows(self.folder / "out" / name)[0]:
                self.assertTrue(column in plain or column.endswith(("_s", "_bytes", "_per_s", "bytes")), f"{name}: {column}")

    def test_every_column_is_explained(self):
        self.succeed("run", "small.yaml", "--out", "out", "--set", "plan={algorithm: jps, jobs: 2}", "--decisions", "out/decisions.csv",
                     "--set", "failures={cloud: {outages: [{machine: 0, from: 1 s, until: 2 s}]}}")
        text = (SOURCE / "docs/results.md").read_text(encoding="utf-8")
        sections = dict(re.findall(r"(?ms)^## (\w+)(.*?)(?=^## |\Z)", text))
        self.assertEqual({path.stem for path in (self.folder / "out").glob("*.csv")}, set(sections))
        for name, section in sections.items():
            header = (self.folder / f"out/{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
            self.assertEqual([column for column in header if f"`{column}`" not in section], [], name)

    def test_is_silent_in_a_pipe(self):
        result = self.run_here("run", "small.yaml", "--set", "stop.requests=100000", "--out", "out")
        self.assertEqual(result.stderr, "")
        self.assertNotIn("\r", result.stdout)
        self.assertNotIn("\033", result.stdout)

    def test_same_seed_same_bytes_other_seed_other_bytes(self):
        for folder, seed in [("a", 5), ("b", 5), ("c", 6)]:
            self.succeed("run", "small.yaml", "--set", f"seed={seed}", "--out", folder)
        read = lambda folder: {name: (self.folder / folder / name).read_bytes() for name in RESULTS}
        self.assertEqual(read("a"), read("b"))
        self.assertNotEqual(read("a")["requests.csv"], read("c")["requests.csv"])

    def test_runs_again_from_what_it_resolved(self):
        self.succeed("run", "small.yaml", "--set", "seed=9007199254740992", "--out", "a")
        self.succeed("run", "a/resolved.yaml", "--out", "b")
        for name in RESULTS[1:]:
            self.assertEqual((self.folder / "a" / name).read_bytes(), (self.folder / "b" / name).read_bytes(), name)
        self.assertEqual(rows(self.folder / "b/summary.csv")[0]["seed"], "9007199254740992")

    def test_reads_a_scenario_from_a_pipe(self):
        text = (self.folder / "small.yaml").read_text(encoding="utf-8").replace("layers.csv", str(self.folder / "layers.csv"))
        result = subprocess.run([PROGRAM, "run", "/dev/stdin", "--out", "out"], cwd=self.folder, input=text, text=True,
                                capture_output=True, timeout=TIMEOUT_S, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_that_answers_nothing_leaves_fields_empty(self):
        text = self.succeed("run", "small.yaml", "--set", "stop={after: 1 us}", "--out", "out")
        self.assertRegex(text, r"(?m)^cloud-only +30\.1 ms +- +- +- +0 ")
        summary = rows(self.folder / "out/summary.csv")[0]
        self.assertEqual((summary["requests_arrived"], summary["duration_s"]), ("0", "1e-06"))
        for column in SUMMARY_COLUMNS:
            if column.startswith("latency") or column == "accuracy":
                self.assertEqual(summary[column], "", column)
        self.assertEqual(rows(self.folder / "out/requests.csv"), [])

    def test_counts_written_as_people_do(self):
        self.succeed("run", "small.yaml", "--set", "stop.requests=1e2", "--set", "tiers.device.count=+3", "--out", "out")
        self.assertEqual(rows(self.folder / "out/summary.csv")[0]["requests_arrived"], "100")

    def test_names_with_commas_quotes_and_other_alphabets(self):
        (self.folder / 'a "b", c.yaml').write_bytes((self.folder / "small.yaml").read_bytes())
        self.succeed("run", 'a "b", c.yaml', "--set", 'tiers={gerät: {is: "column:phone"}}', "--set", "network={}",
                     "--set", "plan={algorithm: device-only, compare: none}", "--set", "name='名前: x'", "--out", "out")
        self.assertEqual(rows(self.folder / "out/summary.csv")[0]["scenario"], 'a "b", c')
        self.assertEqual(rows(self.folder / "out/tiers.csv")[0]["tier"], "gerät")
        self.succeed("validate", "out/resolved.yaml")

    def test_a_file_whose_name_is_no_name_for_a_folder(self):
        (self.folder / "...yaml").write_bytes((self.folder / "small.yaml").read_bytes())
        self.succeed("run", "...yaml")
        self.assertEqual(self.files("results"), ["scenario"] + sorted("scenario/" + name for name in RESULTS))


class Judgement(InFolder):
    """What a run says of queues, losses and failures, beside what its requests add up to."""

    def run_small(self, *settings):
        text = self.succeed("run", "small.yaml", "--out", "out", *(word for s in settings for word in ("--set", s)))
        return text, rows(self.folder / "out/requests.csv"), rows(self.folder / "out/summary.csv")[0]

    def test_accuracy_where_the_chosen_run_answers_nothing(self):
        (self.folder / "lost.yaml").write_text(f"""offcut: 1
stop: {{requests: 40}}
model:
  onnx: {SOURCE}/models/data/digits/digits_cnn.onnx
  math: every
  input:
    images: {SOURCE}/models/data/digits/test-images.idx3-ubyte.zst
    labels: {SOURCE}/models/data/digits/test-labels.idx1-ubyte.zst
tiers: {{device: {{is: raspberry-pi-4b}}, edge: {{is: t4}}}}
network: {{device-edge: {{is: wifi}}}}
plan: {{algorithm: edge-only, compare: device-only}}
workload: {{arrivals: poisson, rate: 1 /s, on-failure: {{then: drop}}}}
failures: {{edge: {{outages: [{{machine: 0, from: 0 s, until: 1000 s}}]}}}}
""", encoding="utf-8")
        lines = self.succeed("run", "lost.yaml").splitlines()
        chosen, compared = (next(line for line in lines if line.startswith(name + "  ")) for name in ("edge-only", "device-only"))
        self.assertEqual(chosen.split()[-1], "-")
        self.assertEqual(compared.split()[-2:], ["100.00", "%"])

    def test_compares_mean_latencies_as_faster_or_slower(self):
        # Alone in the system, a request takes 20 ms on the device and 30.08 ms in the cloud.
        alone = ["--set", "tiers.device.count=1", "--set", "workload={arrivals: periodic, period: 1 s}"]
        last_but_one = lambda text: text.splitlines()[-2]
        for plan, line in [
                ("{algorithm: cloud-only, compare: [device-only]}", "cloud-only: 1.5 times slower than device-only"),
                ("{algorithm: device-only, compare: [cloud-only, brute-force]}",
                 "device-only: 1.5 times faster than cloud-only, as fast as brute-force")]:
            text = self.succeed("run", "small.yaml", *alone, "--set", f"plan={plan}")
            self.assertEqual(last_but_one(text), f"{line} (mean latency)")

    def test_a_quiet_run_says_nothing(self):
        text, _, _ = self.run_small("workload.rate=0.1 /s", "plan.compare=none")
        self.assertNotIn("cloud-only:", text.split("plan ", 1)[1])

    def test_an_overloaded_tier(self):
        # Three devices that compute 20 ms and are asked 100 times a second: 2 of what they can do, within the scatter of
        # 3,000 arrivals, of which one standard deviation is 2 %.
        text, _, _ = self.run_small("workload.rate=100 /s", "stop.requests=3000", "plan={algorithm: device-only, compare: none}")
        asked = re.search(r"(?m)^device-only: device is overloaded: asked for (\S+) of what it can do; queues grow without end$", text)
        self.assertAlmostEqual(float(asked.group(1)), 2, delta=0.2)
        device = rows(self.folder / "out/tiers.csv")[0]
        self.assertEqual(device["verdict"], "overloaded")
        self.assertAlmostEqual(float(device["offered_load"]), float(asked.group(1)), delta=0.01)
        self.assertAlmostEqual(float(device["offered_s"]), 3000 * 0.02, delta=1e-9)

    def test_deadlines(self):
        text, requests, summary = self.run_small("workload.deadline=35 ms", "workload.rate=40 /s", "stop.requests=1000",
                                                 "plan.compare=none")
        late = sum(float(request["latency_s"]) > 0.035 for request in requests)
        self.assertGreater(late, 100)
        self.assertLess(late, 1000)
        self.assertEqual(int(summary["requests_late"]), late)
        self.assertAlmostEqual(float(summary["goodput_per_s"]), (1000 - late) / float(summary["duration_s"]))
        self.assertRegex(text, rf"(?m)^cloud-only: of 1000 requests, {late} late, \S+ answers/s in time$")

    def test_what_is_rejected(self):
        text, requests, summary = self.run_small(
            "scheduling={device: {admission: {policy: bounded-queue, capacity: 1}}}", "workload.rate=60 /s", "stop.requests=1000",
            "plan={algorithm: device-only, compare: none}")
        dropped = [request for request in requests if request["outcome"] == "dropped: device rejects"]
        self.assertEqual(len(dropped), int(summary["requests_dropped"]))
        self.assertEqual(len([request for request in requests if request["outcome"] == "completed"]), 1000 - len(dropped))
        self.assertEqual(summary["drops"], f"device rejects: {len(dropped)}")
        self.assertEqual(rows(self.folder / "out/tiers.csv")[0]["rejected"], str(len(dropped)))
        self.assertIn(f"of 1000 requests, {len(dropped)} dropped (device rejects: {len(dropped)}), ", text)
        for request in dropped:
            self.assertEqual((request["completion_s"], request["latency_s"]), (request["arrival_s"], ""))

    def test_failures(self):
        text, requests, summary = self.run_small(
            "failures={cloud: {outages: [{machine: 0, from: 1 s, until: 2 s}]}}", "workload.rate=20 /s", "stop.requests=300")
        self.assertEqual([list(event.values()) for event in rows(self.folder / "out/events.csv")],
                         [["1", "machine down", "cloud", "0", ""], ["2", "machine up", "cloud", "0", ""]])
        self.assertIn("events.csv", text.splitlines()[-1])
        self.assertEqual(sum(int(request["failures"]) for request in requests), int(summary["failures"]))
        # Who comes while the server is down waits for it, and is not dropped.
        self.assertEqual(summary["requests_completed"], "300")
        for request in requests:
            self.assertFalse(1 < float(request["completion_s"]) - 0.0101 < 2, request)

    def test_classes(self):
        text, requests, summary = self.run_small(
            "workload={classes: {urgent: {arrivals: poisson, rate: 20 /s, deadline: 40 ms, priority: 0}, "
            "other: {arrivals: periodic, period: 100 ms, priority: 1}}}", "stop.requests=1000")
        by_class = {row["class"]: row for row in rows(self.folder / "out/classes.csv") if row["algorithm"] == "cloud-only"}
        self.assertEqual(sorted(by_class), ["other", "urgent"])
        for name, row in by_class.items():
            own = [float(request["latency_s"]) for request in requests if request["class"] == name]
            self.assertEqual(row["requests_completed"], str(len(own)))
            self.assertAlmostEqual(float(row["latency_mean_s"]), sum(own) / len(own), delta=1e-12)
            self.assertEqual(float(row["latency_max_s"]), max(own))
            self.assertEqual(int(row["requests_late"]), sum(name == "urgent" and latency > 0.04 for latency in own))
        self.assertRegex(text, r"(?m)^class +requests +answered +late +dropped +mean +p95 +p99 +in time/s$")
        self.assertRegex(text, rf"(?m)^urgent +{by_class['urgent']['requests_arrived']} ")

    def test_decisions(self):
        text = self.succeed("run", "small.yaml", "--out", "out", "--decisions", "out/decisions.csv", "--set", "tiers.cloud.count=3",
                            "--set", "scheduling={cloud: {dispatch: shortest-queue}}", "--set", "workload.rate=100 /s",
                            "--set", "stop.requests=1000")
        self.assertEqual(text.splitlines()[-1], "decisions: out/decisions.csv")
        decisions = [row for row in rows(self.folder / "out/decisions.csv") if row["tier"] == "cloud"]
        self.assertEqual(list(decisions[0]), ["time_s", "request", "class", "tier", "server", "admitted", "alternatives"])
        self.assertEqual(sorted(int(row["request"]) for row in decisions), list(range(1000)))
        chosen = set()
        for row in decisions:
            jobs = {}
            for alternative in row["alternatives"].split():
                server, waiting, running = map(int, re.fullmatch(r"(\d):(\d+)/(\d+)", alternative).groups())
                jobs[server] = waiting + running
            self.assertEqual(sorted(jobs), [0, 1, 2])
            self.assertEqual(jobs[int(row["server"])], min(jobs.values()), row)
            self.assertEqual(row["admitted"], "1")
            chosen.add(row["server"])
        self.assertEqual(chosen, {"0", "1", "2"})

    def test_decisions_that_cannot_be_written(self):
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "out", "--decisions", "nowhere/d.csv"),
                         "nowhere/d.csv: error: cannot be written\n")
        (self.folder / "folder").mkdir()
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "out", "--decisions", "folder"),
                         "folder: error: is a directory, expected the name of a file\n")
        for name in ("out/requests.csv", "folder/../out/events.csv"):
            self.assertEqual(self.refuse("run", "small.yaml", "--out", "out", "--decisions", name),
                             f"{name}: error: is a file of the run's results\n")
        self.assertEqual(self.files(), ["folder", "layers.csv", "small.yaml"])

    def test_decisions_into_what_is_no_regular_file(self):
        """A pipe is written to, and a link goes on to point where it did; neither is replaced."""
        os.mkfifo(self.folder / "pipe")
        (self.folder / "target.csv").touch()
        (self.folder / "link").symlink_to("target.csv")
        with subprocess.Popen(["cat", "pipe"], cwd=self.folder, stdout=subprocess.PIPE, encoding="utf-8") as reader:
            self.succeed("run", "small.yaml", "--out", "out", "--decisions", "pipe")
            self.assertEqual(reader.communicate(timeout=TIMEOUT_S)[0], "time_s,request,class,tier,server,admitted,alternatives\n")
        self.assertTrue((self.folder / "pipe").is_fifo())
        self.succeed("run", "small.yaml", "--out", "out", "--decisions", "link")
        self.assertTrue((self.folder / "link").is_symlink())
        self.assertIn("alternatives", (self.folder / "target.csv").read_text(encoding="utf-8"))

    def test_many_retries_at_once(self):
        """No back-off, however often it is doubled: 2^9999 is no double."""
        self.succeed("run", "small.yaml", "--out", "out", "--set", "failures={device: {up: 10 ms, down: 100 s}}",
                     "--set", "plan.algorithm=device-only", "--set", "workload.on-failure={retries: 10000}")

    def test_who_serves_the_links(self):
        self.run_small("engine={own-links: false}")
        links = rows(self.folder / "out/links.csv")
        self.assertEqual({link["served_by"] for link in links}, {"SimGrid"})
        self.assertIn("# links that SimGrid served: device-cloud up, device-cloud down; that offcut served itself, to the same "
                      "result: none\n", (self.folder / "out/resolved.yaml").read_text(encoding="utf-8"))


class Out(InFolder):
    def test_what_is_no_folder(self):
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "layers.csv"),
                         "layers.csv: error: can't be used as a folder for results: Not a directory\n")
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "layers.csv/below"),
                         "layers.csv/below: error: can't be used as a folder for results: Not a directory\n")

    def test_no_name_at_all(self):
        lenet5 = ["--cut", "pool1", "--out", "out"]
        for command, options in [
            (["run", "small.yaml"], ["--out", "--decisions"]),
            (["plan", "small.yaml"], ["--out", "--sensitivity", "--pareto", "--dot"]),
            (["inspect", "zoo:lenet5"], ["--out"]),
            (["infer", "zoo:lenet5", *lenet5], ["--codec", "--labels"]),
            (["codecs", "zoo:lenet5", "--cut", "pool1"], ["--out", "--cache", "--dataset"]),
            (["split", "zoo:lenet5", *lenet5], ["--codec", "--plan", "--algorithm"]),
            (["export", "zoo:lenet5"], ["--out"]),
            (["profile", "zoo:lenet5", "--out", "p.csv"], ["--from", "--batch"]),
            (["fit", "p.csv"], ["--out"]),
        ]:
            for option in options:
                with self.subTest(command=command[0], option=option):
                    before = self.files(".")
                    self.assertEqual(self.refuse(*command, option, ""), f"{option}: error: expected a value, got ''\n")
                    self.assertEqual(self.files("."), before)
        self.assertEqual(self.refuse("run", "small.yaml", "--decisions", "", "--out", ""),
                         "--out: error: expected a value, got ''\n--decisions: error: expected a value, got ''\n")
        self.assertEqual(self.refuse("run", "small.yaml", "--bind", ""),
                         "--bind : error: expected NAME=N such as batch=1\n")

    def test_a_folder_in_the_place_of_a_result(self):
        (self.folder / "out/links.csv").mkdir(parents=True)
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "out", "--decisions", "decisions.csv"),
                         "out/links.csv: error: can't be replaced: it is a folder\n")
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()), ["links.csv"])
        self.assertFalse((self.folder / "decisions.csv").exists())

    def test_where_nobody_can_write(self):
        self.assertEqual(self.refuse("run", "small.yaml", "--out", "/proc/here"),
                         "/proc/here: error: can't be used as a folder for results: No such file or directory\n")

    def test_a_error_keeps_the_earlier_result(self):
        self.succeed("run", "small.yaml", "--out", "out")
        before = (self.folder / "out/summary.csv").read_bytes()
        self.refuse("run", "small.yaml", "--out", "out", "--set", "seed=x")
        self.refuse("run", "small.yaml", "--out", "out", "--set", "plan.algorithm=edge-only")
        self.assertEqual((self.folder / "out/summary.csv").read_bytes(), before)

    def test_without_requests_an_older_list_of_them_does_not_stay(self):
        self.succeed("run", "small.yaml", "--out", "out")
        text = self.succeed("run", "small.yaml", "--out", "out", "--set", "output.requests=false")
        without = [name for name in RESULTS if name != "requests.csv"]
        self.assertEqual(self.files("out"), sorted(without))
        self.assertEqual(text.splitlines()[-1], "results: out/" + ", ".join(without))

    def test_files_of_the_users_own_stay(self):
        (self.folder / "out").mkdir()
        (self.folder / "out/requests.csv").write_text("mine\n", encoding="utf-8")
        (self.folder / "out/notes.txt").write_text("mine\n", encoding="utf-8")
        self.succeed("run", "small.yaml", "--out", "out", "--set", "output.requests=false")
        self.assertEqual((self.folder / "out/requests.csv").read_text(encoding="utf-8"), "mine\n")
        self.succeed("run", "small.yaml", "--out", "out")
        self.assertEqual(self.files("out"), sorted(RESULTS + ["notes.txt"]))


class Set(InFolder):
    def test_errors_name_the_set_that_made_them(self):
        self.assertEqual(
            self.refuse("run", "small.yaml", "--set", "tiers.device.count=0", "--set", "workload.rate=5",
                        "--set", "teirs.device.count=3", "--set", "stop.after=3 s"),
            "--set stop.after=3 s: error: stop.after: give 'requests' or 'after', not both\n"
            "--set tiers.device.count=0: error: tiers.device.count: must be between 1 and 10000000, got '0'\n"
            "--set workload.rate=5: error: workload.rate: expected a rate such as '5 /s', got '5' (a unit is missing)\n"
            "--set teirs.device.count=3: error: unknown key 'teirs'; did you mean 'tiers'?\n")

    def test_errors_of_the_file_come_with_them(self):
        text = (self.folder / "small.yaml").read_text(encoding="utf-8").replace("poisson", "poison")
        (self.folder / "wrong.yaml").write_text(text, encoding="utf-8")
        self.assertEqual(
            self.refuse("run", "wrong.yaml", "--set", "seed=-1", "--set", "tiers.device.is=column:phon"),
            "wrong.yaml:11:22: error: workload.arrivals: unknown arrival process 'poison'; did you mean 'poisson'?\n"
            "--set seed=-1: error: seed: must be between 0 and 9007199254740992, got '-1'\n"
            "--set tiers.device.is=column:phon: error: tiers.device.is: layers.csv has no column 'phon_s'; "
            "did you mean 'phone'?\n")

    def test_mends_a_error_of_the_file(self):
        text = (self.folder / "small.yaml").read_text(encoding="utf-8").replace("poisson", "poison")
        (self.folder / "wrong.yaml").write_text(text, encoding="utf-8")
        self.succeed("run", "wrong.yaml", "--set", "workload.arrivals=poisson", "--out", "out")

    def test_paths_and_values(self):
        for change, message in [
            ("seed", "expected path=value such as tiers.device.count=10"),
            ("=1", "expected path=value such as tiers.device.count=10"),
            ("", "expected path=value such as tiers.device.count=10"),
            ("tiers..count=1", "'tiers..count' is not a path such as tiers.device.count"),
            ("stop.requests.x=1", "'stop.requests' is '100', it has no 'x'"),
            ("plan.compare.0=x", "'plan.compare' is a list, it has no '0'"),
            ("stop.requests=", "stop.requests: expected a single value, got nothing"),
            ("stop.requests=[1, 2]", "stop.requests: expected a single value, got a list"),
            ("tiers=[]", "tiers: expected a map, got a list"),
            ("plan.compare=[a", "not YAML: a '[' before here is not closed"),
            ("plan={algorithm: cloud-only, algorithm: x}", "key 'algorithm' appears twice, first in line 1"),
            ("seed=9007199254740993", "seed: must be between 0 and 9007199254740992, got '9007199254740993'"),
            ("name=\"\\e[2J\"", "control character 0x1b in a text"),
        ]:
            with self.subTest(change):
                self.assertEqual(self.refuse("run", "small.yaml", "--set", change), f"--set {change}: error: {message}\n")

    def test_several_malformed_ones(self):
        self.assertEqual(len(self.refuse("run", "small.yaml", "--set", "a", "--set", "b").splitlines()), 2)

    def test_a_value_as_long_as_a_page_is_shortened(self):
        error = self.refuse("run", "small.yaml", "--set", "plan.algorithm=" + "x" * 5000)
        self.assertLess(len(error), 500)

    def test_a_value_that_is_no_text(self):
        result = subprocess.run([PROGRAM, "run", "small.yaml", "--set", b"name=\xe9"], cwd=self.folder, capture_output=True,
                                timeout=TIMEOUT_S, check=False)
        self.assertEqual((result.returncode, result.stdout), (2, b""))
        self.assertEqual(result.stderr, b"--set name=\xe9: error: byte 0xe9 is not UTF-8 text, expected YAML\n")


class Usage(InFolder):
    def test_what_is_no_command(self):
        self.assertEqual(self.refuse("rnu", "small.yaml"), "offcut: error: unknown command 'rnu'; did you mean 'run'?\n")
        self.assertEqual(self.refuse("simulate"),
                         "offcut: error: unknown command 'simulate'; valid: run, plan, validate, inspect, infer, codecs, export, split, profile, fit, list\n")
        self.assertEqual(self.refuse(), "offcut: error: A subcommand is required (see offcut --help)\n")

    def test_missing_and_odd_arguments(self):
        self.assertEqual(self.refuse("run"), "offcut run: error: scenario is required (see offcut run --help)\n")
        self.assertEqual(self.refuse("run", "small.yaml", "--set"),
                         "offcut run: error: --set: 1 required TEXT missing (see offcut run --help)\n")
        self.assertEqual(self.refuse("run", "small.yaml", "--speed"),
                         "offcut run: error: The following argument was not expected: --speed (see offcut run --help)\n")
        self.assertEqual(self.refuse("list", "devcies"),
                         "offcut list: error: no list of 'devcies'; did you mean 'devices'?\n")

    def test_what_is_no_scenario(self):
        self.assertEqual(self.refuse("run", "nowhere.yaml"), "nowhere.yaml: error: does not exist\n")
        self.assertEqual(self.refuse("run", "."), ".: error: is a directory, expected a YAML file\n")
        self.assertEqual(self.refuse("run", ""), "'': error: does not exist\n")
        self.assertEqual(self.refuse("run", "/dev/zero"), "/dev/zero: error: is larger than 1 MiB, expected a YAML file\n")

    def test_a_file_of_something_else_does_not_fill_the_screen(self):
        (self.folder / "other.yaml").write_text("".join(f"key{i}: 1\n" for i in range(5000)), encoding="utf-8")
        lines = self.refuse("run", "other.yaml").splitlines()
        self.assertEqual(len(lines), 101)
        self.assertEqual(lines[-1], "... and 4906 more")


class Terminal(InFolder):
    """Standard error is a terminal, as wide as the test says."""

    def run_on_terminal(self, columns, scenario="small.yaml"):
        try:
            master, slave = pty.openpty()
        except OSError as error:  # as in a chroot without /dev/pts
            self.skipTest(f"no terminal can be made here: {error}")
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([PROGRAM, "run", scenario, "--set", "stop.requests=400000", "--out", "out"],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        seen = b""
        try:
            while chunk := os.read(master, 65536):
                seen += chunk
        except OSError:  # the terminal is gone: the program has ended
            pass
        os.close(master)
        out = process.communicate(timeout=TIMEOUT_S)[0]
        self.assertEqual(process.returncode, 0)
        return seen.decode(), out.decode()

    def test_shows_a_bar_and_erases_it(self):
        shown, printed = self.run_on_terminal(120)
        steps = shown.split("\r\033[K")
        self.assertEqual((steps[0], steps[-1]), ("", ""), "something stays on the screen")
        self.assertGreater(len(steps), 3)
        for step in steps[1:-1]:
            self.assertRegex(step, r"^small \[#*\.*\] +\d+ %  (\d+ s left)?$")
        shares = [int(re.search(r"(\d+) %", step).group(1)) for step in steps[1:-1]]
        self.assertEqual(shares, sorted(shares))
        self.assertNotIn("\033", printed)

    def test_never_wraps(self):
        name = "a-scenario-whose-name-is-as-long-as-that.yaml"
        (self.folder / name).write_bytes((self.folder / "small.yaml").read_bytes())
        shown, _ = self.run_on_terminal(60, name)
        for step in shown.split("\r\033[K"):
            self.assertLess(len(step), 60)


class Stopped(InFolder):
    """A run that would take minutes is stopped after a moment."""

    def start(self, **options):
        process = subprocess.Popen([PROGRAM, "run", "small.yaml", "--set", "stop.requests=200000000", "--out", "a/b"],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        until = time.monotonic() + TIMEOUT_S
        while not list(self.folder.glob("a/b/.partial-*/requests.csv")) and time.monotonic() < until:
            time.sleep(0.01)
        self.assertTrue(self.children(process.pid), "it has not begun to simulate")
        return process

    @staticmethod
    def children(pid):
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()

    def await_end_of(self, pids):
        until = time.monotonic() + TIMEOUT_S
        while any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids):
            self.assertLess(time.monotonic(), until, "children outlive their parent")
            time.sleep(0.01)

    def test_by_a_signal_it_leaves_nothing(self):
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            with self.subTest(number):
                process = self.start()
                children = self.children(process.pid)
                process.send_signal(number)
                self.assertEqual(process.wait(TIMEOUT_S), -number)
                self.assertEqual((process.stdout.read(), process.stderr.read()), (b"", b""))
                self.await_end_of(children)
                self.assertEqual(self.files(), ["layers.csv", "small.yaml"])

    def test_keeps_the_earlier_result(self):
        self.succeed("run", "small.yaml", "--out", "a/b")
        before = self.files()
        process = self.start()
        process.terminate()
        process.wait(TIMEOUT_S)
        self.assertEqual(self.files(), before)

    def test_what_a_killed_run_leaves_is_removed_by_the_next(self):
        process = self.start()
        children = self.children(process.pid)
        process.kill()
        process.wait(TIMEOUT_S)
        self.await_end_of(children)
        self.assertEqual(len(list(self.folder.glob("a/b/.partial-*"))), 1)
        self.succeed("run", "small.yaml", "--out", "a/b")
        self.assertEqual(self.files("a/b"), sorted(RESULTS))

    def test_a_run_that_still_runs_is_left_alone(self):
        process = self.start()
        self.succeed("run", "small.yaml", "--out", "a/b")
        self.assertEqual(len(list(self.folder.glob("a/b/.partial-*/requests.csv"))), 1)
        process.terminate()
        process.wait(TIMEOUT_S)
        self.assertEqual(self.files("a/b"), sorted(RESULTS))

    def test_a_signal_that_is_ignored_does_not_stop_it(self):
        process = self.start(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        process.terminate()
        self.assertEqual(process.wait(TIMEOUT_S), -signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
