#!/usr/bin/python3
"""Handovers from outside: 100 devices, 5 sites, 1,000 moves, under each treatment of requests under way. Nothing is lost, each
interruption is in events.csv, and the figures of summary.csv follow from events.csv and requests.csv."""
import csv
import math
import unittest

from program import InFolder

SITES, DEVICES, MOVES = 5, 100, 10
INTERRUPTION = 0.25
PARTS = ("device_wait_s", "device_compute_s", "upload_wait_s", "upload_s", "server_wait_s", "server_compute_s", "download_s", "lost_s",
         "team_s", "handover_s")
SCENARIO = """\
offcut: 1
name: handovers
seed: 3
stop: {after: 300 s}
model: {zoo: alexnet}
tiers:
  device: {is: raspberry-pi-4b, count: 100}
  edge: {is: jetson-nano, count: 5, sites: 5}
network:
  device-edge: {up: 4 Mbit/s, down: 4 Mbit/s, latency: 5 ms,
                site: {count: 5, up: 60 Mbit/s, down: 60 Mbit/s, unlike: [{uplink: 2, up: 30 Mbit/s}]}}
plan: {algorithm: cloud-only, compare: none}
workload: {arrivals: poisson, rate: 0.3 /s}
mobility:
  kind: trace
  file: moves.csv
  interruption: 250 ms
  state: 100 kB
  models: pulled
  backbone: {bandwidth: 100 Mbit/s, latency: 10 ms}
"""


def moves():
    """Returns the moves in the order of time. Each leads to another site."""
    return sorted((25.0 * i + 0.2 * device, device, (device // 20 + i * (1 + device % 4)) % SITES)
                  for device in range(DEVICES) for i in range(1, MOVES + 1))


class Handovers(InFolder):
    def setUp(self):
        super().setUp()
        rows = [f"{time:.6g},{device},{site}\n" for time, device, site in moves()]
        (self.folder / "moves.csv").write_text("time_s,device,site\n" + "".join(rows), encoding="utf-8")
        (self.folder / "handovers.yaml").write_text(SCENARIO, encoding="utf-8")

    def rows(self, folder, file):
        with open(self.folder / folder / file, encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text))

    def run_with(self, treatment):
        self.succeed("run", "handovers.yaml", "--set", f"mobility.under-way={treatment}", "--out", treatment)
        return self.rows(treatment, "summary.csv")[0], self.rows(treatment, "requests.csv"), self.rows(treatment, "events.csv")

    def check_events(self, events):
        began = {}
        spent = 0
        self.assertEqual(len(events), 2 * DEVICES * MOVES)
        for row in events:
            key = (row["which"], row["from"], row["to"])
            if row["event"] == "handover begins":
                began[key] = float(row["time_s"])
            else:
                self.assertEqual(row["event"], "handover ends")
                spent += float(row["time_s"]) - began.pop(key)
        self.assertEqual(began, {})
        times = [(float(row["time_s"]), int(row["which"]), int(row["to"])) for row in events if row["event"] == "handover begins"]
        self.assertEqual([(device, site) for _, device, site in times], [(device, site) for _, device, site in moves()])
        return spent

    def check(self, treatment):
        summary, requests, events = self.run_with(treatment)
        self.assertEqual(len(requests), int(summary["requests_arrived"]))
        self.assertEqual(sorted(int(row["request"]) for row in requests), list(range(len(requests))))
        self.assertEqual(int(summary["handovers"]), DEVICES * MOVES)
        self.assertTrue(math.isclose(float(summary["interruption_s"]), self.check_events(events)))
        self.assertTrue(math.isclose(float(summary["interruption_s"]), DEVICES * MOVES * INTERRUPTION))
        done = [row for row in requests if row["outcome"] == "completed"]
        for row in done:
            self.assertTrue(math.isclose(float(row["latency_s"]), sum(float(row[part]) for part in PARTS), abs_tol=1e-9), row)
        delays = [float(row["handover_s"]) for row in done]
        self.assertGreater(sum(delay > 0 for delay in delays), 50)
        self.assertTrue(math.isclose(float(summary["handover_mean_s"]), math.fsum(delays) / len(done)))
        self.assertGreaterEqual(int(summary["backbone_bytes"]), DEVICES * MOVES * 100_000)
        return summary, requests

    def test_requests_follow(self):
        summary, _ = self.check("follow")
        self.assertGreater(int(summary["taken_along"]), 0)
        self.assertEqual(summary["requests_dropped"], "0")
        self.assertEqual(summary["models_pulled"], "0")  # Each site has devices, and so the model, at the start.

    def test_requests_finish(self):
        summary, _ = self.check("finish")
        self.assertEqual(summary["requests_dropped"], "0")

    def test_requests_are_dropped(self):
        summary, requests = self.check("drop")
        dropped = [row for row in requests if row["outcome"] == "dropped: handover"]
        self.assertGreater(len(dropped), 50)
        self.assertEqual(summary["drops"], f"handover: {len(dropped)}")
        self.assertEqual(summary["taken_along"], "0")

    def test_a_schedule_is_a_trace(self):
        listed = ", ".join(f"{{at: {time:.6g} s, device: {device}, to: {site}}}" for time, device, site in moves())
        (self.folder / "scheduled.yaml").write_text(
            SCENARIO.replace("  kind: trace\n  file: moves.csv\n", f"  kind: schedule\n  moves: [{listed}]\n"), encoding="utf-8")
        self.succeed("run", "handovers.yaml", "--out", "trace")
        self.succeed("run", "scheduled.yaml", "--out", "schedule")
        for file in ("requests.csv", "events.csv", "links.csv"):
            self.assertEqual((self.folder / "trace" / file).read_bytes(), (self.folder / "schedule" / file).read_bytes(), file)

    def test_without_mobility_no_file_has_its_columns(self):
        text = SCENARIO[:SCENARIO.index("mobility:")]
        (self.folder / "still.yaml").write_text(text, encoding="utf-8")
        self.succeed("run", "still.yaml", "--out", "still")
        self.assertNotIn("handover_s", self.rows("still", "requests.csv")[0])
        self.assertEqual(self.rows("still", "summary.csv")[0]["handovers"], "0")


if __name__ == "__main__":
    unittest.main()
