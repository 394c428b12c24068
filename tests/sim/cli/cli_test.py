#!/usr/bin/python3
"""Commands on scenarios and models: their output, their files, and their errors."""
import csv
import itertools
import re
import subprocess
import unittest

from program import PROGRAM, RESULTS, SOURCE, TIMEOUT_S, InFolder, offcut

# The first columns; further ones may follow.
SUMMARY_COLUMNS = (
    "scenario,seed,algorithm,requests_arrived,requests_completed,requests_dropped,requests_in_flight,duration_s,"
    "throughput_per_s,latency_mean_s,latency_p50_s,latency_p90_s,latency_p95_s,latency_p99_s,latency_max_s,"
    "upload_bytes,download_bytes,accuracy").split(",")
REQUEST_COLUMNS = ["request", "device", "arrival_s", "completion_s", "latency_s"]


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class List(unittest.TestCase):
    def names(self, kind):
        result = offcut("list", kind)
        self.assertEqual((result.returncode, result.stderr), (0, ""), kind)
        lines = result.stdout.splitlines()
        self.assertTrue(lines[0].startswith("name"), lines[0])
        rows = itertools.takewhile(bool, lines[1:])  # Remarks follow after an empty line.
        return list(dict.fromkeys(row.split()[0] for row in rows))  # A device has a row for each precision.

    def sources(self, folder):
        """Returns the files of a folder of plug-ins: each registers one."""
        return [path.stem for path in (SOURCE / folder).glob("*.cpp")]

    def test_every_plug_in_is_listed(self):
        for kind, folder in [("models", "models/zoo/networks"), ("algorithms", "partition/algorithms"),
                             ("arrivals", "sim/workload/generators"), ("operators", "models/ops/library"),
                             ("rates", "sim/network/rates/kinds"), ("trace-formats", "sim/network/rates/formats"),
                             ("mobility", "sim/network/mobility"),
                             ("estimators", "sim/adapt/estimators"), ("loads", "sim/adapt/loads"), ("replanning", "sim/adapt/policies"),
                             *((kind, f"sim/scheduling/policies/{kind}") for kind in ["queues", "batching", "dispatch", "admission", "autoscaling"])]:
            plain = [name.lower().removeprefix("com.").replace("-", "_").replace(".", "") for name in self.names(kind)]
            for stem in self.sources(folder):
                self.assertTrue(stem in plain or stem.replace("_", "") in plain, f"{kind}: {stem} of {plain}")

    def test_the_whole_catalogue_is_listed(self):
        for kind, file in [("devices", "devices.yaml"), ("links", "networks.yaml")]:
            text = (SOURCE / "scenarios/catalogue" / file).read_text(encoding="utf-8")
            self.assertEqual(self.names(kind), sorted(re.findall(r"(?m)^([\w-]+):$", text)))

    def test_networks_is_the_old_name_of_links(self):
        self.assertEqual(offcut("list", "networks").stdout, offcut("list", "links").stdout)
        self.assertIn("did you mean 'links'?", offcut("list", "link").stderr)
        self.assertNotIn("networks", offcut("list", "nothing").stderr)


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
        self.assertIn("total time on phone: 20 ms", text)
        self.assertIn("2 layers", text.splitlines()[-1])

    def test_the_figures_that_times_depend_on(self):
        self.succeed("inspect", "zoo:lenet5", "--out", "work.csv")
        with open(self.folder / "work.csv", newline="", encoding="utf-8") as file:
            rows = {row["layer"]: row for row in csv.DictReader(file)}
        self.assertEqual(rows["conv1"]["kind"], "convolution")
        self.assertEqual(float(rows["conv1"]["macs"]), 28 * 28 * 6 * 25)
        self.assertEqual(float(rows["conv1"]["parameters"]), 6 * 25 + 6)
        self.assertEqual([rows["conv1"]["is_3x3"], rows["conv1"]["is_fused"]], ["0", "0"])
        self.assertEqual(rows["tanh1"]["is_fused"], "1")

    def test_models_that_do_not_exist(self):
        (self.folder / "empty.onnx").touch()
        self.assertEqual(self.refuse("inspect", "zoo:lenet-5"),
                         "zoo:lenet-5: error: unknown network 'lenet-5'; did you mean 'lenet5'?\n")
        self.assertEqual(self.refuse("inspect", "my.onnx"),
                         "my.onnx: error: does not exist; expected zoo:NAME, an ONNX file or a layer table (.csv)\n")
        self.assertEqual(self.refuse("inspect", "folder/lenet5"),
                         "folder/lenet5: error: does not exist; expected zoo:NAME, an ONNX file or a layer table (.csv)\n")
        self.assertEqual(self.refuse("inspect", "."), ".: error: is a directory\n")
        self.assertEqual(self.refuse("inspect", "empty.onnx"), "empty.onnx: error: is empty\n")


    def test_the_name_of_a_network_without_zoo(self):
        for arguments in [["inspect"], ["infer", "--out", "o"], ["codecs", "--cut", "pool1"], ["export", "--out", "o"],
                          ["split", "--cut", "pool1", "--out", "o"], ["profile", "--out", "o"]]:
            for name, network in [("resnet50", "resnet50"), ("lenet-5", "lenet5")]:
                self.assertEqual(self.refuse(*arguments, name), f"{name}: error: does not exist; did you mean 'zoo:{network}'?\n")


