#!/usr/bin/python3
"""Exits at run time: shares and accuracies equal those counted on the data by numpy, planned latencies those simulated."""
import csv
import importlib.util
import math
import unittest

import numpy as np

from program import SOURCE, InFolder

DIGITS = SOURCE / "models/data/digits"
MODEL = f"""{{onnx: {DIGITS}/digits_branchy.onnx, math: every, engine: fast,
  input: {{images: {DIGITS}/test-images.idx3-ubyte.zst, labels: {DIGITS}/test-labels.idx1-ubyte.zst}}}}"""
RUN = """\
offcut: 1
stop: {{requests: {requests}}}
model: {model}
tiers:
  device: {{is: raspberry-pi-3b}}
  edge: {{is: jetson-nano}}
  cloud: {{is: t4}}
network:
  device-edge: {{up: 20 Mbit/s, down: 40 Mbit/s, latency: 5 ms}}
  edge-cloud: {{up: 100 Mbit/s, down: 100 Mbit/s, latency: 20 ms}}
plan: {{{plan}, compare: none}}
workload: {{{workload}}}
"""
IDLE = "arrivals: closed-loop, think: 10 s"
# A trunk of three layers with an exit after each of the first two. Times are sums of powers of two.
TABLE = """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s,server_s@2
image,,1000,0,0,0,0,0
a,image,500,0,0,1,0.25,0.375
exit1,a,10,0,0,0.5,0.125,0.125
b,a,250,0,0,2,0.5,0.75
exit2,b,20,0,0,0.5,0.125,0.25
c,b,15,0,0,4,1,1.5
d,c,30,0,0,0,0,0
"""
CHAIN = """\
offcut: 1
seed: {seed}
stop: {{requests: {requests}}}
model: {{layers: exits.csv}}
tiers: {{phone: {{is: column:phone, count: {count}}}, edge: {{is: column:server}}}}
network: {{phone-edge: {{up: 1 kB/s, down: 1 kB/s, latency: 10 ms, transport: none}}}}
plan: {{{plan}, exits: {exits}, compare: none}}
workload: {{{workload}}}
{more}
"""


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Exits(InFolder):
    def run_text(self, text, *arguments, refused=False):
        (self.folder / "exits.csv").write_text(TABLE, encoding="utf-8")
        (self.folder / "run.yaml").write_text(text, encoding="utf-8")
        if refused:
            return self.refuse("run", "run.yaml", "--out", "refused", *arguments)
        self.succeed("run", "run.yaml", "--out", "out", *arguments)
        return rows_of(self.folder / "out/exits.csv")

    def out(self, name):
        return rows_of(self.folder / "out" / name)


