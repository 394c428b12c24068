#!/usr/bin/python3
"""offcut plan: its files, the explanation, the ranges in which plans are the best, Pareto fronts, and the drawing."""
import csv
import re
import unittest

from program import SCENARIO, SOURCE, TABLE, InFolder

PLANS = ("algorithm,outcome,optimal,latency_s,compute_s,transmission_s,bottleneck_s,energy_j,makespan_s,memory_bytes,"
         "upload_bytes,solve_s,cut,measure,measure_s").split(",")


class WithTables(InFolder):
    def rows(self, name):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


class Plan(WithTables):
    def test_files_of_all_plans(self):
        text = self.succeed("plan", "small.yaml", "--out", "plans")
        self.assertIn("written: plans.csv, plan.csv\n", text)
        self.assertEqual(self.files("plans"), ["plan.csv", "plans.csv"])
        plans = {row["algorithm"]: row for row in self.rows("plans/plans.csv")}
        self.assertEqual(list(next(iter(plans.values()))), PLANS)
        # 20 ms on the device; 1000 bytes up in 18 ms, 2 ms, 10 bytes down in 10.08 ms in the cloud.
        self.assertAlmostEqual(float(plans["device-only"]["latency_s"]), 0.02, 12)
        cloud = plans["cloud-only"]
        self.assertAlmostEqual(float(cloud["latency_s"]), 0.03008, 12)
        self.assertAlmostEqual(float(cloud["latency_s"]), float(cloud["compute_s"]) + float(cloud["transmission_s"]), 12)
        self.assertAlmostEqual(float(cloud["bottleneck_s"]), 0.008, 12)
        self.assertEqual((cloud["outcome"], cloud["optimal"], cloud["upload_bytes"], cloud["energy_j"], cloud["cut"]),
                         ("planned", "no", "1000", "", "cloud conv1..fc1 (2)"))
        self.assertEqual(plans["multi-tier"]["optimal"], "yes")
        self.assertEqual(plans["edge-only"]["latency_s"], cloud["latency_s"])  # The second tier is the last.
        declined = plans["fixed"]
        self.assertRegex(declined["outcome"], "^declined: it needs 'after'")
        self.assertEqual({declined[name] for name in PLANS[2:] if name != "solve_s"}, {""})
        self.assertTrue(all(float(row["solve_s"]) >= 0 for row in plans.values()))
        layers = self.rows("plans/plan.csv")
        planned = [name for name, row in plans.items() if row["outcome"] == "planned"]
        self.assertEqual([row["algorithm"] for row in layers], [name for name in planned for _ in range(2)])
        # offcut split reads it, so that it has the same columns as that of offcut run.
        self.succeed("run", "small.yaml", "--out", "run")
        self.assertEqual(list(layers[0]), list(self.rows("run/plan.csv")[0]))

    def test_the_makespan_of_a_batch(self):
        text = self.succeed("plan", "small.yaml", "--set", "plan={algorithm: jps, jobs: 4}", "--out", "plans")
        plans = {row["algorithm"]: row for row in self.rows("plans/plans.csv")}
        self.assertIn(f"jps: makespan_s {plans['jps']['makespan_s']}\n", text)
        self.assertEqual(plans["min-cut"]["makespan_s"], "")

    def test_a_budget(self):
        """A chain of 3,000 layers: algorithms whose time grows too fast for the budget say so, and the others answer."""
        layers = "".join(f"l{i},{'image' if i == 0 else f'l{i - 1}'},{1000 + i % 7},0,0,0.001,0.0001\n" for i in range(3000))
        (self.folder / "layers.csv").write_text(
            f"layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\nimage,,1000,0,0,0,0\n{layers}", encoding="utf-8")
        text = self.succeed("plan", "small.yaml", "--budget", "100 ms", "--out", "plans")
        outcomes = {row["algorithm"]: row["outcome"] for row in self.rows("plans/plans.csv")}
        slow = [name for name, outcome in outcomes.items() if "--budget" in outcome]
        for name in ("exact", "neurosurgeon"):
            self.assertIn(name, slow)
            self.assertRegex(outcomes[name], r"^declined: it would take about [\d.]+ m?s for 3000 layers \(time: .*\); "
                             r"--budget allows 100 ms$")
            self.assertIn(f"{name} declines: it would take about ", text)
        for name in ("multi-tier", "min-cut", "jointdnn", "device-only", "cloud-only"):
            self.assertEqual(outcomes[name], "planned")
        self.succeed("plan", "small.yaml", "--budget", "1 min", "--out", "plans")
        outcomes = {row["algorithm"]: row["outcome"] for row in self.rows("plans/plans.csv")}
        self.assertEqual(outcomes["neurosurgeon"], "planned")
        self.assertEqual([outcome for outcome in outcomes.values() if "--budget" in outcome], [])

    def test_a_chain_of_30000_layers_is_no_crash(self):
        """A search that called itself for each layer would fill up the stack."""
        layers = "".join(f"l{i},{'image' if i == 0 else f'l{i - 1}'},{1000 + i % 7},0,0,0.001,0.0001\n" for i in range(30000))
        (self.folder / "layers.csv").write_text(
            f"layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\nimage,,1000,0,0,0,0\n{layers}", encoding="utf-8")
        error = self.refuse("run", "small.yaml", "--set", "plan={algorithm: throughput, most: 200000, compare: none}")
        self.assertIn("the shortest longest stage was not found within 200000 steps", error)

    def test_a_budget_that_the_own_algorithm_exceeds(self):
        error = self.refuse("plan", "small.yaml", "--set", "plan={algorithm: random, tries: 1000000}", "--budget", "1 ms", "--dot", "p.dot")
        self.assertRegex(error, r"^--set plan=.*: error: plan\.algorithm: 'random' declines: it would take about .*--budget allows 1 ms\n$")

    def test_all_but_the_solve_time_is_the_same_every_time(self):
        for name in ["first", "second"]:
            self.succeed("plan", "small.yaml", "--out", name, "--sensitivity", "up=0.1..100 Mbit/s")
        for name in ["plans.csv", "plan.csv", "sensitivity.csv"]:
            first, second = ([{key: row[key] for key in row if key != "solve_s"} for row in self.rows(f"{folder}/{name}")]
                             for folder in ["first", "second"])
            self.assertEqual(first, second)

    def test_the_next_best_plan(self):
        text = self.succeed("plan", "small.yaml", "--explain", "--set", "network.device-cloud.up=2 Mbit/s")
        # Device 20 ms; after conv1 10 + 10.4 + 1 + 10.08; cloud 14 + 2 + 10.08 = 26.08 ms.
        self.assertIn("best (by multi-tier): device conv1..fc1 (2)\nnext best: cloud conv1..fc1 (2)\n", text)
        self.assertRegex(text, r"(?m)^send device-cloud +0 s +14 ms +\+14 ms$")
        self.assertRegex(text, r"(?m)^compute device +20 ms +0 s +-20 ms$")
        self.assertRegex(text, r"(?m)^sum +20 ms +26\.1 ms +\+6\.08 ms$")
        self.assertIn("costs 6.08 ms (30.4 %) more; the deciding term is send device-cloud, +14 ms\n", text)

    def test_the_ranges_of_the_best_plans(self):
        text = self.succeed("plan", "small.yaml", "--sensitivity", "latency=0..20 ms", "--out", "plans",
                            "--set", "network.device-cloud.up=2 Mbit/s")
        # In the cloud 6.08 ms + 2 latencies, on the device 20 ms: at 6.96 ms; a cut takes 11.48 ms + 2 latencies.
        self.assertIn("latency of device-cloud: the best plan changes 1 time\n", text)
        self.assertRegex(text, r"(?m)^ *0 ms +6\.96 ms +6\.08 ms +20 ms +cloud conv1\.\.fc1 \(2\)$")
        self.assertRegex(text, r"(?m)^6\.96 ms +20 ms +20 ms +20 ms +device conv1\.\.fc1 \(2\)$")
        first, second = self.rows("plans/sensitivity.csv")
        self.assertEqual(first["parameter"], "latency of device-cloud")
        self.assertAlmostEqual(float(first["to"]), 0.00696, 14)
        self.assertEqual(first["to"], second["from"])
        self.assertEqual(self.files("plans"), ["plan.csv", "plans.csv", "sensitivity.csv"])

    def test_the_table_shows_the_objective_and_known_figures(self):
        price = ["--set", "tiers.cloud.price=3600", "--set", "network.device-cloud.latency=0 ms"]
        # Cloud 10.08 ms for 0.002, after conv1 11.88 ms for 0.001, device 20 ms for free.
        text = self.succeed("plan", "small.yaml", *price, "--set", "plan.objective=money")
        self.assertRegex(text, r"(?m)^algorithm +money +latency +")
        self.assertRegex(text, r"(?m)^cloud-only +0\.002 +10\.1 ms ")
        self.assertRegex(text, r"(?m)^multi-tier +0 +20 ms +.* +yes +\S+ .?s +1$")
        weights = ["--set", "plan.objective={latency: 2, money: 1}"]
        self.assertRegex(self.succeed("plan", "small.yaml", *price, *weights),
                         r"(?m)^algorithm +weighted sum +latency .*\n(.*\n)*cloud-only +0\.02216 +10\.1 ms ")
        text = self.succeed("plan", "small.yaml", "--set", "plan.objective=throughput")
        self.assertRegex(text, r"(?m)^cloud-only +8 ms +30\.1 ms ")
        self.assertNotIn("energy", text.splitlines()[2])

    def test_the_energy_of_a_device_with_a_power(self):
        alexnet = SOURCE / "scenarios/neurosurgeon-alexnet.yaml"
        text = self.succeed("plan", alexnet, "--set", "plan.objective=energy", "--out", "energy")
        rows = {row["algorithm"]: row for row in self.rows("energy/plans.csv")}
        self.assertRegex(text, r"(?m)^algorithm +energy +latency +compute +transmission +upload ")
        joules = float(re.search(r"(?m)^device-only +(\S+) mJ", text).group(1)) / 1e3
        self.assertAlmostEqual(joules, float(rows["device-only"]["energy_j"]), 3)
        self.assertIn("  energy   upload  ", self.succeed("plan", alexnet).splitlines()[2])
        # One number for each plan, the best first.
        plans = dict(re.findall(r"(?m)^ +(\d+)  (\S.*)$", text))
        self.assertEqual(list(plans), [str(i + 1) for i in range(len(plans))])
        self.assertEqual(len(set(plans.values())), len(plans))
        found = {name: number for name, number in re.findall(r"(?m)^(\S+) .* (\d+)$", text)}
        self.assertEqual(found["device-only"], found["pipeline"])
        memory = float(rows["device-only"]["memory_bytes"]) / 1e6
        self.assertEqual(plans[found["device-only"]], f"device conv1..prob (22, {memory:.3g} MB)")

    def test_users_with_different_devices(self):
        # One unit, no latency. Phones: 20 ms by themselves, 8 + 2 + 0.08 ms in the cloud. Tablets, with a tenth of the link's
        # rate: 2 ms by themselves.
        plan = ("plan={algorithm: iao, users: 1, units: 1, classes: {tablet: {is: 'column:server', count: 2, "
                "network: {up: 0.1 Mbit/s, down: 0.1 Mbit/s, latency: 1 s}}}}")
        text = self.succeed("plan", "small.yaml", "--set", "network.device-cloud.latency=0 ms", "--set", plan)
        self.assertAlmostEqual(float(re.search(r"(?m)^iao: longest_latency_s (\S+)$", text).group(1)), 0.01008)
        self.assertAlmostEqual(float(re.search(r"(?m)^iao: least_mean_latency_s (\S+)$", text).group(1)), 0.01408 / 3)
        self.assertIn("iao: device user 1 input, 1 units\niao: tablet users 1..2 fc1, 0 units\n", text)
        # Without a link of their own, tablets have that of the first tier, and would not use it either.
        same = plan.replace(", network: {up: 0.1 Mbit/s, down: 0.1 Mbit/s, latency: 1 s}", "")
        self.assertIn("iao: tablet users 1..2 fc1, 0 units\n", self.succeed("plan", "small.yaml", "--set", same))
        self.succeed("run", "small.yaml", "--set", plan, "--set", "tiers.device.count=1", "--out", "run")
        self.succeed("run", "run/resolved.yaml", "--out", "again")
        figures = (self.folder / "run/plan_figures.csv").read_bytes()
        self.assertIn(b"tablet users 1..2", figures)
        self.assertEqual((self.folder / "again/plan_figures.csv").read_bytes(), figures)

    def test_exits_with_probabilities(self):
        scenario = SOURCE / "scenarios/quickstart.yaml"
        network = ["--set", "model={zoo: branchy-lenet5}", "--set", "tiers={device: {is: raspberry-pi-zero-2w}, cloud: {is: t4}}",
                   "--set", "network={device-cloud: {is: wifi}}"]

        def figures(leaves):
            plan = f"plan={{algorithm: edgent, exits: {{exit1_prob: {{leaves: {leaves}, accuracy: 0.99}}, prob: {{accuracy: 0.8}}}}}}"
            text = self.succeed("plan", scenario, *network, "--set", plan)
            return dict(re.findall(r"(?m)^edgent: (\w+) (\S+)$", text)), text

        half, text = figures(0.5)
        self.assertAlmostEqual(float(half["expected_accuracy"]), 0.895, 12)
        self.assertRegex(text, r"(?m)^edgent: exit exit1_prob (device|cloud), 0\.5 leave$")
        latency = [float(figures(leaves)[0]["expected_latency_s"]) for leaves in (0, 0.25, 0.5, 0.75, 1)]
        self.assertEqual(latency, sorted(latency, reverse=True))
        self.assertLess(latency[-1], latency[0])

    def test_load_and_speed(self):
        # Without latency: cloud 8.08 + 2 load, after conv1 10.88 + load, device 20 ms.
        fast = ["--set", "network.device-cloud.latency=0 ms"]
        self.assertRegex(self.succeed("plan", "small.yaml", *fast, "--sensitivity", "load=1..100"),
                         r"(?m)^ *1 +2\.8 .*cloud conv1\.\..*\n *2\.8 +9\.12 .*device conv1, cloud fc1\n *9\.12 +100 ")
        # Device 20 / speed, after conv1 1.88 + 10 / speed, cloud 10.08 ms.
        self.assertRegex(self.succeed("plan", "small.yaml", *fast, "--sensitivity", "device.speed=0.1..10"),
                         r"(?m)^ *0\.1 +1\.21951 .*\n *1\.21951 +5\.31915 .*\n *5\.31915 +10 +3\.76 ms +2 ms +device ")
        first = self.succeed("plan", "small.yaml", *fast, "--sensitivity", "speed=0.1..10")
        self.assertIn("speed of device: the best plan changes 2 times\n", first)

    def test_a_pareto_front(self):
        price = ["--set", "tiers.cloud.price=3600", "--set", "network.device-cloud.latency=0 ms"]
        text = self.succeed("plan", "small.yaml", *price, "--pareto", "latency,money", "--out", "plans")
        # Cloud 10.08 ms for 0.002, after conv1 11.88 ms for 0.001, device 20 ms for free.
        self.assertIn("Pareto front: 3 plans\n", text)
        rows = self.rows("plans/pareto.csv")
        for row, latency, money in zip(rows, [0.01008, 0.01188, 0.02], [0.002, 0.001, 0], strict=True):
            self.assertAlmostEqual(float(row["latency_s"]), latency, 12)
            self.assertAlmostEqual(float(row["money"]), money, 12)

    def test_a_drawing(self):
        self.succeed("plan", "small.yaml", "--dot", "plan.dot", "--set", "plan={algorithm: fixed, after: conv1}")
        dot = (self.folder / "plan.dot").read_text(encoding="utf-8")
        self.assertTrue(dot.startswith("digraph plan {"))
        self.assertIn('label="conv1, 100 B"', dot)
        self.assertIn('label="fc1, 10 B"', dot)
        self.assertNotIn("image, ", dot)

    def test_a_folder_that_cannot_be_made_leaves_no_drawing(self):
        (self.folder / "file").write_text("", encoding="utf-8")
        self.refuse("plan", "small.yaml", "--dot", "plan.dot", "--out", "file/plans")
        self.assertFalse((self.folder / "plan.dot").exists())
        self.assertEqual(self.refuse("plan", "small.yaml", "--dot", "no/plan.dot", "--out", "plans"),
                         "no/plan.dot: error: cannot be written: there is no folder 'no'\n")
        self.assertFalse((self.folder / "plans").exists())

    def test_errors(self):
        for arguments, message in [
                (["--sensitivity", "bandwith=1..2 Mbit/s"],
                 "--sensitivity: error: unknown parameter 'bandwith'; did you mean 'bandwidth'?\n"),
                (["--sensitivity", "device-clod.up=1..2 Mbit/s"],
                 "--sensitivity: error: unknown hop 'device-clod'; did you mean 'device-cloud'?\n"),
                (["--sensitivity", "up=2..1 Mbit/s"],
                 "--sensitivity: error: up: expected a range from a number above 0 upwards, got 2..1 Mbit/s\n"),
                (["--sensitivity", "latency=0..1e308 s"],
                 "--sensitivity: error: latency: expected values from 1e-18 to 1e+18 in SI, got 0..1e308 s\n"),
                (["--sensitivity", "up"],
                 "--sensitivity: error: expected [NAME.]PARAMETER=FROM..TO, such as bandwidth=0.1..100 Mbit/s, got 'up'\n"),
                (["--pareto", "latency,energy"],
                 "--pareto: error: the power draw of 'device' is unknown: energy needs a device with a power\n"),
                (["--pareto", "latency,mony", "--sensitivity", "sped=1..2"],
                 "--sensitivity: error: unknown parameter 'sped'; did you mean 'speed'?\n"
                 "--pareto: error: unknown objective 'mony'; did you mean 'money'?\n"),
                (["--pareto", "latency,accuracy"],
                 "--pareto: error: no codec's accuracy was measured; expected a list of codecs in plan.codec\n"),
                (["--pareto", "latency"], "--pareto: error: expected two objectives or more, such as latency,energy\n"),
                (["--sensitivity", "up=1..2 Mbit/s", "--set", "plan.limits={deadline: 1 s}"],
                 "--sensitivity: error: the plans that keep the deadline depend on the value that varies\n")]:
            self.assertEqual(self.refuse("plan", "small.yaml", *arguments, "--out", "plans"), message)