class Plan(InFolder):
    def test_all_algorithms_are_compared(self):
        text = self.succeed("plan", "small.yaml")
        # By hand: on the device 2 * 10 ms; in the cloud 8 ms up, 0.08 ms down, 2 * 10 ms of latency, 2 * 1 ms.
        self.assertRegex(text, r"(?m)^algorithm +latency +compute +transmission +upload +measure +optimal +solved in +plan$")
        self.assertRegex(text, r"(?m)^device-only +20 ms +20 ms +0 s +0 B +\S+ .?s +1$")
        self.assertRegex(text, r"(?m)^cloud-only +30\.1 ms +2 ms +28\.1 ms +1 kB +\S+ .?s +\d$")
        self.assertRegex(text, r"(?m)^multi-tier +20 ms +20 ms +0 s +0 B +yes +\S+ .?s +1$")
        self.assertRegex(text, r"(?m)^ +1  device conv1\.\.fc1 \(2, 1\.\d+ kB\)$")
        self.assertRegex(text, r"(?m)^edge-only +30\.1 ms ")  # The second tier is the cloud.
        self.assertIn("fixed declines: it needs 'after': the layer to cut after, or 'input'\n", text)
        self.assertEqual(self.files(), ["layers.csv", "small.yaml"])

    def test_plans_for_many_jobs_have_figures(self):
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
    def test_every_shipped_scenario_is_valid(self):
        folders = ["scenarios", "scenarios/fields", "scenarios/papers", "scenarios/validation"]
        shipped = [path for folder in folders for path in sorted((SOURCE / folder).glob("*.yaml"))]
        self.assertGreaterEqual(len(shipped), 3)
        text = self.succeed("validate", *shipped)
        self.assertEqual([line.split(": valid")[0] for line in text.splitlines()], list(map(str, shipped)))

    def test_errors_of_several_files_come_out_together(self):
        result = self.run_here("validate", "small.yaml", "one.yaml", "two.yaml")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, "small.yaml: valid (2 layers on 2 tiers)\n")
        self.assertEqual(result.stderr, "one.yaml: error: does not exist\ntwo.yaml: error: does not exist\n")