class OnDigits(Exits):
    """The digits network with two exits, against numpy's own forward pass of them."""

    @classmethod
    def setUpClass(cls):
        specification = importlib.util.spec_from_file_location("make_branches", DIGITS / "make_branches.py")
        make = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(make)
        model = make.onnx.load(str(DIGITS / "digits_branchy.onnx"))
        weights = {w.name: make.numpy_helper.to_array(w) for w in model.graph.initializer}
        images = make.read_idx(DIGITS / "test-images.idx3-ubyte.zst")
        cls.labels = make.read_idx(DIGITS / "test-labels.idx1-ubyte.zst")
        del model.graph.node[-8:]  # The exits.
        features = make.in_blocks(model, images)
        cls.probabilities = [make.softmax(features[tensor] @ weights[f"{name}_fc.weight"] + weights[f"{name}_fc.bias"])
                             for name, tensor in make.EXITS.items()]

    def count(self, leaves):
        """Returns the requests and the right answers of each exit, and the inputs that reach the end."""
        left = np.zeros(len(self.labels), bool)
        counts = []
        for probabilities in self.probabilities:
            here = leaves(probabilities) & ~left
            counts.append((int(here.sum()), int((probabilities.argmax(axis=1) == self.labels)[here].sum())))
            left |= here
        return counts, ~left

    def check(self, key, threshold, leaves):
        counts, at_end = self.count(leaves)
        exits = ", ".join(f"exit{i}_probabilities: {{{key}: {threshold}}}" for i in (1, 2))
        rows = self.run_text(RUN.format(requests=2000, model=MODEL, workload=IDLE,
                                        plan=f"algorithm: fixed, after: [exit1_softmax, exit2_softmax], exits: {{{exits}}}"))
        self.assertEqual([row["exit"] for row in rows], ["exit1_probabilities", "exit2_probabilities", "end"])
        self.assertEqual([row["tier"] for row in rows], ["device", "edge", "cloud"])
        self.assertEqual([int(row["requests"]) for row in rows], [n for n, _ in counts] + [int(at_end.sum())])
        for row, (requests, right) in zip(rows, counts):
            if requests:
                self.assertEqual(round(float(row["accuracy"]) * requests), right)
                self.assertAlmostEqual(float(row["planned_accuracy"]), right / requests, delta=1e-12)
            self.assertAlmostEqual(float(row["planned_share"]), requests / 2000, delta=1e-12)
        # Requests at the end answer as those of the whole network do.
        requests = {int(row["input"]): row for row in self.out("requests.csv")}
        self.assertEqual({i for i, row in requests.items() if row["exit"] == "end"}, set(np.flatnonzero(at_end)))
        summary, = self.out("summary.csv")
        right = sum(row["predicted"] == row["label"] for row in requests.values())
        self.assertEqual(float(summary["accuracy"]), right / 2000)
        # Each input comes once, so that the mean is the expectation.
        expected, simulated = float(summary["planned_latency_s"]), float(summary["latency_mean_s"])
        self.assertAlmostEqual(simulated, expected, delta=1e-9 * expected)
        return [int(row["requests"]) for row in rows], right

    def test_confidence(self):
        at_first = []
        for threshold in (0.6, 0.9, 0.99):
            for probabilities in self.probabilities:  # No input is so near that rounding decides.
                self.assertGreater(np.abs(probabilities.max(axis=1) - threshold).min(), 1e-6)
            counts, right = self.check("confidence", threshold, lambda p, t=threshold: p.max(axis=1) >= t)
            at_first.append(counts[0])
            self.assertGreater(right, 1960)
        self.assertGreater(at_first[0], at_first[1])
        self.assertGreater(at_first[1], at_first[2])

    def test_entropy(self):
        def entropy(p):
            return -(p * np.log(np.maximum(p, 1e-30))).sum(axis=1)
        for probabilities in self.probabilities:
            self.assertGreater(np.abs(entropy(probabilities) - 0.3).min(), 1e-6)
        self.check("entropy", 0.3, lambda p: entropy(p) <= 0.3)

    def test_a_threshold_that_all_reach(self):
        self.check("confidence", 0, lambda p: p.max(axis=1) >= 0)

    def test_classes_have_thresholds_of_their_own(self):
        classes = ("classes: {one: {arrivals: periodic, period: 10 s}, two: {arrivals: periodic, period: 10 s, exits: "
                   "{exit1_probabilities: {confidence: 0.5}}}}")
        exits = "exits: {exit1_probabilities: {confidence: 0.9}, exit2_probabilities: {confidence: 0.9}}"
        rows = self.run_text(RUN.format(requests=400, model=MODEL, workload=classes,
                                        plan=f"algorithm: fixed, after: exit1_softmax, {exits}"))
        self.assertEqual([row["class"] for row in rows], ["one"] * 3 + ["two"] * 3)
        self.assertEqual([row["confidence"] for row in rows], ["0.9", "0.9", "", "0.5", "0.9", ""])
        for row in self.out("requests.csv"):
            probabilities = [p[int(row["input"])].max() for p in self.probabilities]
            first = 0.5 if row["class"] == "two" else 0.9
            exit_there = 0 if probabilities[0] >= first else 1 if probabilities[1] >= 0.9 else 2
            self.assertEqual(row["exit"], ["exit1_probabilities", "exit2_probabilities", "end"][exit_there])

    def test_encoded_tensors(self):
        """A request that leaves on the device sends nothing; one that leaves later sends its own encoded size."""
        exits = "exits: {exit1_probabilities: {confidence: 0.9}, exit2_probabilities: {confidence: 0.9}}"
        self.run_text(RUN.format(requests=300, model=MODEL, workload=IDLE,
                                 plan=f"algorithm: fixed, after: exit1_softmax, codec: int8+zstd, {exits}"))
        sizes = set()
        for row in self.out("requests.csv"):
            if row["exit"] == "exit1_probabilities":
                self.assertEqual(float(row["upload_bytes"]), 0)
            else:
                sizes.add(row["upload_bytes"])
        self.assertGreater(len(sizes), 3)