TWO = SCENARIO.replace(
    "model: {layers: layers.csv}", "models: {ours: {layers: layers.csv, plan: {algorithm: fixed, after: conv1}}, "
    "theirs: {layers: other.csv}}").replace(
        "workload: {arrivals: poisson, rate: 5 /s}",
        "workload: {classes: {a: {model: ours, arrivals: poisson, rate: 5 /s}, b: {model: theirs, arrivals: poisson, rate: 5 /s}}}")


class TwoModels(WithTables):
    """Two models, of which one has a plan of its own."""

    def setUp(self):
        super().setUp()
        (self.folder / "two.yaml").write_text(TWO, encoding="utf-8")
        (self.folder / "other.csv").write_text(TABLE.replace("conv1", "conv9"), encoding="utf-8")

    def test_a_table_for_each_or_for_one(self):
        text = self.succeed("plan", "two.yaml")
        ours, theirs = text.split("\n\ntheirs, other: 2 layers; one request in an idle system\n")
        self.assertTrue(ours.startswith("ours, layers: 2 layers; one request in an idle system\n"))
        self.assertIn("cloud conv1..fc1", ours)
        self.assertIn("cloud conv9..fc1", theirs)
        self.assertRegex(ours, r"(?m)^fixed +31\.")
        self.assertIn("\nfixed declines: it needs 'after'", theirs)
        self.assertNotIn("theirs", self.succeed("plan", "two.yaml", "--model", "ours"))
        self.assertTrue(self.succeed("plan", "two.yaml", "--model", "theirs").startswith("theirs, other: "))
        self.assertIn("layers: 2 layers;", self.succeed("plan", "small.yaml", "--model", "layers"))
        self.assertEqual(self.refuse("plan", "two.yaml", "--model", "their"),
                         "--model: error: unknown model 'their'; did you mean 'theirs'?\n")

    def test_every_option_for_each_or_for_one(self):
        price = ["--set", "tiers.cloud.price=3600"]
        options = ["--explain", "--sensitivity", "up=0.1..100 Mbit/s", "--pareto", "latency,money", "--out", "plans"]
        text = self.succeed("plan", "two.yaml", *price, *options, "--dot", "plan.dot")
        for heading in ["\nbest (by ", "\nup of device-cloud: ", "\nPareto front: "]:
            self.assertEqual(text.count(heading), 2, heading)
        names = ["pareto.csv", "plan.csv", "plans.csv", "sensitivity.csv"]
        self.assertEqual(self.files("plans"), names)
        for name in names:
            rows = self.rows("plans/" + name)
            self.assertEqual(list(rows[0])[-1], "model")
            self.assertEqual(sorted({row["model"] for row in rows}), ["ours", "theirs"])
            ours = [row for row in rows if row["model"] == "ours"]
            theirs = [row for row in rows if row["model"] == "theirs"]
            column = "layer" if name == "plan.csv" else "cut"
            self.assertTrue(any("conv1" in row[column] for row in ours))
            self.assertFalse(any("conv9" in row[column] for row in ours))
            self.assertTrue(any("conv9" in row[column] for row in theirs))
        self.assertFalse((self.folder / "plan.dot").exists())
        self.assertIn('label="conv1, 100 B"', (self.folder / "plan-ours.dot").read_text(encoding="utf-8"))
        self.assertIn("conv9", (self.folder / "plan-theirs.dot").read_text(encoding="utf-8"))
        # For one model, the files hold its rows, and the drawing has the name that was given.
        one = self.succeed("plan", "two.yaml", *price, *options, "--model", "theirs", "--dot", "one.dot")
        self.assertEqual(one.count("\nPareto front: "), 1)
        self.assertEqual({row["model"] for row in self.rows("plans/plans.csv")}, {"theirs"})
        self.assertEqual((self.folder / "one.dot").read_bytes(), (self.folder / "plan-theirs.dot").read_bytes())

    def test_all_drawings_or_none(self):
        (self.folder / "plan-theirs.dot").mkdir()
        self.refuse("plan", "two.yaml", "--dot", "plan.dot", "--out", "plans")
        self.assertEqual(self.refuse("plan", "two.yaml", "--dot", "no/plan.dot"), "no/plan-ours.dot: error: cannot be written: there is no folder 'no'\n")
        self.assertIn("models.theirs.plan.after: there is no layer 'conv1'",
                      self.refuse("plan", "two.yaml", "--dot", "two.dot", "--set", "models.theirs.plan.algorithm=fixed",
                                  "--set", "models.theirs.plan.after=conv1", "--set", "plan={}"))

    def test_errors_of_options_name_the_model_if_they_concern_one(self):
        self.assertEqual(self.refuse("plan", "two.yaml", "--pareto", "latency,mony"),
                         "--pareto: error: unknown objective 'mony'; did you mean 'money'?\n")
        self.assertEqual(
            self.refuse("plan", "two.yaml", "--sensitivity", "up=1..2 Mbit/s", "--set", "models.ours.plan.limits={deadline: 1 s}"),
            "--sensitivity: error: ours: the plans that keep the deadline depend on the value that varies\n")

    def test_a_run_and_its_resolved_scenario(self):
        text = self.succeed("run", "two.yaml", "--out", "run")
        self.assertIn("ours, layers: 2 layers, 0.002 M MACs, 0 B of weights\ntheirs, other: 2 layers,", text)
        self.assertIn("\n100 requests\n", text)
        self.assertIn("\nfixed, ours: device conv1, cloud fc1\ncloud-only, theirs: cloud conv9..fc1 (2)\n", text)
        self.assertEqual([row["algorithm"] for row in self.rows("run/summary.csv")], ["fixed+cloud-only", "device-only"])
        tier_of = {(row["algorithm"], row["model"], row["layer"]): row["tier"] for row in self.rows("run/plan.csv")}
        self.assertEqual(tier_of, {("fixed+cloud-only", "ours", "conv1"): "device", ("fixed+cloud-only", "ours", "fc1"): "cloud",
                                   ("fixed+cloud-only", "theirs", "conv9"): "cloud",
                                   ("fixed+cloud-only", "theirs", "fc1"): "cloud",
                                   **{("device-only", *layer): "device"
                                      for layer in [("ours", "conv1"), ("ours", "fc1"), ("theirs", "conv9"), ("theirs", "fc1")]}})
        classes = {(row["algorithm"], row["class"]): row for row in self.rows("run/classes.csv")}
        # 10 + 11.6 + 1 ms and 10.08 back, as against 18 + 2 + 10.08.
        self.assertAlmostEqual(float(classes["fixed+cloud-only", "a"]["planned_latency_s"]), 0.03188, 12)
        self.assertAlmostEqual(float(classes["fixed+cloud-only", "b"]["planned_latency_s"]), 0.03008, 12)
        self.assertEqual(self.rows("run/summary.csv")[0]["planned_latency_s"], "")
        (self.folder / "again").mkdir()
        (self.folder / "again/two.yaml").write_bytes((self.folder / "run/resolved.yaml").read_bytes())
        self.succeed("run", "again/two.yaml", "--out", "second")
        for name in self.files("run"):
            self.assertEqual((self.folder / "run" / name).read_bytes(), (self.folder / "second" / name).read_bytes(), name)


if __name__ == "__main__":
    unittest.main()
