#!/usr/bin/python3
"""Training over devices, end to end: times of rounds in closed form, the books of rounds and clients, failures, codecs, what a
run leaves, predictions, sweeps and requests beside the training."""
import csv
import os
import re
import shlex
import unittest

import numpy
import onnx

from program import PROGRAM, SOURCE, InFolder, offcut, on_terminal

LATENCY_S, UP, DOWN = 0.01, 1e6, 2e6  # Of each device's link, in bytes per second.
WEIGHTS = 784 * 10 + 10
BASE = """\
offcut: 1
seed: {seed}
tiers: {{device: {{is: raspberry-pi-4b, count: {count}{device}}}, cloud: {{is: t4}}}}
network: {{device-cloud: {{up: 1 MB/s, down: 2 MB/s, latency: 10 ms, transport: none}}}}
training:
  model: softmax-regression
  dataset: digits
  strategy: {{name: {strategy}, rounds: {rounds}, batch: 50, rate: 0.1{setting}}}
{training}{more}"""
# Fast and slow devices, whose messages meet behind an edge.
UNLIKE = """\
offcut: 1
seed: {seed}
tiers:
  device:
    groups:
      near: {{is: raspberry-pi-4b, count: 2, network: {{up: 8 Mbit/s, down: 16 Mbit/s, latency: 20 ms, transport: tcp}}}}
      far: {{is: jetson-nano, count: 2, network: {{up: 2 Mbit/s, down: 4 Mbit/s, latency: 50 ms, transport: tcp}}}}
  edge: {{is: jetson-xavier-nx, count: 2, sites: 2}}
  cloud: {{is: t4}}
network: {{edge-cloud: {{up: 20 Mbit/s, down: 20 Mbit/s, latency: 5 ms}}}}
training:
  model: softmax-regression
  dataset: digits
  strategy: {{name: {strategy}, rounds: 4, batch: 10}}
  data: {{split: drawn, samples: 20}}
"""
# Two fast and two slow devices, behind two sites.
TWO_SITES = """\
offcut: 1
tiers:
  device:
    groups:
      fast: {{is: jetson-xavier-nx, count: 2, network: {{up: 1 MB/s, down: 2 MB/s, latency: 20 ms}}}}
      slow: {{is: raspberry-pi-4b, count: 2, network: {{up: 250 kB/s, down: 500 kB/s, latency: 50 ms}}}}
  edge: {{is: jetson-xavier-nx, count: 2, sites: 2}}
  cloud: {{is: t4}}
network: {{edge-cloud: {{up: 10 MB/s, down: 10 MB/s, latency: 5 ms}}}}
training:
  {model}
  dataset: "blobs:samples=120,tests=10,features=784,classes=10"
  data: {{split: {split}}}
  strategy: {{{strategy}, rounds: 3, batch: 10}}
{more}
"""
REGRESSION = """\
offcut: 1
tiers:
  device: {is: raspberry-pi-4b, count: 3}
  cloud: {is: t4}
network: {device-cloud: {is: wifi}}
training: {model: mlp-s1, dataset: linear-teacher, strategy: {name: fedavg, rounds: 4, rate: 0.01}}
"""
FAILURES = "failures: {fast: {up: 900 ms, down: 200 ms}, slow-edge: {up: 2 s, down: 300 ms}, edge-cloud: {up: 3 s, down: 300 ms}}"
# Every strategy, and each of its forms that sends other messages.
FORMS = [("rounds", "deadline: 2 s"), ("rounds", "fraction: 0.5, over-selection: 1"),
         ("rounds", "fraction: 0.5"), ("asynchronous", "aggregator: fedasync"), ("asynchronous", "aggregator: fedbuff"),
         ("hierarchical", "edge-rounds: 2"), ("data-parallel", "sync: server"), ("data-parallel", "sync: ring"),
         ("data-parallel", "sync: tree"), ("data-parallel", "sync: gossip"), ("gossip", "graph: ring"),
         ("gossip", "graph: full"), ("centralised", "local-epochs: 1"), ("pipeline", "over: tiers, micro-batches: 2"),
         ("pipeline", "over: devices, stages: 2, micro-batches: 3, schedule: 1f1b"), ("slices", "direction: columns"),
         ("slices", "direction: rows"), ("split", "cut: fc1"), ("split-fed", "cut: fc1"),
         ("vertical", "local-epochs: 1"), ("edge-adaptation", "layers: 1")]
# What a run of such a scenario leaves.
FILES = ["clients.csv", "data.csv", "energy.csv", "links.csv", "resolved.yaml", "rounds.csv", "summary.csv",
         "tiers.csv", "trained.onnx"]


def scenario(seed=1, count=4, device="", strategy="fedavg", rounds=3, setting="", training="", more=""):
    return BASE.format(seed=seed, count=count, device=device, strategy=strategy, rounds=rounds, setting=setting,
                       training="".join(f"  {line}\n" for line in training.splitlines()), more=more)


