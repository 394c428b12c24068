#!/usr/bin/python3
"""The notes of a run: queues, losses, failures, unfairness, and the gain over the plans that it is compared with."""
import csv
import re
import unittest

from program import SOURCE, InFolder


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Notes(InFolder):
    """The notes below the table, compared with the result files."""

    def run_small(self, *settings):
        text = self.succeed("run", "small.yaml", "--out", "out", *(word for s in settings for word in ("--set", s)))
        return text, rows(self.folder / "out/requests.csv"), rows(self.folder / "out/summary.csv")[0]

    def test_accuracy_if_the_chosen_run_answers_nothing(self):
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

    def test_a_run_without_trouble_has_no_notes(self):
        text, _, _ = self.run_small("workload.rate=0.1 /s", "plan.compare=none")
        self.assertNotIn("cloud-only:", text.split("plan ", 1)[1])

    def test_an_overloaded_tier(self):
        # Three devices that compute 20 ms get 100 requests/s each: twice their capacity, within the scatter of 3,000 arrivals,
        # of which one standard deviation is 2 %.
        text, _, _ = self.run_small("workload.rate=100 /s", "stop.requests=3000", "plan={algorithm: device-only, compare: none}")
        load = re.search(r"(?m)^device-only: device is overloaded: the offered load is (\S+) times its capacity; queues grow "
                         "without end$", text)
        self.assertAlmostEqual(float(load.group(1)), 2, delta=0.2)
        device = rows(self.folder / "out/tiers.csv")[0]
        self.assertEqual(device["verdict"], "overloaded")
        self.assertAlmostEqual(float(device["offered_load"]), float(load.group(1)), delta=0.01)
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

    def test_rejected_requests(self):
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
        # Requests that come while the server is down wait for it, and are not dropped.
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

    def test_the_gain_over_other_plans(self):
        light = ["workload.rate=0.1 /s", "stop.requests=20"]  # So that nothing waits: 30.1 and 20 ms.
        text, _, _ = self.run_small(*light)
        self.assertIn("\ncloud-only: 1.5 times slower than device-only (mean latency)\n", text)
        text, _, _ = self.run_small(*light, "plan={algorithm: device-only, compare: [cloud-only, neurosurgeon]}")
        self.assertIn("\ndevice-only: 1.5 times as fast as cloud-only, as fast as neurosurgeon (mean latency)\n", text)

    def test_many_retries_at_once(self):
        """Without a back-off, there is nothing to double, however often: 2^9999 is no double."""
        self.succeed("run", "small.yaml", "--out", "out", "--set", "failures={device: {up: 10 ms, down: 100 s}}",
                     "--set", "plan.algorithm=device-only", "--set", "workload.on-failure={retries: 10000}")

    def test_links_that_simgrid_serves(self):
        self.run_small("engine={own-links: false}")
        links = rows(self.folder / "out/links.csv")
        self.assertEqual({link["served_by"] for link in links}, {"SimGrid"})
        self.assertIn("# links that SimGrid served: device-cloud up, device-cloud down; that offcut served itself, to the same "
                      "result: none\n", (self.folder / "out/resolved.yaml").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