class Run(InFolder):
    def test_writes_its_files_and_names_them(self):
        text = self.succeed("run", "small.yaml", "--out", "out")
        self.assertEqual(self.files("out"), sorted(RESULTS))
        self.assertEqual(text.splitlines()[-1], "results: out/" + ", ".join(RESULTS))

    def test_figures_of_plans_have_a_file_if_there_are_any(self):
        self.succeed("run", "small.yaml", "--set", "plan={algorithm: jps, jobs: 2}", "--out", "out")
        self.assertEqual(self.files("out"), sorted([*RESULTS, "plan_figures.csv"]))
        figures = rows(self.folder / "out/plan_figures.csv")
        self.assertEqual(list(figures[0]), ["algorithm", "what", "value", "model"])
        self.assertEqual([(row["algorithm"], row["what"]) for row in figures],
                         [("jps", figure) for figure in ["makespan_s", "single_cut_makespan_s", "job 1", "job 2"]])

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

    def test_every_column_is_explained(self):
        self.succeed("run", "small.yaml", "--out", "out", "--set", "plan={algorithm: jps, jobs: 2}", "--decisions", "out/decisions.csv",
                     "--set", "output={series: {interval: 1 s}}",
                     "--set", "failures={cloud: {outages: [{machine: 0, from: 1 s, until: 2 s}]}}")
        text = (SOURCE / "docs/results.md").read_text(encoding="utf-8")
        sections = dict(re.findall(r"(?ms)^## (\w+)(.*?)(?=^## |\Z)", text))
        for file in ["groups", "exits", "switches", "rounds", "clients", "data"]:  # No groups, exits, adaptation, training.
            del sections[file]
        self.assertEqual({path.stem for path in (self.folder / "out").glob("*.csv")}, set(sections))
        for name, section in sections.items():
            header = (self.folder / f"out/{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
            explained = [re.sub(r"^.*-.*\.(up|down)_s$", r"HOP.\1_s", re.sub(r"^[^-]*\.", "TIER.", column)) for column in header]
            self.assertEqual([column for column in explained if f"`{column}`" not in section], [], name)

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

    def test_seed(self):
        self.succeed("run", "small.yaml", "--set", "seed=5", "--out", "a")
        self.succeed("run", "small.yaml", "--seed", "5", "--out", "b")
        for name in RESULTS:
            self.assertEqual((self.folder / "a" / name).read_bytes(), (self.folder / "b" / name).read_bytes(), name)
        for seed in ["x", "-1", "1.5", "9007199254740993"]:
            self.assertRegex(self.refuse("run", "small.yaml", "--seed", seed), rf"^--seed {seed}: error: seed: .*, got '{seed}'\n$")
        self.assertEqual(self.refuse("run", "small.yaml", "--seed", "5", "--set", "seed=5", "--set", "bad"),
                         "--set bad: error: expected path=value such as tiers.device.count=10\n"
                         "--seed: error: expected either this or --set seed=5\n")

    def test_runs_again_from_the_resolved_scenario(self):
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

    def test_without_answers_fields_are_empty(self):
        text = self.succeed("run", "small.yaml", "--set", "stop={after: 1 us}", "--out", "out")
        self.assertRegex(text, r"(?m)^cloud-only +30\.1 ms +- +- +- +0 ")
        summary = rows(self.folder / "out/summary.csv")[0]
        self.assertEqual((summary["requests_arrived"], summary["duration_s"]), ("0", "1e-06"))
        for column in SUMMARY_COLUMNS:
            if column.startswith("latency") or column == "accuracy":
                self.assertEqual(summary[column], "", column)
        self.assertEqual(rows(self.folder / "out/requests.csv"), [])

    def test_counts_as_people_write_them(self):
        self.succeed("run", "small.yaml", "--set", "stop.requests=1e2", "--set", "tiers.device.count=+3", "--out", "out")
        self.assertEqual(rows(self.folder / "out/summary.csv")[0]["requests_arrived"], "100")

    def test_names_with_commas_quotes_and_other_alphabets(self):
        (self.folder / 'a "b", c.yaml').write_bytes((self.folder / "small.yaml").read_bytes())
        self.succeed("run", 'a "b", c.yaml', "--set", 'tiers={gerät: {is: "column:phone"}}', "--set", "network={}",
                     "--set", "plan={algorithm: device-only, compare: none}", "--set", "name='名前: x'", "--out", "out")
        self.assertEqual(rows(self.folder / "out/summary.csv")[0]["scenario"], 'a "b", c')
        self.assertEqual(rows(self.folder / "out/tiers.csv")[0]["tier"], "gerät")
        self.succeed("validate", "out/resolved.yaml")

    def test_a_file_whose_name_cannot_name_a_folder(self):
        (self.folder / "...yaml").write_bytes((self.folder / "small.yaml").read_bytes())
        self.succeed("run", "...yaml")
        self.assertEqual(self.files("results"), ["scenario"] + sorted("scenario/" + name for name in RESULTS))


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

    def test_corrects_an_error_of_the_file(self):
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

    def test_a_value_that_is_not_text(self):
        result = subprocess.run([PROGRAM, "run", "small.yaml", "--set", b"name=\xe9"], cwd=self.folder, capture_output=True,
                                timeout=TIMEOUT_S, check=False)
        self.assertEqual((result.returncode, result.stdout), (2, b""))
        self.assertEqual(result.stderr, b"--set name=\\xe9: error: byte 0xe9 is not UTF-8 text, expected YAML\n")


if __name__ == "__main__":
    unittest.main()