class Training(InFolder):
    def run_scenario(self, out="results", text=None, options=(), **parts):
        """Runs the scenario, and returns what it prints."""
        (self.folder / "train.yaml").write_text(text or scenario(**parts), encoding="utf-8")
        return self.succeed("run", "train.yaml", "--out", out, *options)

    def rows(self, name, out="results"):
        with open(self.folder / out / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def numbers(self, name, column, out="results"):
        return [float(row[column]) for row in self.rows(name, out)]

    def summary(self, out="results"):
        return self.rows("summary.csv", out)[0]

    def check_books(self, out="results"):
        """Every selection is accounted for, and rounds, clients and links carry the same bytes."""
        rounds, clients = self.rows("rounds.csv", out), self.rows("clients.csv", out)
        for rows, counted in ((rounds, "participants"), (clients, "counted")):
            for row in rows:
                self.assertEqual(int(row["selected"]), int(row[counted]) + int(row["late"]) + int(row["lost"]), row)
        self.assertEqual(sum(int(row["selected"]) for row in rounds), sum(int(row["selected"]) for row in clients))
        for row in rounds:
            parts = [float(row[part]) for part in ("compute_s", "communication_s", "waiting_s")]
            self.assertTrue(all(part >= 0 for part in parts), row)
            self.assertAlmostEqual(sum(parts), float(row["round_s"]), delta=1e-9 * max(1, float(row["end_s"])), msg=row)
            self.assertAlmostEqual(float(row["round_s"]), float(row["end_s"]) - float(row["start_s"]), places=9)
        ends = [float(row["end_s"]) for row in rounds]
        self.assertEqual(ends, sorted(ends))
        for row in clients:
            parts = [float(row[part]) for part in ("compute_s", "communication_s", "waiting_s")]
            self.assertTrue(all(part >= 0 for part in parts), row)
            self.assertLessEqual(sum(parts), float(self.summary(out)["training_s"]) * (1 + 1e-12), row)
        summary, links = self.summary(out), self.rows("links.csv", out)
        for way in ("up", "down"):
            carried = sum(float(row["task_bytes"]) for row in links if row["direction"] == way)
            of_rounds = sum(float(row[f"{way}_bytes"]) for row in rounds)
            self.assertEqual(of_rounds, float(summary[f"training_{way}_bytes"]))
            self.assertEqual(carried, of_rounds + sum(float(summary[f"training_{part}_{way}_bytes"])
                                                      for part in ("loading", "after")), way)
            self.assertEqual(carried, sum(float(row[f"{way}_bytes"]) for row in clients)
                             + float(summary[f"training_sites_{way}_bytes"]), way)
        return rounds, clients


class Rounds(Training):
    def test_a_round_in_closed_form(self):
        """A device downloads the weights, computes its steps and uploads its update; all devices are alike."""
        self.run_scenario()
        rounds, clients = self.check_books()
        self.assertEqual([row["round"] for row in rounds], ["1", "2", "3"])
        size = 4 * WEIGHTS
        for row in rounds:
            self.assertEqual((row["selected"], row["participants"]), ("4", "4"))
            self.assertEqual((float(row["up_bytes"]), float(row["down_bytes"])), (4 * size, 4 * size))
            self.assertAlmostEqual(float(row["communication_s"]), size / DOWN + size / UP + 2 * LATENCY_S, delta=1e-9)
            self.assertAlmostEqual(float(row["waiting_s"]), 0, delta=1e-9)
        self.assertAlmostEqual(float(rounds[0]["end_s"]), float(rounds[1]["start_s"]), delta=1e-12)
        # 2,000 pictures in batches of 50: 40 steps a round.
        self.assertEqual({(row["samples"], row["steps"], row["selected"]) for row in clients}, {("2000", "120", "3")})

    def test_the_prediction_is_the_round(self):
        self.run_scenario()
        plan = self.succeed("plan", "train.yaml")
        self.assertIn("fedavg: a round takes ", plan)
        self.assertIn("3 rounds: ", plan)
        for setting in ("", ", local-epochs: 2", ", fraction: 0.5"):
            self.run_scenario(setting=setting)
            first = self.rows("rounds.csv")[0]
            text = self.succeed("plan", "train.yaml")
            self.assertIn(readable(float(first["round_s"])), text, setting)

    def test_the_prediction_of_unlike_devices_behind_an_edge(self):
        """Rounds are rehearsed, so that contention and warm connections are those of the run."""
        for strategy, seed in [("fedavg", 1), ("fedavg, fraction: 0.5", 2), ("scaffold", 1), ("fedasync", 1), ("gossip", 1),
                               ("'data-parallel', sync: ring", 1), ("hierarchical", 1), ("split-fed", 1), ("slices", 1)]:
            text = UNLIKE.format(strategy=strategy, seed=seed)
            self.run_scenario(text=text)
            rounds = self.rows("rounds.csv")
            plan = self.succeed("plan", "train.yaml")

            def mean(column):
                return sum(float(row[column]) for row in rounds) / len(rounds)
            self.assertIn(f": a round takes {readable(mean('round_s'))} in an idle system: ", plan, strategy)
            self.assertIn(f"4 rounds: {readable(float(rounds[-1]['end_s']))}\n", plan, strategy)
            shares = [float(share) for share in re.search(r": ([\d.]+) % compute, ([\d.]+) % communication, ([\d.]+) % w",
                                                          plan).groups()]
            for share, column in zip(shares, ("compute_s", "communication_s", "waiting_s")):
                self.assertAlmostEqual(share, 100 * mean(column) / mean("round_s"), delta=0.051, msg=strategy)
            sent = re.search(r"bytes of a round: ([\d.]+) (\w*B) up, ([\d.]+) (\w*B) down\n", plan).groups()
            for number, unit, column in ((*sent[:2], "up_bytes"), (*sent[2:], "down_bytes")):
                size = float(number) * {"B": 1, "kB": 1e3, "MB": 1e6}[unit]
                self.assertAlmostEqual(size, mean(column), delta=0.006 * mean(column), msg=strategy)
            self.assertIn("from a simulation of rounds 1 to 4 without training", plan)

    def test_a_prediction_says_what_it_can_not_know(self):
        (self.folder / "train.yaml").write_text(scenario(setting=", fraction: 0.5", training="selection: oort"), encoding="utf-8")
        self.assertIn("as if all devices had the same loss", " ".join(self.succeed("plan", "train.yaml").split()))
        (self.folder / "train.yaml").write_text(scenario(count=1200, strategy="gossip"), encoding="utf-8")
        text = " ".join(self.succeed("plan", "train.yaml").split())
        self.assertIn("from a closed form, which is exact for alike devices that share no link or queue: 1200 devices in a round "
                      "are more than the 500 that are simulated", text)

    def test_the_books_of_a_run(self):
        self.run_scenario(count=10, setting=", fraction: 0.3", rounds=5)
        rounds, clients = self.check_books()
        links = {row["direction"]: row for row in self.rows("links.csv")}
        for way in ("up", "down"):
            total = sum(float(row[f"{way}_bytes"]) for row in rounds)
            self.assertEqual(total, sum(float(row[f"{way}_bytes"]) for row in clients))
            self.assertEqual(total, float(links[way]["task_bytes"]))
            self.assertEqual(total, float(links[way]["bytes"]))
            self.assertEqual(total, float(self.summary()[f"training_{way}_bytes"]))
            self.assertEqual(links[way]["task_messages"], "15")
        device = self.rows("tiers.csv")[0]
        self.assertGreaterEqual(int(device["tasks"]), 15)
        self.assertAlmostEqual(float(device["task_s"]), sum(float(row["compute_s"]) for row in clients), delta=1e-9)
        self.assertEqual(sum(int(row["steps"]) for row in clients), 15 * 16)  # 800 pictures in batches of 50.
        summary = self.summary()
        self.assertEqual((summary["training"], summary["rounds"], summary["training_end"]), ("fedavg", "5", "all rounds"))
        self.assertEqual(summary["training_updates"], "15")
        self.assertEqual(summary["verdict"], "stable")
        self.assertAlmostEqual(float(summary["training_s"]), float(rounds[-1]["end_s"]), delta=1e-12)
        self.assertEqual(summary["training_accuracy"], rounds[-1]["accuracy"])

    def test_what_devices_hold(self):
        self.run_scenario(count=7, training="data: {split: dirichlet, alpha: 0.1}", rounds=1)
        held = {}
        for row in self.rows("data.csv"):
            held.setdefault(row["client"], []).append(int(row["class_samples"]))
            self.assertEqual(row["features"], "784")
        samples = {row["client"]: int(row["samples"]) for row in self.rows("clients.csv")}
        self.assertEqual({client: sum(classes) for client, classes in held.items()}, samples)
        self.assertEqual(sum(samples.values()), 8000)

    def test_it_stops_at_an_accuracy_or_a_time(self):
        self.run_scenario(rounds=50, training="stop: {accuracy: 80 %}")
        rounds = self.rows("rounds.csv")
        self.assertLess(len(rounds), 50)
        self.assertGreaterEqual(float(rounds[-1]["accuracy"]), 0.8)
        self.assertTrue(all(float(row["accuracy"]) < 0.8 for row in rounds[:-1]))
        summary = self.summary()
        self.assertEqual(summary["training_end"], "accuracy")
        self.assertAlmostEqual(float(summary["time_to_accuracy_s"]), float(rounds[-1]["end_s"]), delta=1e-9)
        self.run_scenario(rounds=50, training="stop: {after: 3 s}")
        self.assertEqual(self.summary()["training_end"], "time")
        self.assertLessEqual(self.numbers("rounds.csv", "end_s")[-1], 3)

    def test_loading_comes_before_the_first_round(self):
        self.run_scenario(rounds=1)
        without = self.numbers("rounds.csv", "start_s")[0]
        text = self.run_scenario(rounds=1, training="loading: {from: disk, rate: 1 MB/s}")
        start = self.numbers("rounds.csv", "start_s")[0]
        self.assertEqual(without, 0)
        summary = self.summary()
        self.assertAlmostEqual(start, float(summary["training_loading_longest_s"]), delta=1e-9)
        self.assertAlmostEqual(float(summary["training_loading_s"]), 4 * start, delta=1e-6 * start)  # Four alike devices.
        self.assertIn("loading data: ", text)


class Results(Training):
    def test_the_files(self):
        text = self.run_scenario()
        self.assertEqual(self.files("results"), FILES)
        self.assertIn("fedavg: 3 rounds in ", text)
        self.assertIn("trained.onnx", text)
        self.assertNotIn("request", text)

    def test_the_trained_model_takes_any_batch(self):
        for text in (scenario(rounds=1), scenario(rounds=1).replace("softmax-regression", "mcmahan-cnn")):
            self.run_scenario(text=text)
            graph = onnx.load(self.folder / "results/trained.onnx").graph
            for tensor in (graph.input[0], graph.output[0]):
                self.assertEqual(tensor.type.tensor_type.shape.dim[0].dim_param, "batch")
        samples = numpy.random.default_rng(1).random((5, 1, 28, 28), dtype=numpy.float32)
        numpy.save(self.folder / "five.npy", samples)
        numpy.save(self.folder / "one.npy", samples[3:4])
        self.assertIn("; --bind batch=5 takes it, if the model leaves its batch open",
                      self.refuse("infer", "results/trained.onnx", "--input", "five.npy", "--out", "five"))
        for name, count in (("five", 5), ("one", 1)):
            self.succeed("infer", "results/trained.onnx", "--input", f"{name}.npy", "--bind", f"batch={count}", "--out", name)
        output = f"{graph.output[0].name}.npy"
        five, one = (numpy.load(self.folder / name / output) for name in ("five", "one"))
        numpy.testing.assert_allclose(five[3:4], one, rtol=1e-5, atol=1e-6)

    def test_the_same_bytes_twice_and_on_one_core(self):
        self.run_scenario("a", setting=", fraction: 0.5")
        self.run_scenario("b", setting=", fraction: 0.5")
        core = min(os.sched_getaffinity(0))
        result = offcut("run", "train.yaml", "--out", "c", cwd=self.folder,
                        preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for name in FILES:
            texts = {(self.folder / out / name).read_bytes() for out in "abc"}
            self.assertEqual(len(texts), 1, name)

    def test_another_seed_gives_another_run(self):
        for seed in (1, 2):
            self.run_scenario(f"seed{seed}", seed=seed, setting=", fraction: 0.5")
        self.assertNotEqual(self.rows("rounds.csv", "seed1"), self.rows("rounds.csv", "seed2"))

    def test_commands_in_comments_of_scenarios(self):
        """Changes that a shipped scenario of training recommends are valid."""
        found = 0
        for path in sorted((SOURCE / "scenarios").glob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            for command in re.findall(r"^#   offcut run (.*)$", text, re.MULTILINE) if "\ntraining:" in text else []:
                result = offcut("validate", *shlex.split(command), cwd=SOURCE)
                self.assertEqual((result.returncode, result.stderr), (0, ""), command)
                found += 1
        self.assertGreater(found, 0)

    def test_the_resolved_scenario_runs_the_same(self):
        self.run_scenario(training="codec: int8\ndata: {split: shards}")
        self.succeed("run", "results/resolved.yaml", "--out", "again")
        for name in FILES:
            self.assertEqual((self.folder / "again" / name).read_bytes(), (self.folder / "results" / name).read_bytes(), name)

    def test_the_trained_model_has_the_accuracy(self):
        """An inference run over all test pictures counts the same right answers."""
        self.run_scenario(rounds=2)
        onnx.checker.check_model(str(self.folder / "results/trained.onnx"))
        (self.folder / "infer.yaml").write_text("""\
offcut: 1
stop: {requests: 2000}
model:
  onnx: results/trained.onnx
  math: every
  input: {images: models/data/digits/test-images.idx3-ubyte.zst, labels: models/data/digits/test-labels.idx1-ubyte.zst}
tiers: {device: {is: raspberry-pi-4b}}
plan: {algorithm: device-only, compare: none}
workload: {arrivals: periodic, period: 1 s}
""", encoding="utf-8")
        self.succeed("run", "infer.yaml", "--out", "inference")
        self.assertEqual(self.summary("inference")["accuracy"], self.summary()["training_accuracy"])
        judged = self.succeed("train", "results/trained.onnx", "--dataset", "digits", "--epochs", "0")
        right = round(2000 * float(self.summary()["training_accuracy"]))
        self.assertIn(f"{right} of 2000 test samples right", judged)
        self.assertIn(f"cross-entropy loss {float(self.summary()['training_test_loss']):.5g}", judged)

    def test_frozen_weights_stay_and_do_not_cross(self):
        text = scenario(rounds=1).replace("softmax-regression", "mlp-s3")
        self.run_scenario("all", text=text)
        self.run_scenario("last", text=text.replace("  dataset", "  only: \"fc2*\"\n  dataset"))
        sizes = [float(self.summary(out)["training_up_bytes"]) for out in ("all", "last")]
        self.assertEqual(sizes, [4 * 4 * (784 * 128 + 128 + 128 * 10 + 10), 4 * 4 * (128 * 10 + 10)])
        weights = {out: {tensor.name: tensor.raw_data for tensor in onnx.load(self.folder / out / "trained.onnx").graph.initializer}
                   for out in ("all", "last")}
        kept = [name for name in weights["all"] if "fc1" in name]
        self.assertTrue(kept)
        self.assertTrue(all(weights["all"][name] != weights["last"][name] for name in weights["all"]))


class Strategies(Training):
    def test_every_aggregator_trains(self):
        listed = self.succeed("list", "aggregators").splitlines()
        names = [line.split()[0] for line in listed[1:] if line.strip() and not line.startswith(" ")]
        self.assertGreaterEqual(len(names), 8)
        for name in names:
            with self.subTest(name):
                self.run_scenario(strategy=name, rounds=2, setting=", fraction: 0.5")
                self.check_books()
                self.assertEqual(self.summary()["training"], name)
                self.assertGreater(float(self.summary()["training_accuracy"]), 0.1)

    def test_a_codec_makes_updates_smaller(self):
        for codec in ("int8", "top-k:share=0.05"):
            self.run_scenario("plain", rounds=2)
            self.run_scenario("coded", rounds=2, training=f"codec: \"{codec}\"")
            plain, coded = self.summary("plain"), self.summary("coded")
            self.assertLess(float(coded["training_up_bytes"]), 0.3 * float(plain["training_up_bytes"]), codec)
            self.assertEqual(coded["training_down_bytes"], plain["training_down_bytes"])
            self.assertGreater(float(coded["training_accuracy"]), 0.6, codec)

    def test_failures_are_accounted_for(self):
        self.run_scenario(count=20, rounds=20, setting=", fraction: 0.5",
                          more="failures: {device: {up: 4 s, down: 2 s}}\n")
        self.check_books()
        summary = self.summary()
        self.assertEqual((summary["rounds"], summary["training_end"]), ("20", "all rounds"))
        self.assertGreater(int(summary["training_lost"]), 0)
        self.assertGreater(int(summary["training_updates"]), 0)

    def test_the_sums_of_every_strategy(self):
        """Rounds, devices and links have the same bytes among unlike devices behind two sites, idle and with failures; parts
        of times are parts."""
        names = re.findall(r"^(\S+) +\S", self.succeed("list", "strategies"), re.MULTILINE)[1:]
        self.assertEqual(sorted({name for name, _ in FORMS}), sorted(names))
        for name, setting in FORMS:
            model = "joint: {hidden: [6], embedding: 4}" if name == "vertical" else "model: mlp-s3"
            split = "by-feature" if name == "vertical" else "iid"
            selection = "\n  selection: power-of-choice" if setting == "fraction: 0.5" else ""
            for more in ("", "stop: {after: 900 ms}", FAILURES):
                with self.subTest(strategy=name, setting=setting, more=more):
                    self.run_scenario(text=TWO_SITES.format(model=model + selection, split=split,
                                                         strategy=f"name: {name}, {setting}", more=more))
                    rounds, _ = self.check_books()
                    if more:
                        continue
                    self.assertEqual(len(rounds), 3)
                    summary, is_sent = self.summary(), name not in ("centralised", "edge-adaptation")
                    for way in ("up", "down"):
                        self.assertEqual(sum(float(row[f"{way}_bytes"]) for row in rounds) > 0, is_sent)
                        self.assertEqual(float(summary[f"training_sites_{way}_bytes"]) > 0, name == "hierarchical")
                    self.assertEqual(float(summary["training_loading_up_bytes"]) > 0, name == "centralised")
                    self.assertGreater(min(float(row["compute_s"]) for row in rounds), 0)

    def test_a_deadline_leaves_slow_devices_behind(self):
        noise = ", noise: {kind: lognormal, cv: 100 %}"
        self.run_scenario("free", count=10, device=noise, rounds=5)
        deadline = sorted(self.numbers("rounds.csv", "round_s", "free"))[0] * 0.7
        self.run_scenario("cut", count=10, device=noise, rounds=5, setting=f", deadline: {deadline:.4f} s")
        self.check_books("cut")
        self.assertGreater(sum(self.numbers("rounds.csv", "late", "cut")), 0)
        self.assertLessEqual(max(self.numbers("rounds.csv", "round_s", "cut")), deadline + 0.02)


    def test_a_late_device_does_not_wait_for_the_round_that_it_missed(self):
        """Two slow devices come after each deadline. Their time is that of messages and steps alone, and counts once."""
        groups = "{device: {groups: {fast: {is: t4, count: 2, network: {up: 1 MB/s, down: 2 MB/s, latency: 10 ms}},\n" \
                 "  slow: {is: t4, count: 2, network: {up: 250 kB/s, down: 500 kB/s, latency: 50 ms}}}}, cloud: {is: t4}}"
        text = re.sub(r"network: \{device-cloud.*", "network: {}", re.sub(r"tiers: .*", f"tiers: {groups}", scenario(
            rounds=9, setting=", deadline: 250 ms", training="data: {split: drawn, samples: 50}")))
        printed = self.run_scenario(text=text)
        rounds, clients = self.check_books()
        self.assertEqual([row["group"] for row in clients], ["fast", "fast", "slow", "slow"])
        size = 4 * WEIGHTS
        way = size / 500e3 + size / 250e3 + 0.1
        self.assertGreater(way, 0.25)
        for row in clients[2:]:
            self.assertEqual(row["counted"], "0")
            self.assertGreater(int(row["late"]), 1)
            self.assertLess(float(row["waiting_s"]), 1e-9)
            ways = float(row["communication_s"]) / way
            self.assertTrue(int(row["late"]) - 1 <= ways <= int(row["late"]) + 1e-9, row)
        for row in clients[:2]:
            steps = float(row["compute_s"]) / int(row["counted"])
            self.assertAlmostEqual(float(row["waiting_s"]), sum(float(r["round_s"]) for r in rounds)
                                   - int(row["counted"]) * (size / 2e6 + size / 1e6 + 0.02 + steps), delta=1e-9)
        self.assertNotIn("request", printed)  # No table of the groups' requests.
        self.assertIn("valid (3 layers on 2 tiers)", self.succeed("validate", "train.yaml"))

    def test_late_and_lost_devices_are_told_apart(self):
        """The columns of the printed table have the sums of rounds.csv, if it shows all rounds."""
        noise = ", noise: {kind: lognormal, cv: 100 %}"
        settings = [("late", {"setting": ", over-selection: 50 %, fraction: 0.5"}),
                    ("lost", {"setting": ", fraction: 0.5", "more": "failures: {device: {up: 300 ms, down: 200 ms}}\n"})]
        for column, parts in settings:
            text = self.run_scenario(count=10, rounds=6, device=noise if column == "late" else "", **parts)
            self.check_books()
            lines = text.splitlines()
            head = next(i for i, line in enumerate(lines) if line.lstrip().startswith("round "))
            names = lines[head].split()
            self.assertIn(column, names)
            self.assertNotIn({"late": "lost", "lost": "late"}[column], names)
            self.assertGreater(sum(self.numbers("rounds.csv", column)), 0)
            end = lines[head].index(column) + len(column)
            shown = [line[:end].split()[-1] for line in lines[head + 1:head + 7] if line[end - 1:end].strip()]
            self.assertEqual(shown, [row[column] for row in self.rows("rounds.csv") if row[column] != "0"])


class Ends(Training):
    def test_what_ended_the_run(self):
        """Each end has a text of its own, which names its cause."""
        wifi = re.sub(r"device-cloud: .*", "device-cloud: {is: wifi}}", scenario(rounds=99, device=", battery: {capacity: 1 J}"))
        requests = WithRequests.REQUESTS
        ends = [({"rounds": 2}, "all rounds are done", "all rounds"),
                ({"text": wifi}, "the batteries of all devices were empty", "unfinished"),
                ({"rounds": 99, "training": "stop: {after: 50 ms}"}, "its time of 50 ms was over", "time"),
                ({"rounds": 999, "more": requests + "stop: {after: 1 s}\n"}, "the run was stopped after 1 s", "unfinished"),
                ({"rounds": 9999, "more": requests + "stop: {requests: 3}\n"}, "the run ended with its last request", "unfinished")]
        for parts, expected, end in ends:
            text = self.run_scenario("end", **parts)
            self.assertRegex(text, rf"\nfedavg: \d+ rounds? in .*; {expected}\n", parts)
            self.assertEqual(self.summary("end")["training_end"], end)
            self.assertNotIn(",  at best", text)
            lost = int(self.summary("end")["training_lost"])
            self.assertEqual(" lost to failures or empty batteries\n" in text, lost > 0, text)

    def test_the_accuracy_without_a_round(self):
        """The untrained network is judged, at the end, which is then its best."""
        text = self.run_scenario(training="stop: {after: 10 ms}")
        self.assertIn("fedavg: 0 rounds in 10 ms", text)
        self.assertEqual(self.summary()["rounds"], "0")
        accuracy = re.search(r"accuracy: (.*) % at the end, (.*) % at best\n", text)
        self.assertEqual(accuracy[1], accuracy[2])
        self.assertEqual(self.summary()["training_accuracy"], self.summary()["training_best_accuracy"])

    def test_a_regression_has_no_accuracy(self):
        text = self.run_scenario(text=REGRESSION)
        self.assertNotIn("accuracy: ", text)
        self.assertEqual({row["accuracy"] for row in self.rows("rounds.csv")}, {""})
        self.assertEqual(self.summary()["training_accuracy"], "")
        losses = self.numbers("rounds.csv", "test_loss")
        self.assertLess(losses[-1], losses[0])

    def test_devices_that_never_stay_long_enough(self):
        """A message takes longer than any device is there: the training is stuck after 1000 attempts and 100 of each device."""
        (self.folder / "spells.csv").write_text("client,active,inactive,finish_time\n0,0,0.004,1\n", encoding="utf-8")
        for strategy, training in (("fedasync", ""), ("fedbuff", ""), ("centralised", ""), ("pipeline, stages: 2", ""), ("slices", ""),
                                   ("fedavg", "loading: {from: network}")):
            text = self.run_scenario("stuck", count=2, device=", availability: {trace: spells.csv}", strategy=strategy, rounds=3,
                                     training=training)
            self.assertIn("stuck: 1200 messages or computations failed, and none brought it on", text, strategy)
            self.assertEqual(self.summary("stuck")["training_end"], "stuck", strategy)
            failed = [row["task_bytes"] for row in self.rows("links.csv", "stuck")]
            self.assertEqual(set(failed), {"0"}, strategy)
        self.run_scenario("rounds", count=2, device=", availability: {trace: spells.csv}", rounds=3)
        self.assertEqual(self.summary("rounds")["training_end"], "all rounds")


class Text(Training):
    def test_the_table_fits_80_columns(self):
        """In a pipe, too. The columns that are left out are named, and in rounds.csv."""
        given = scenario(count=10, rounds=6, setting=", fraction: 0.5", device=", battery: {capacity: 1 kJ}",
                         more="failures: {device: {up: 100 ms, down: 50 ms}}\n")
        text = self.run_scenario(text=re.sub(r"device-cloud: .*", "device-cloud: {is: wifi}}", given))
        lines = text.splitlines()
        head = next(i for i, line in enumerate(lines) if line.lstrip().startswith("round "))
        self.assertTrue(all(len(line) <= 80 for line in lines[head:head + 9]), text)
        for name in ("time", "devices", "lost", "loss", "accuracy"):
            self.assertIn(name, lines[head].split())
        self.assertIn("not shown at 80 columns: waiting", text)
        self.assertIn("(rounds.csv has all)\n", text)

    def test_a_loss_that_grows(self):
        grows = scenario(rounds=2, training="data: {split: drawn, samples: 200}").replace("softmax-regression", "mlp-s3")
        printed = self.run_scenario(text=grows.replace("rate: 0.1", "rate: 300"))
        losses = self.numbers("rounds.csv", "loss")
        self.assertGreater(losses[-1], 23.03)  # Ten times that of guessing one of ten digits.
        for loss in losses:
            self.assertRegex(printed, rf"\s{re.escape(f'{loss:.4g}')}\s")
        self.assertIn("warning: the training diverged: its loss is ", printed)
        self.assertNotIn("warning", self.run_scenario(rounds=2))

    def test_a_loss_that_is_no_number(self):
        text = scenario(rounds=2, setting=", local-epochs: 3").replace("softmax-regression", "mlp-s3").replace("rate: 0.1", "rate: 1e6")
        (self.folder / "train.yaml").write_text(text.replace("  dataset:", "  optimizer: 'momentum:momentum=0.99'\n  dataset:"), encoding="utf-8")
        self.assertRegex(self.refuse("run", "train.yaml", "--out", "results"),
                         r"\Atrain\.yaml:9:13: error: training\.strategy: training diverged: a client's loss is (NaN|-?infinity) at its step ")

    def test_progress_is_that_of_rounds(self):
        """The bar is drawn ten times a second."""
        (self.folder / "train.yaml").write_text(scenario(rounds=100), encoding="utf-8")
        code, shown = on_terminal("run", "train.yaml", "--out", "results", cwd=self.folder)
        shares = [int(share) for share in re.findall(r"\] +(\d+) %", shown)]
        self.assertEqual((code, shares), (0, sorted(shares)))
        self.assertTrue(any(0 < share < 100 for share in shares), shown)

    def test_forwarding_is_about_requests(self):
        tiers = "tiers: {device: {is: raspberry-pi-4b, count: 4}, edge: {is: t4, FORWARDING}, cloud: {is: t4}}\n"
        links = "network: {device-edge: {is: wifi}, edge-cloud: {up: 10 MB/s, down: 10 MB/s, latency: 1 ms}}\n"
        text = re.sub(r"tiers: .*\n", tiers, re.sub(r"network: .*\n", links, scenario(rounds=1)))
        texts = {}
        for forwarding in ("forwarding: packets", "forwarding: messages", "count: 1"):
            (self.folder / "train.yaml").write_text(text.replace("FORWARDING", forwarding), encoding="utf-8")
            texts[forwarding] = [self.succeed(*command) for command in (("validate", "train.yaml"), ("plan", "train.yaml"),
                                                                         ("run", "train.yaml", "--out", forwarding[-5:]))]
        note = "note: 'forwarding: packets' of 'edge' is about requests: messages of training are received there whole and sent on\n"
        for forwarding, printed in texts.items():
            self.assertEqual([note in one for one in printed], 3 * [forwarding == "forwarding: packets"], forwarding)
        self.assertEqual(self.rows("rounds.csv", "ckets"), self.rows("rounds.csv", "sages"))


class WithRequests(Training):
    REQUESTS = """\
model: {zoo: lenet5}
plan: {algorithm: device-only, compare: none}
workload: {arrivals: periodic, period: 0.5 s}
"""

    def test_requests_and_training_compete(self):
        self.run_scenario("alone")
        text = self.run_scenario("both", more=self.REQUESTS)
        self.assertIn("device-only", text)
        self.assertIn("fedavg: 3 rounds", text)
        summary = self.summary("both")
        self.assertGreater(int(summary["requests_completed"]), 0)
        self.assertEqual(summary["algorithm"], "device-only")
        self.assertGreaterEqual(self.numbers("rounds.csv", "end_s", "both")[-1], self.numbers("rounds.csv", "end_s", "alone")[-1])
        self.assertEqual([row["accuracy"] for row in self.rows("rounds.csv", "both")],
                         [row["accuracy"] for row in self.rows("rounds.csv", "alone")])
        self.assertIn("requests.csv", self.files("both"))

    def test_the_run_may_end_before_the_training(self):
        self.run_scenario("short", rounds=1000, more=self.REQUESTS + "stop: {after: 2 s}\n")
        self.assertEqual(self.summary("short")["training_end"], "unfinished")
        self.check_books("short")


class Sweeps(Training):
    def test_a_dry_run_trains_nothing(self):
        """A million rounds would take hours."""
        (self.folder / "train.yaml").write_text(scenario(rounds=1000000), encoding="utf-8")
        text = self.succeed("sweep", "train.yaml", "--dry-run", "--vary", "training.strategy.name=[fedavg, fedprox]")
        self.assertIn("the first point is valid; it trains, which a dry run does not, so its time is unknown\n", text)
        result = offcut("sweep", "train.yaml", "--dry-run", "--vary", "training.model=[resnet18]", cwd=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("training.model: the samples are 1x28x28", result.stderr)
        self.assertNotIn("valid; it trains", result.stdout)

    def test_seeds_and_strategies(self):
        (self.folder / "train.yaml").write_text(scenario(rounds=2, setting=", fraction: 0.5"), encoding="utf-8")
        (self.folder / "sweep.yaml").write_text("""\
base: train.yaml
replications: 3
vary:
  training.strategy.name: [fedavg, fedprox]
""", encoding="utf-8")
        text = self.succeed("sweep", "sweep.yaml", "--out", "swept")
        points = self.rows("points.csv", "swept")
        self.assertEqual([row["used"] for row in points], ["3", "3"])
        for row in points:
            self.assertGreater(float(row["training_accuracy"]), 0.5)
            self.assertGreater(float(row["training_accuracy_half_width"]), 0)
            self.assertGreater(float(row["training_s"]), 0)
        self.assertIn("training_accuracy", text)
        for name in ("latency_mean_s", "rounds", "time_to_accuracy_s", "reached"):
            self.assertNotIn(name, text)
        self.assertEqual([row["reached"] for row in points], ["", ""])

    def test_runs_that_do_not_reach_the_accuracy_are_counted(self):
        (self.folder / "train.yaml").write_text(scenario(rounds=4), encoding="utf-8")
        self.succeed("sweep", "train.yaml", "--replications", "3", "--vary", "training.strategy.rounds=[4]", "--out", "free")
        best = sorted(float(row["training_best_accuracy"]) for row in self.rows("sweep.csv", "free"))
        self.assertLess(best[0], best[2])
        between = (best[0] + best[2]) / 2  # One or two of three runs reach it.
        text = self.succeed("sweep", "train.yaml", "--replications", "3", "--vary",
                            f"training.stop.accuracy=[50 %, {between:.6f}, 99.9 %]", "--out", "swept")
        runs, points = self.rows("sweep.csv", "swept"), self.rows("points.csv", "swept")
        reached = [[float(run["time_to_accuracy_s"]) for run in runs if run["point"] == point["point"] and run["time_to_accuracy_s"]]
                   for point in points]
        self.assertEqual([len(times) for times in reached], [3, sum(value >= between for value in best), 0])
        self.assertEqual([point["reached"] for point in points], [str(len(times)) for times in reached])
        self.assertEqual([point["used"] for point in points], ["3"] * 3)
        self.assertEqual(points[2]["time_to_accuracy_s"], "")
        for times, point in zip(reached[:2], points):
            self.assertAlmostEqual(float(point["time_to_accuracy_s"]), sum(times) / len(times), delta=1e-9)
        for name in ("rounds", "time_to_accuracy_s", f"({len(reached[1])} of 3)", "(0 of 3)", "so many runs reached the accuracy"):
            self.assertIn(name, text)
        self.assertNotIn("(3 of 3)", text)


class Refusals(Training):
    def test_options_about_requests(self):
        (self.folder / "train.yaml").write_text(scenario(), encoding="utf-8")
        self.assertIn("the scenario only trains", self.refuse("plan", "train.yaml", "--explain"))

    def test_data_that_is_no_data(self):
        (self.folder / "train.yaml").write_text(scenario().replace("dataset: digits", "dataset: train.yaml"), encoding="utf-8")
        self.assertIn("train.yaml", self.refuse("run", "train.yaml", "--out", "results"))

    def test_pictures_that_the_network_does_not_take(self):
        """At the key of the network, or of an option. Each network that the message names takes the pictures."""
        (self.folder / "train.yaml").write_text(scenario().replace("softmax-regression", "lenet-s4"), encoding="utf-8")
        error = self.refuse("run", "train.yaml")
        self.assertIn("train.yaml:6:10: error: training.model: the samples are 1x28x28, but the network's 'image' is 1x3x32x32", error)
        names = error.split("networks that take these samples: ")[1].split()
        self.assertIn("lenet5", [name.strip(",") for name in names])
        for name in names:
            self.succeed("validate", "train.yaml", "--set", f"training.model={name.strip(',')}")
        self.assertRegex(self.refuse("run", "train.yaml", "--set", "training.dataset=blobs"),
                         r"\A--set training.dataset=blobs: error: training\.dataset: the samples are 2 numbers each, but ")

    def test_cuts_that_a_message_names_are_valid(self):
        (self.folder / "train.yaml").write_text(scenario(rounds=1, strategy="split, cut: prob").replace("softmax-regression", "lenet5"), encoding="utf-8")
        error = self.refuse("run", "train.yaml")
        self.assertRegex(error, r"\Atrain\.yaml:8:\d+: error: training\.strategy\.cut: the cut after 'prob' leaves ")
        names = error.split("valid: ")[1].split()
        self.assertEqual(len(names), 11)
        for name in names:
            self.succeed("validate", "train.yaml", "--set", f"training.strategy.cut={name.strip(',')}")

    def test_a_network_that_the_strategy_can_not_cut(self):
        for strategy, expected in [("pipeline", "stages: the network has 2 layers that compute for 4 stages; expected at most 2"),
                                   ("split, cut: nosuch", "cut: the network has no layer 'nosuch' to cut after; valid: flatten\n")]:
            (self.folder / "train.yaml").write_text(scenario(strategy=strategy), encoding="utf-8")
            error = self.refuse("run", "train.yaml")
            self.assertRegex(error, r"\Atrain\.yaml:8:\d+: error: training\.strategy\.", strategy)
            self.assertIn(expected, error)

    def test_a_model_that_is_no_model(self):
        (self.folder / "broken.onnx").write_bytes(b"nothing")
        (self.folder / "train.yaml").write_text(scenario().replace("softmax-regression", "broken.onnx"), encoding="utf-8")
        self.assertIn("broken.onnx", self.refuse("validate", "train.yaml"))


def readable(seconds):
    """A time as the program prints it."""
    unit, size = ("s", 1) if seconds >= 1 else ("ms", 1e-3)
    return f"{seconds / size:.3g} {unit}"


if __name__ == "__main__":
    unittest.main()
