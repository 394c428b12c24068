#!/usr/bin/python3
"""Plans from files: a run's plan.csv gives the same run again, and files of other tools are checked like every plan."""
import csv
import unittest

from program import InFolder

LAYERS = """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,box_s,server_s
image,,4000,0,0,0,0,0
conv1,image,2000,0,1000,0.02,0.004,0.001
conv2,conv1,500,0,1000,0.02,0.004,0.001
fc1,conv2,10,0,1000,0.02,0.004,0.001
"""
SCENARIO = """\
offcut: 1
seed: 3
stop: {requests: 50}
model: {layers: layers.csv}
tiers:
  device: {is: "column:phone", count: 2}
  edge: {is: "column:box"}
  cloud: {is: "column:server"}
network:
  device-edge: {up: 4 Mbit/s, down: 4 Mbit/s, latency: 2 ms}
  edge-cloud: {up: 9 Mbit/s, down: 9 Mbit/s, latency: 1 ms}
plan: {algorithm: exact, compare: none}
workload: {arrivals: poisson, rate: 5 /s}
"""
RESULTS = ["requests.csv", "tiers.csv", "links.csv"]


class OwnPlans(InFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "layers.csv").write_text(LAYERS, encoding="utf-8")
        (self.folder / "run.yaml").write_text(SCENARIO, encoding="utf-8")

    def write(self, text, name="mine.csv"):
        (self.folder / name).write_text(text, encoding="utf-8")

    def results(self, folder):
        """Returns the rows of the results, without the name of the algorithm."""
        rows = []
        for name in RESULTS:
            with open(self.folder / folder / name, newline="", encoding="utf-8") as file:
                rows += [{key: value for key, value in row.items() if key != "algorithm"} for row in csv.DictReader(file)]
        return rows

    def test_the_plan_of_a_run_gives_the_same_run_again(self):
        self.succeed("run", "run.yaml", "--out", "first")
        self.succeed("run", "run.yaml", "--out", "second", "--set", "plan={file: first/plan.csv, compare: none}")
        self.assertGreater(len(self.results("first")), 50)
        self.assertEqual(self.results("first"), self.results("second"))
        # What was run can be run again, although the file's place is another one by then.
        self.succeed("run", "second/resolved.yaml", "--out", "third")
        self.assertEqual(self.results("third"), self.results("first"))

    def test_one_of_several_plans(self):
        self.succeed("plan", "run.yaml", "--out", "plans")
        for algorithm in ("cloud-only", "device-only", "edge-only"):
            self.succeed("run", "run.yaml", "--out", "own", "--set", f"plan={{algorithm: {algorithm}, compare: none}}")
            self.succeed("run", "run.yaml", "--out", "read", "--set", f"plan={{file: plans/plan.csv, of: {algorithm}, compare: none}}")
            self.assertEqual(self.results("own"), self.results("read"), algorithm)

    def test_each_model_has_its_own_plan(self):
        models = "models: {a: {layers: layers.csv}, b: {layers: layers.csv}}"
        text = SCENARIO.replace("model: {layers: layers.csv}", models)
        text = text.replace("{arrivals: poisson, rate: 5 /s}", "{classes: {a: {model: a, arrivals: poisson, rate: 5 /s}, "
                                                               "b: {model: b, arrivals: poisson, rate: 5 /s}}}")
        (self.folder / "run.yaml").write_text(text, encoding="utf-8")
        rows = [("a", "conv1", "device"), ("a", "conv2", "device"), ("a", "fc1", "device"),
                ("b", "conv1", "edge"), ("b", "conv2", "edge"), ("b", "fc1", "cloud")]
        self.write("algorithm,model,layer,tier\n" + "".join(f"hand,{','.join(row)}\n" for row in rows))
        self.succeed("run", "run.yaml", "--out", "out", "--set", "plan={file: mine.csv, compare: none}")
        with open(self.folder / "out/plan.csv", newline="", encoding="utf-8") as file:
            self.assertEqual([(row["model"], row["layer"], row["tier"]) for row in csv.DictReader(file)], rows)

    def test_all_errors_of_a_file_at_once(self):
        self.write("algorithm,layer,tier\nhand,conv1,cloud\nhand,conv2,edge\nhand,fc,clowd\n")
        message = self.refuse("run", "run.yaml", "--out", "out", "--set", "plan={file: mine.csv}")
        self.assertIn("mine.csv:3:12: error: layer 'conv2' is on 'edge', but reads layer 'conv1' of the later tier 'cloud'\n", message)
        self.assertIn("mine.csv:4:6: error: the model has no layer 'fc'; did you mean 'fc1'?\n", message)
        self.assertIn("mine.csv: error: the plan of 'hand' places 2 of the model's 3 layers; missing: fc1\n", message)
        self.assertFalse((self.folder / "out").exists())
        self.write("algorithm,layer,tier\nhand,conv1,device\nhand,conv2,device\nhand,fc1,clowd\n")
        message = self.refuse("validate", "run.yaml", "--set", "plan={file: mine.csv}")
        self.assertIn("mine.csv:4:10: error: unknown tier 'clowd'; did you mean 'cloud'?\n", message)

    def test_wrong_files_and_keys(self):
        message = self.refuse("run", "run.yaml", "--set", "plan={file: missing.csv}")
        self.assertIn("plan.file: ", message)
        self.assertIn("missing.csv", message)
        self.write("layer,where\nconv1,edge\n")
        message = self.refuse("run", "run.yaml", "--set", "plan={file: mine.csv}")
        self.assertIn("mine.csv:1:1: error: column 'algorithm' is missing", message)
        self.assertIn("mine.csv:1:1: error: column 'tier' is missing", message)
        self.write("algorithm,layer,tier\nhand,conv1,edge\nhand,conv2,edge\nhand,fc1,edge\n")
        message = self.refuse("run", "run.yaml", "--set", "plan={file: mine.csv, of: exact}")
        self.assertIn("mine.csv: error: holds no plan of algorithm 'exact'", message)
        self.assertIn("unknown key 'plan.fil'", self.refuse("run", "run.yaml", "--set", "plan={fil: mine.csv}"))


if __name__ == "__main__":
    unittest.main()
