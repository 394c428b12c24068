#!/usr/bin/python3
"""Machines that come and go, cold starts, measured noise and scaled profiles: what a user gets from a scenario, by hand."""
import csv
import math
import unittest

from program import SOURCE, InFolder

LAYERS = """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s
image,,1000,0,0,0,0
conv1,image,100,0,1000,0.01,10
"""
SCENARIO = """\
offcut: 1
stop: {after: 40 s}
model: {layers: table.csv}
tiers:
  device: {is: "column:phone"}
  cloud: {is: "column:server"}
network:
  device-cloud: {up: 1 Gbit/s, down: 1 Gbit/s, latency: 0 s}
plan: {algorithm: cloud-only, compare: none}
workload: {arrivals: trace, file: arrivals.csv}
"""
AUTOSCALER = "{policy: queue, target: 1, max: 3, start-up: 3 s, interval: 4 s, scale-down-after: 8 s}"


class Scaling(InFolder):
    def setUp(self):
        super().setUp()
        for name, text in [("table.csv", LAYERS), ("scaled.yaml", SCENARIO), ("arrivals.csv", "time_s\n0\n1\n2\n")]:
            (self.folder / name).write_text(text, encoding="utf-8")

    def rows(self, file):
        with open(self.folder / file, encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text))

    def run_with(self, *changes, scenario="scaled.yaml", out="out"):
        """Returns the cloud's row of tiers.csv."""
        self.succeed("run", scenario, *(part for change in changes for part in ("--set", change)), "--out", out)
        return self.rows(f"{out}/tiers.csv")[-1]

    def test_each_start_and_end_of_a_machine(self):
        """Three requests of 10 s. At 4, there were 2.25 on average: two machines start, and serve from 7 on. The decisions call
        for 3 machines until 12, for 2 at 16, and for 1 from 20 on; that of 16 counts until 24."""
        cloud = self.run_with(f"tiers.cloud.autoscale={AUTOSCALER}")
        events = [(row["time_s"], row["event"], row["where"], row["which"]) for row in self.rows("out/events.csv")]
        self.assertEqual(events, [("4", "machine starting", "cloud", "1"), ("4", "machine starting", "cloud", "2"),
                                  ("7", "machine ready", "cloud", "1"), ("7", "machine ready", "cloud", "2"),
                                  ("20", "machine stopping", "cloud", "2"), ("20", "machine stopped", "cloud", "2"),
                                  ("24", "machine stopping", "cloud", "1"), ("24", "machine stopped", "cloud", "1")])
        self.assertEqual((cloud["machines_most"], cloud["machine_starts"]), ("3", "2"))
        time = 40 + (20 - 4) + (24 - 4)
        self.assertTrue(math.isclose(float(cloud["machine_hours"]), time / 3600), cloud)
        self.assertTrue(math.isclose(float(cloud["machines_mean"]), time / 40), cloud)
        self.assertTrue(math.isclose(float(cloud["utilisation"]), 30 / time), cloud)
        for row, completion in zip(self.rows("out/requests.csv"), (10, 17, 17), strict=True):
            self.assertAlmostEqual(float(row["completion_s"]), completion, places=4)

    def test_energy_and_money_of_the_time_for_which_machines_exist(self):
        """The machines of the test above exist for 76 s, of which 30 are busy. At 3600 an hour, a second costs 1; a plan counts
        the 10 s that one request is computed."""
        changes = [f"tiers.cloud.autoscale={AUTOSCALER}", "tiers.cloud.power={idle: 10 W, busy: 50 W, pue: 1.5}",
                   "tiers.cloud.price=3600"]
        cloud = self.run_with(*changes)
        self.assertAlmostEqual(float(cloud["energy_j"]), 1.5 * (30 * 50 + 46 * 10), 6)
        self.assertAlmostEqual(float(cloud["money"]), 76, 6)
        states = {row["state"]: row for row in self.rows("out/energy.csv") if (row["tier"], row["part"]) == ("cloud", "machines")}
        for state, time, joules in [("busy", 30, 2250), ("idle", 46, 690), ("down", 0, 0)]:
            self.assertAlmostEqual(float(states[state]["time_s"]), time, 6)
            self.assertAlmostEqual(float(states[state]["energy_j"]), joules, 6)
        summary = self.rows("out/summary.csv")[0]
        self.assertAlmostEqual(float(summary["money"]), 76, 6)
        planned = self.succeed("plan", "scaled.yaml", "--set", "plan.objective=money",
                               *(part for change in changes for part in ("--set", change)))
        self.assertRegex(planned, r"(?m)^cloud-only +10 ")
        fixed = self.run_with("tiers.cloud.count=3", *changes[1:], out="fixed")
        self.assertAlmostEqual(float(fixed["money"]), 3 * 40, 6)
        self.assertAlmostEqual(float(fixed["energy_j"]), 1.5 * (30 * 50 + 90 * 10), 6)

    def test_a_tier_that_is_not_scaled_has_all_its_machines(self):
        cloud = self.run_with("tiers.cloud.count=3")
        self.assertEqual([cloud[name] for name in ("machines_mean", "machines_most", "machine_starts", "cold_starts")],
                         ["3", "3", "0", "0"])
        self.assertNotIn("events.csv", self.files("out"))

    def test_one_possible_number_of_machines_gives_the_same_requests(self):
        self.run_with("tiers.cloud.count=2", out="fixed")
        self.run_with("tiers.cloud.count=2", "tiers.cloud.autoscale={min: 2, interval: 1 s}", out="scaled")
        self.assertEqual((self.folder / "fixed/requests.csv").read_bytes(), (self.folder / "scaled/requests.csv").read_bytes())

    def test_the_first_request_pays_for_a_cold_start(self):
        cloud = self.run_with("tiers.cloud.cold-start={time: 2 s}")
        self.assertEqual(cloud["cold_starts"], "1")
        self.assertAlmostEqual(float(cloud["cold_start_s"]), 2)
        self.assertEqual([row["event"] for row in self.rows("out/events.csv")], ["cold start"])
        self.assertAlmostEqual(float(self.rows("out/requests.csv")[0]["completion_s"]), 12, places=4)

    def test_noise_from_one_measured_time_is_none(self):
        (self.folder / "times.csv").write_text("compute_s\n0.037\n", encoding="utf-8")
        self.run_with(out="constant")
        self.run_with("tiers.cloud.noise={kind: empirical, file: times.csv}", out="measured")
        self.assertEqual((self.folder / "constant/requests.csv").read_bytes(),
                         (self.folder / "measured/requests.csv").read_bytes())

    def test_the_scale_of_a_profile_multiplies_each_layer(self):
        self.succeed("profile", "zoo:lenet5", "--from", SOURCE / "tests/models/cost/data/lenet5_onnxruntime.json",
                     "--out", "profile.csv")
        (self.folder / "profiled.yaml").write_text(
            SCENARIO.replace("{layers: table.csv}", "{zoo: lenet5}").replace("cloud-only", "device-only")
            .replace('{is: "column:phone"}', "{profile: profile.csv}").replace('{is: "column:server"}', "{is: t4}"),
            encoding="utf-8")
        self.run_with(scenario="profiled.yaml", out="plain")
        self.run_with("tiers.device.profile={file: profile.csv, scale: 2}", scenario="profiled.yaml", out="scaled")
        times = [[float(row["compute_s"]) for row in self.rows(f"{out}/plan.csv")] for out in ("plain", "scaled")]
        self.assertGreater(sum(times[0]), 0)
        self.assertEqual([2 * time for time in times[0]], times[1])


if __name__ == "__main__":
    unittest.main()
