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
        text, _, _ = self.run_small("workload={arrivals: periodic, period: 10 s}", "plan.compare=none", "stop.requests=500")
        self.assertNotIn("cloud-only:", text.split("plan ", 1)[1])

    def test_a_short_run_says_that_it_has_no_interval(self):
        text, _, _ = self.run_small("workload.rate=0.1 /s", "plan.compare=none", "stop.requests=300")
        self.assertIn("cloud-only: too short for an interval: 300 requests after the warm-up; 400 are needed\n", text)

    def test_an_overloaded_tier(self):
        # Three devices that compute 20 ms get 100 requests/s each: twice their capacity, within the scatter of 3,000 arrivals,
        # of which one standard deviation is 2 %.
        text, _, _ = self.run_small("workload.rate=100 /s", "stop.requests=3000", "plan={algorithm: device-only, compare: none}")
        load = re.search(r"(?m)^device-only: device is overloaded and the bottleneck: the offered load is ([\d.]+) times its "
                         r"capacity(?:, on \d of 3 queues)?; queues grow without end$", text)
        self.assertAlmostEqual(float(load.group(1)), 2, delta=0.2)
        device = rows(self.folder / "out/tiers.csv")[0]
        self.assertEqual(device["verdict"], "overloaded")
        self.assertAlmostEqual(float(device["offered_load"]), float(load.group(1)), delta=0.01)
        self.assertAlmostEqual(float(device["offered_s"]), 3000 * 0.02, delta=1e-9)

    def test_the_links_of_devices_are_the_bottleneck(self):
        """1000 B over 1 Mbit/s take 8 ms: 1.2 of what each link can carry, within the scatter of 3,000 arrivals (2 %)."""
        settings = ["workload.rate=150 /s", "stop.requests=3000"]
        text, _, summary = self.run_small(*settings)
        self.assertRegex(text, r"(?m)^cloud-only: device-cloud up is overloaded and the bottleneck: the offered load is 1\.\d+ "
                               r"times its capacity(, on \d of 3 links)?; queues grow without end$")
        self.assertEqual((summary["verdict"], summary["bottleneck"]), ("overloaded", "device-cloud up"))
        up, down = rows(self.folder / "out/links.csv")[:2]
        self.assertAlmostEqual(float(up["offered_load"]), 1.2, delta=0.1)
        self.assertEqual(float(up["offered_bytes"]), 3000 * 1000)
        self.assertGreaterEqual(float(up["offered_load_worst"]), float(up["offered_load"]))
        self.assertGreater(float(up["utilisation"]), 0.9)
        self.assertGreater(float(up["wait_mean_s"]), 0.1)
        self.assertEqual((up["verdict"], down["verdict"]), ("overloaded", "stable"))
        self.assertEqual({tier["verdict"] for tier in rows(self.folder / "out/tiers.csv") if tier["algorithm"] == "cloud-only"},
                         {"stable"})
        self.assertNotIn("(mean latency)", text)  # No speed-up of a run whose mean grows with its length.

    def test_a_shared_link_is_the_bottleneck(self):
        """Once it is served by offcut, once by SimGrid, to the same figures."""
        seen = []
        for own_links in ("true", "false"):
            text, _, summary = self.run_small("workload.rate=50 /s", "stop.requests=3000", "network.device-cloud.shared=true",
                                              f"engine.own-links={own_links}")
            self.assertIn("\ncloud-only: device-cloud up is overloaded and the bottleneck: ", text)
            self.assertEqual((summary["verdict"], summary["bottleneck"]), ("overloaded", "device-cloud up"))
            up = rows(self.folder / "out/links.csv")[0]
            self.assertAlmostEqual(float(up["offered_load"]), 1.2, delta=0.1)
            seen.append(up)
        for column in ("offered_load", "offered_load_worst", "utilisation", "wait_mean_s", "messages_mean"):
            self.assertAlmostEqual(float(seen[0][column]), float(seen[1][column]), delta=1e-6 * float(seen[0][column]), msg=column)
        for column in ("offered_bytes", "most_messages", "messages_left", "verdict", "links_overloaded"):
            self.assertEqual(seen[0][column], seen[1][column], column)

    def test_a_tier_after_a_saturated_link_is_not_blamed(self):
        """The messages share the link, so most of them reach the cloud, which has little to do, at nearly the same time."""
        text, _, summary = self.run_small("workload.rate=300 /s", "stop.requests=3000", "network.device-cloud.shared=true",
                                          "plan.compare=none")
        self.assertEqual(summary["bottleneck"], "device-cloud up")
        notes = [line for line in text.splitlines() if line.startswith("cloud-only: ")]
        self.assertEqual([line for line in notes if "cloud is" in line.split(":")[1].replace("device-cloud", "")], [])

    def test_all_requests_of_a_backlog_are_served_in_the_end(self):
        """A burst at the end: a backlog, though 400 requests of 20 ms in 100 s are little."""
        times = [i * 0.25 for i in range(300)] + [75 + i * 0.001 for i in range(1000)]
        (self.folder / "burst.csv").write_text("time_s,device\n" + "".join(f"{time},0\n" for time in times), encoding="utf-8")
        text, _, summary = self.run_small("workload={arrivals: trace, file: burst.csv}", "stop.requests=1300",
                                          "tiers.device.count=1", "plan={algorithm: device-only, compare: none}")
        self.assertEqual((summary["verdict"], summary["requests_in_flight"]), ("backlogged", "0"))
        self.assertRegex(text, r"(?m)^device-only: device is backlogged and the bottleneck: the offered load is \S+ times its "
                               r"capacity, but up to \d+ requests waited$")

    def test_messages_that_wait_for_a_link_that_is_down(self):
        text, _, summary = self.run_small("workload.rate=5 /s", "stop={after: 100 s}", "plan.compare=none",
                                          "tiers.device.count=1",
                                          "failures={device-cloud: {outages: [{link: 0, from: 0.3 s, until: 1000 s}]}}")
        self.assertRegex(text, r"(?m)^cloud-only: device-cloud up is backlogged and the bottleneck: \d+ messages waited for a "
                               r"link when the run was stopped, which was down$")
        self.assertEqual((summary["verdict"], summary["bottleneck"]), ("backlogged", "device-cloud up"))
        text, _, summary = self.run_small("workload.rate=5 /s", "stop={after: 100 s}", "plan.compare=none",
                                          "failures={cloud: {outages: [{machine: 0, from: 0.3 s, until: 1000 s}]}}")
        self.assertRegex(text, r"(?m)^cloud-only: cloud is backlogged and the bottleneck: \d+ requests waited for a machine when")
        self.assertEqual((summary["verdict"], summary["bottleneck"]), ("backlogged", "cloud"))

    def test_a_battery_that_is_empty(self):
        text, _, summary = self.run_small("workload.rate=5 /s", "stop={after: 100 s}", "plan.compare=none", "tiers.device.count=1",
                                          "tiers.device.power={idle: 1 W, busy: 2 W}", "tiers.device.battery={capacity: 50 J}",
                                          "network.device-cloud.radio={per-mbit-up: 0 W, per-mbit-down: 0 W, base: 0 W}")
        self.assertRegex(text, r"(?m)^cloud-only: 1 of 1 battery was empty, the first after 50 s; a device with an empty battery "
                               r"asks nothing more$")

    def test_requests_in_flight(self):
        """At load 2, about half of the requests are unanswered when the run is stopped."""
        text, requests, summary = self.run_small("workload.rate=100 /s", "stop={after: 10 s}",
                                                 "plan={algorithm: device-only, compare: cloud-only}")
        left = [request for request in requests if request["outcome"] == "in flight"]
        self.assertGreater(len(left), 1000)
        ages = [10 - float(request["arrival_s"]) for request in left]
        self.assertEqual(int(summary["requests_in_flight"]), len(left))
        self.assertAlmostEqual(float(summary["in_flight_age_mean_s"]), sum(ages) / len(ages), delta=1e-9)
        self.assertAlmostEqual(float(summary["in_flight_age_max_s"]), max(ages), delta=1e-9)
        self.assertEqual(int(rows(self.folder / "out/tiers.csv")[0]["in_flight"]), len(left))
        header, row = [line for line in text.splitlines() if line.startswith(("plan ", "device-only  "))][:2]
        self.assertRegex(header, r"  in flight +oldest$")
        self.assertEqual(row.split()[-3], str(len(left)))
        self.assertEqual(row.count("*"), 3)
        answered = len(requests) - len(left)
        self.assertIn(f"\n* device-only: of the {answered} of {len(requests)} requests that were answered\n", text)
        self.assertRegex(text, rf"(?m)^device-only: of {len(requests)} requests, {len(left)} in flight at the end \(\S+ \S+ old in "
                               r"the mean, the oldest \S+ \S+\)$")
        self.assertNotIn("(mean latency)", text)

    def test_requests_in_flight_that_are_late(self):
        text, requests, summary = self.run_small("workload.rate=100 /s", "workload.deadline=1 s", "stop={after: 10 s}",
                                                 "plan={algorithm: device-only, compare: none}")
        late = sum(request["outcome"] == "in flight" and float(request["arrival_s"]) < 9 for request in requests)
        self.assertGreater(late, 500)
        self.assertEqual(int(summary["in_flight_late"]), late)
        self.assertIn(f", {late} past their deadlines)", text)

    def test_a_run_that_answers_all_has_no_column_of_requests_in_flight(self):
        text, _, summary = self.run_small()
        self.assertNotIn("in flight", text)
        self.assertNotIn("*", text)
        self.assertEqual((summary["verdict"], summary["bottleneck"], summary["in_flight_age_mean_s"]), ("stable", "", ""))

    def test_times_of_zero_are_stable(self):
        (self.folder / "layers.csv").write_text("layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n"
                                                "image,,0,0,0,0,0\nconv1,image,0,0,0,0,0\n", encoding="utf-8")
        text, _, summary = self.run_small("workload={arrivals: closed-loop, think: 0 s}", "network.device-cloud.latency=0 ms",
                                          "stop.requests=1000")
        self.assertEqual((summary["verdict"], summary["bottleneck"], summary["duration_s"]), ("stable", "", "0"))
        self.assertNotIn("backlogged", text)

    def test_arrivals_that_end_early(self):
        (self.folder / "three.csv").write_text("time_s\n1\n2\n", encoding="utf-8")
        note = "cloud-only: the arrivals ended after 6 requests, before the 100 of stop.requests"
        text, _, _ = self.run_small("workload={arrivals: trace, file: three.csv}")
        self.assertIn(note, text.splitlines())
        text, _, _ = self.run_small("workload={arrivals: trace, file: three.csv}", "stop.requests=6")
        self.assertNotIn("the arrivals ended", text)

    def test_a_batch_objective_below_the_time_of_one_request(self):
        (self.folder / "batch.yaml").write_text("""offcut: 1
stop: {requests: 2000}
model: {zoo: resnet18}
tiers: {device: {is: raspberry-pi-4b, count: 50}, cloud: {is: t4}}
network: {device-cloud: {is: ethernet-100m}}
plan: {algorithm: cloud-only, compare: none}
scheduling: {cloud: {batch: {policy: adaptive, objective: 1 ms, max: 64}}}
workload: {arrivals: poisson, rate: 20 /s}
""", encoding="utf-8")
        text = self.succeed("run", "batch.yaml")
        self.assertRegex(text, r"(?m)^cloud-only: one request takes \S+ ms on cloud, more than the batch objective, 1 ms: no batch "
                               r"can keep it$")
        self.assertNotIn("were there when the run was stopped", text)  # All were served.
        text = self.succeed("run", "batch.yaml", "--set", "scheduling.cloud.batch.objective=20 ms")
        self.assertNotIn("batch objective", text)

    def test_a_model_that_does_not_fit_a_device(self):
        (self.folder / "vgg.yaml").write_text("""offcut: 1
stop: {requests: 20}
model: {zoo: vgg16}
tiers: {device: {is: stm32h743}, cloud: {is: t4}}
network: {device-cloud: {up: 100 kbit/s, down: 100 kbit/s, latency: 5 ms}}
plan: {algorithm: device-only, compare: [cloud-only]}
workload: {arrivals: periodic, period: 10 min}
""", encoding="utf-8")
        text = self.succeed("run", "vgg.yaml")
        self.assertRegex(text, r"(?m)^device-only: 'device' needs 5\d\d MB of memory and has 1 MB; the run does not take this into "
                               r"account \(memory: enforce refuses it\)$")
        self.assertNotIn("cloud-only: 'cloud' needs", text)
        message = self.refuse("run", "vgg.yaml", "--set", "memory=enforce", "--out", "refused")
        self.assertRegex(message, r"^--set memory=enforce: error: memory: under 'device-only', 'device' needs 5\d\d MB of memory "
                                  r"and has 1 MB\n$")
        text = self.succeed("run", "vgg.yaml", "--set", "memory=enforce", "--set", "plan.algorithm=cloud-only", "--set",
                            "plan.compare=device-only")
        self.assertRegex(text, r"(?m)^device-only declines: 'device' needs 5\d\d MB of memory and has 1 MB$")

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
        self.assertIn("\ndevice-only: 1.5 times faster than cloud-only, as fast as neurosurgeon (mean latency)\n", text)

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