class WithProbabilities(Exits):
    def test_mean_latency_is_the_expected_one(self):
        """Within four standard errors, for several networks, algorithms and cuts on three tiers."""
        cases = [("branchy-lenet5", "exit1_prob: {leaves: 0.6}", plan)
                 for plan in ("algorithm: fixed, after: exit1_prob", "algorithm: fixed, after: [pool1, pool2]",
                              "algorithm: greedy", "algorithm: device-only", "algorithm: cloud-only")]
        cases += [("branchy-alexnet", "exit1_prob: {leaves: 0.3}, exit2_prob: {leaves: 0.5}", plan)
                  for plan in ("algorithm: fixed, after: [exit1_prob, conv4]", "algorithm: multi-tier", "algorithm: edge-only")]
        for network, exits, plan in cases:
            with self.subTest(network=network, plan=plan):
                rows = self.run_text(RUN.format(requests=3000, model=f"{{zoo: {network}}}", workload=IDLE,
                                                plan=f"{plan}, exits: {{{exits}}}"))
                summary, = self.out("summary.csv")
                expected, simulated = float(summary["planned_latency_s"]), float(summary["latency_mean_s"])
                latencies = [float(row["planned_latency_s"]) for row in rows]
                shares = [float(row["planned_share"]) for row in rows]
                self.assertAlmostEqual(sum(map(float.__mul__, latencies, shares)), expected, delta=1e-9 * expected)
                variance = sum(s * (x - expected) ** 2 for s, x in zip(shares, latencies))
                self.assertLessEqual(abs(simulated - expected), 4 * math.sqrt(variance / 3000) + 1e-9 * expected)
                for row in rows:
                    if int(row["requests"]):
                        planned = float(row["planned_latency_s"])
                        self.assertAlmostEqual(float(row["latency_mean_s"]), planned, delta=1e-9 * planned)
                    share = float(row["planned_share"])
                    error = 4 * math.sqrt(share * (1 - share) / 3000) + 1e-12
                    self.assertLessEqual(abs(float(row["share"]) - share), error)

    def chain(self, plan="algorithm: fixed, after: exit1", exits="{exit1: {leaves: 50 %}, exit2: {leaves: 50 %}}", requests=200,
              workload="arrivals: closed-loop, think: 100 s", more="", count=1, seed=1):
        return CHAIN.format(plan=plan, exits=exits, requests=requests, workload=workload, more=more, count=count, seed=seed)

    def test_hand_computed_ways(self):
        """exit1 on the phone: 1 + 0.5 s. exit2: then 500 bytes up in 0.51 s, b and exit2, 20 bytes down in 0.03 s."""
        rows = self.run_text(self.chain())
        self.assertEqual([row["exit"] for row in rows], ["exit1", "exit2", "end"])
        for row, latency in zip(rows, (1.5, 1.5 + 0.51 + 0.625 + 0.03, 1.5 + 0.51 + 1.625 + 0.04)):
            self.assertAlmostEqual(float(row["planned_latency_s"]), latency, delta=1e-12)
            self.assertAlmostEqual(float(row["latency_mean_s"]), latency, delta=1e-9)
        self.assertEqual([float(row["planned_share"]) for row in rows], [0.5, 0.25, 0.25])
        by_exit = {row["exit"]: row for row in self.out("requests.csv")}
        self.assertEqual([float(by_exit[name]["upload_bytes"]) for name in ("exit1", "exit2", "end")], [0, 500, 500])
        self.assertEqual([float(by_exit[name]["download_bytes"]) for name in ("exit1", "exit2", "end")], [0, 20, 30])

    def test_edgent_and_fixed_agree(self):
        """The same cut: two solvers compute the same ways."""
        edgent = self.run_text(self.chain(plan="algorithm: edgent"))
        cut, = [row for row in self.out("plan_figures.csv") if row["what"] == "expected_latency_s"]
        tiers = {row["layer"]: row["tier"] for row in self.out("plan.csv")}
        here = [layer for layer in tiers if tiers[layer] == "phone"]
        plan = f"algorithm: fixed, after: {here[-1]}" if here else "algorithm: edge-only"
        fixed = self.run_text(self.chain(plan=plan))
        for row, other in zip(edgent, fixed):
            for column in row:
                if column != "algorithm":
                    self.assertEqual(row[column], other[column], column)
        mean, = self.out("summary.csv")
        self.assertAlmostEqual(float(cut["value"]), float(mean["planned_latency_s"]), delta=1e-12)

    def test_batches(self):
        """Two phones send at once, so that batches of two are computed. A batch takes as long as its last exit says."""
        more = "scheduling: {edge: {batch: {policy: fixed, size: 2}}}"
        workload = "arrivals: periodic, period: 100 s, spread: 0"
        self.run_text(self.chain(plan="algorithm: edge-only", exits="{exit1: {leaves: 50 %}, exit2: {leaves: 50 %}}",
                                 requests=200, workload=workload, more=more, count=2))
        time_of = {"exit1": 0.5, "exit2": 0.5 + 1.0, "end": 0.5 + 1.0 + 1.5}  # Of two: a + exit1, b + exit2, c.
        depth = list(time_of)
        batches = {}
        for row in self.out("requests.csv"):
            batches.setdefault(float(row["arrival_s"]), []).append(row)
        mixed = 0
        for batch in batches.values():
            self.assertEqual(len(batch), 2)
            last = max((row["exit"] for row in batch), key=depth.index)
            mixed += batch[0]["exit"] != batch[1]["exit"]
            for row in batch:
                self.assertAlmostEqual(float(row["server_compute_s"]), time_of[last], delta=1e-9)
        self.assertGreater(mixed, 30)

    def test_policies_do_not_know_where_a_request_will_leave(self):
        """Under sjf, requests of one class are served in the order of arrival, wherever they leave."""
        more = "scheduling: {phone: {queue: sjf}}"
        self.run_text(self.chain(plan="algorithm: device-only", workload="arrivals: burst, size: 40", requests=40, more=more))
        served = [int(row["request"]) for row in self.out("requests.csv")]
        self.assertEqual(served, list(range(40)))

    def test_same_seed_same_bytes(self):
        text = self.chain(workload="arrivals: poisson, rate: 0.2 /s", requests=500)
        self.run_text(text)
        first = {path.name: path.read_bytes() for path in (self.folder / "out").iterdir()}
        self.run_text(text)
        self.assertEqual(first, {path.name: path.read_bytes() for path in (self.folder / "out").iterdir()})

    def test_class_probabilities(self):
        workload = ("classes: {one: {arrivals: periodic, period: 100 s}, two: {arrivals: periodic, period: 100 s, exits: "
                    "{exit1: {leaves: 100 %}}}}")
        rows = self.run_text(self.chain(workload=workload))
        shares = [float(row["planned_share"]) for row in rows]
        self.assertEqual(shares, [0.5, 0.25, 0.25, 1, 0, 0])
        self.assertEqual([int(row["requests"]) for row in rows[3:]], [100, 0, 0])

    def test_errors(self):
        refused = {
            self.chain(exits="{exit1: {confidence: 0.9}, exit2: {leaves: 0.5}}"):
                "plan.exits.exit1: an exit by its confidence must end in a Softmax",
            self.chain(exits="{exit1: {leaves: 0.5}}"): "'fixed' declines: the share of requests that leave at 'exit2' is unknown",
            self.chain(exits="{exit1: {confidence: 0.9, entropy: 1, leaves: 0.5}}"):
                "plan.exits.exit1.entropy: an exit has 'confidence' or 'entropy', but not both",
            self.chain(exits="{exit1: {leaves: 0.5}, exit3: {leaves: 0.5}}"): "the network has no output 'exit3'; did you mean",
            self.chain(workload="arrivals: closed-loop, think: 1 s, exits: {exit4: {leaves: 1}}"):
                "workload.exits.exit4: the plan of its model has no exit 'exit4'; did you mean 'exit1'?",
            self.chain(workload="arrivals: closed-loop, think: 1 s, exits: {}"): "workload.exits: expected at least one",
            self.chain(plan="algorithm: jps"): "another rule by which requests differ",
        }
        for text, message in refused.items():
            with self.subTest(message=message):
                self.assertIn(message, self.run_text(text, refused=True))
        digits = RUN.format(requests=10, model=MODEL, workload=IDLE, plan="algorithm: fixed, after: exit1_softmax, exits: "
                            "{exit1_probabilities: {confidence: 0.9}, exit2_probabilities: {leaves: 0.5}}")
        self.assertIn("'exit2_probabilities' needs 'confidence' or 'entropy'", self.run_text(digits, refused=True))
        self.assertIn("without 'math', requests leave with a probability: expected 'leaves'",
                      self.run_text(digits.replace("math: every", "math: off"), refused=True))


if __name__ == "__main__":
    unittest.main()
