#!/usr/bin/python3
"""Energy and money in plans and runs: what is counted, what is unknown, and that a run of one request takes what its plan says."""
import csv
import re
import unittest

from program import SOURCE, InFolder

ALEXNET = SOURCE / "scenarios/neurosurgeon-alexnet.yaml"
LTE = "network.device-cloud={is: lte}"
# The catalogue's LTE radio, in joules: its promotion, and its tail of 11.576 s at 1060 mW.
PROMOTION, TAIL = 0.26 * 1.2107, 11.576 * 1.06


class Energy(InFolder):
    def rows(self, name):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def planned(self, *changes):
        self.succeed("plan", ALEXNET, *(part for change in changes for part in ("--set", change)), "--out", "plans")
        return {row["algorithm"]: row for row in self.rows("plans/plans.csv")}

    def test_promotion_and_tail_count_in_a_plan(self):
        energy = ["plan.objective=energy", "plan.compare=[device-only, cloud-only]"]
        plain = self.planned(*energy, "network.device-cloud={is: lte, radio: {promotion: {time: 0 s}, tail: []}}")
        whole = self.planned(*energy, LTE)
        self.assertEqual(plain["device-only"]["energy_j"], whole["device-only"]["energy_j"])
        cloud, without = whole["cloud-only"], plain["cloud-only"]
        self.assertAlmostEqual(float(cloud["latency_s"]) - float(without["latency_s"]), 0.26, 9)
        self.assertGreater(float(cloud["energy_j"]), float(without["energy_j"]) + PROMOTION + TAIL)
        # 12.6 J of promotion and tail are more than the device takes: nothing leaves it.
        self.assertEqual(whole["neurosurgeon"]["cut"], whole["device-only"]["cut"])
        dear = self.planned(*energy, "network.device-cloud={is: lte, radio: {tail: {time: 10000 s, power: 100 W}}}")
        self.assertGreater(float(dear["cloud-only"]["energy_j"]), 1e6)

    def test_an_unknown_power_draw_is_not_0_joules(self):
        for volts in ["nan V", "0 V", "-3.7 V", "3.7 W", "1e9 V"]:  # The capacity is right.
            change = f"tiers.device.battery={{capacity: 5000 mAh, voltage: {volts}}}"
            error = self.refuse("run", ALEXNET, "--set", change, "--out", "no")
            self.assertTrue(error.endswith(f": tiers.device.battery.voltage: expected 0.001 V to 1000000 V, got '{volts}'\n"), error)
            self.assertEqual(error.count("\n"), 1, error)
        wired = "network.device-cloud={up: 100 Mbit/s, down: 100 Mbit/s, latency: 1 ms%s}"
        none = ", radio: {per-mbit-up: 0 W, per-mbit-down: 0 W, base: 0 W}"
        energy = ["--set", "plan.objective=energy", "--set", "plan.algorithm=exact"]
        result = self.refuse("plan", ALEXNET, *energy, "--set", wired % "")
        self.assertIn("plan.objective: the power draw of the radio on 'device-cloud' is unknown", result)
        self.succeed("plan", ALEXNET, *energy, "--set", wired % none)
        result = self.refuse("plan", ALEXNET, "--pareto", "latency,energy", "--set", wired % "")
        self.assertIn("the power draw of the radio from 'device' to 'cloud' is unknown", result)
        text = self.succeed("plan", ALEXNET, "--set", wired % "", "--out", "plans")
        self.assertIn("energy: the power draw of the radio from 'device' to 'cloud' is unknown\n", text)
        rows = {row["algorithm"]: row["energy_j"] for row in self.rows("plans/plans.csv")}
        self.assertEqual((rows["cloud-only"], rows["device-only"] != ""), ("", True))
        self.succeed("run", ALEXNET, "--set", wired % "", "--set", "stop.requests=10", "--out", "run")
        summary = {row["algorithm"]: row for row in self.rows("run/summary.csv")}
        self.assertEqual((summary["cloud-only"]["device_energy_j"], summary["cloud-only"]["planned_energy_j"]), ("", ""))
        self.assertNotEqual(summary["device-only"]["device_energy_j"], "")

    def test_a_run_of_one_request_takes_what_the_plan_says(self):
        self.succeed("run", ALEXNET, "--set", LTE, "--set", "plan.algorithm=cloud-only", "--set", "stop.requests=1",
                     "--set", "workload={arrivals: periodic, period: 1 s}", "--out", "run")
        row = self.rows("run/summary.csv")[0]
        request = self.rows("run/requests.csv")[0]
        states = {(row["tier"], row["part"], row["state"]): row for row in self.rows("run/energy.csv")
                  if row["algorithm"] == "cloud-only"}
        idle = states["device", "machines", "idle"]
        before = float(request["arrival_s"]) * float(idle["energy_j"]) / float(idle["time_s"])
        self.assertAlmostEqual(float(row["device_energy_j"]) - before, float(row["planned_energy_j"]), 8)
        self.assertAlmostEqual(float(states["device", "radios", "promotion"]["energy_j"]), PROMOTION, 9)
        self.assertAlmostEqual(float(states["device", "radios", "tail after the run"]["energy_j"]), TAIL, 9)
        for part, machines in [("machines", 1), ("radios", 1)]:
            time = sum(float(state["time_s"]) for key, state in states.items()
                       if key[:2] == ("device", part) and key[2] != "tail after the run")
            self.assertAlmostEqual(time, machines * float(row["duration_s"]), 9)
        total = sum(float(state["energy_j"]) for key, state in states.items() if key[0] == "device")
        self.assertAlmostEqual(total, float(row["device_energy_j"]), 9)
        self.assertGreater(float(request["device_energy_j"]), PROMOTION)

    def test_a_device_of_four_cores_computes_with_one(self):
        self.succeed("run", ALEXNET, "--set", "plan.algorithm=device-only", "--set", "plan.compare=cloud-only",
                     "--set", "tiers.device.cores=4", "--set", "stop.requests=1",
                     "--set", "workload={arrivals: periodic, period: 1 s}", "--out", "run")
        row = self.rows("run/summary.csv")[0]
        idle = next(state for state in self.rows("run/energy.csv") if state["algorithm"] == "device-only"
                    and (state["tier"], state["part"], state["state"]) == ("device", "machines", "idle"))
        before = float(self.rows("run/requests.csv")[0]["arrival_s"]) * float(idle["energy_j"]) / float(idle["time_s"])
        self.assertAlmostEqual(float(row["device_energy_j"]) - before, float(row["planned_energy_j"]), 8)

    def test_a_request_takes_the_power_of_a_busy_core_with_the_pue(self):
        self.succeed("run", ALEXNET, "--set", "tiers.device.power={idle: 2 W, busy: 6 W, pue: 1.5}", "--set",
                     "plan.algorithm=device-only", "--set", "stop.requests=3", "--out", "run")
        for row in self.rows("run/requests.csv"):
            self.assertAlmostEqual(float(row["device_compute_j"]), 1.5 * 6 * float(row["device_compute_s"]), 12)

    def test_money_by_the_hour_and_the_gigabyte_and_a_battery(self):
        self.succeed("run", ALEXNET, "--set", "tiers.cloud.price=3", "--set", "tiers.cloud.count=2", "--set",
                     "network.device-cloud.price=4", "--set", "tiers.device.battery={capacity: 18 Wh}", "--set",
                     "plan.algorithm=cloud-only", "--set", "stop={after: 30 min}", "--set",
                     "workload={arrivals: periodic, period: 10 s}", "--out", "run")
        row = self.rows("run/summary.csv")[0]
        bytes_sent = float(row["upload_bytes"]) + float(row["download_bytes"])
        self.assertAlmostEqual(float(row["money"]), 3 + 4 * bytes_sent / 1e9, 9)
        tiers = {tier["tier"]: tier for tier in self.rows("run/tiers.csv") if tier["algorithm"] == "cloud-only"}
        self.assertEqual((tiers["cloud"]["money"], tiers["device"]["money"]), ("3", ""))
        tails = [float(state["energy_j"]) for state in self.rows("run/energy.csv")
                 if (state["algorithm"], state["state"]) == ("cloud-only", "tail after the run")]
        mean_power = (float(row["device_energy_j"]) - sum(tails)) / 1800
        self.assertAlmostEqual(float(row["battery_life_s"]), 18 * 3600 / mean_power, 3)
        result = self.refuse("run", ALEXNET, "--set", "tiers.cloud.battery={capacity: 1 Wh}", "--out", "no")
        self.assertTrue(re.search(r"battery: only devices, the machines of the first tier, have batteries", result))

    def test_an_empty_battery_ends_its_device(self):
        battery = "tiers.device.battery={capacity: 20 J, charge: 90 %, low-power: {below: 50 %, power: 50 %}}"
        self.succeed("run", ALEXNET, "--set", battery, "--set", "plan.algorithm=cloud-only", "--set", "stop={after: 60 s}",
                     "--set", "output={series: {interval: 0.7 s}}", "--out", "run")
        row = self.rows("run/summary.csv")[0]
        self.assertEqual((row["batteries_empty"], row["battery_left"], row["duration_s"]), ("1", "0", "60"))
        empty = float(row["first_empty_s"])
        self.assertLess(0, empty)
        self.assertLess(empty, 59)
        events = {event["event"]: float(event["time_s"]) for event in self.rows("run/events.csv")}
        self.assertEqual(events["battery empty"], empty)
        self.assertLess(events["battery low"], empty)
        for request in self.rows("run/requests.csv"):
            self.assertLessEqual(float(request["arrival_s"]), empty)
            self.assertIn(request["outcome"], ("completed", "dropped: battery empty"))
        states = {state["state"]: state for state in self.rows("run/energy.csv")
                  if (state["algorithm"], state["tier"], state["part"]) == ("cloud-only", "device", "machines")}
        self.assertAlmostEqual(float(states["empty"]["time_s"]), 60 - empty, 9)
        self.assertLess(0, float(states["idle in low power"]["energy_j"]))
        # A full battery would last longer than what was in it, at the same mean draw.
        self.assertAlmostEqual(float(row["battery_life_s"]), 20 / float(row["device_energy_j"]) * empty, 6)
        series = [sample for sample in self.rows("run/series.csv") if sample["where"] == "device"]
        self.assertEqual(len(series), 86)
        self.assertEqual((float(series[-1]["time_s"]), float(series[-1]["battery"])), (60, 0))
        times = [0] + [float(sample["time_s"]) for sample in series]
        joules = sum(float(sample["power_w"]) * (end - begin) for sample, begin, end in zip(series, times, times[1:]))
        self.assertAlmostEqual(joules, float(row["device_energy_j"]), 6)

    def test_a_battery_in_milliampere_hours_and_what_it_needs(self):
        battery = ["--set", "tiers.device.battery={capacity: 5000 mAh, voltage: 3.7 V}", "--set", "stop.requests=3"]
        self.succeed("run", ALEXNET, *battery, "--out", "run")
        self.assertRegex((self.folder / "run/resolved.yaml").read_text(), r"capacity: .?66600[.0-9]* J")
        self.succeed("run", "run/resolved.yaml", "--out", "again")
        self.assertEqual((self.folder / "run/energy.csv").read_bytes(), (self.folder / "again/energy.csv").read_bytes())
        result = self.refuse("run", ALEXNET, "--set", "tiers.device.battery={capacity: 5 Ah}", "--out", "no")
        self.assertIn("tiers.device.battery.capacity: a capacity in mAh or Ah needs 'voltage', such as 3.7 V", result)
        wired = "network.device-cloud={up: 100 Mbit/s, down: 100 Mbit/s, latency: 1 ms}"
        result = self.refuse("run", ALEXNET, *battery, "--set", wired, "--out", "no")
        self.assertIn("the power draw of the radio is unknown: the battery of 'device' needs it", result)

    def test_a_resolved_scenario_keeps_powers_radios_and_tails(self):
        changes = ["--set", "network.device-cloud={is: 3g}", "--set", "stop.requests=5", "--set",
                   "tiers.cloud.power={idle: 10 W, pue: 1.5}", "--set", "tiers.device.battery={capacity: 18 Wh}"]
        self.succeed("run", ALEXNET, *changes, "--out", "run")
        self.succeed("run", "run/resolved.yaml", "--out", "again")
        for name in ["energy.csv", "requests.csv", "tiers.csv"]:
            self.assertEqual((self.folder / "run" / name).read_bytes(), (self.folder / "again" / name).read_bytes())
        self.assertIn("tail 2", (self.folder / "run/energy.csv").read_text())


if __name__ == "__main__":
    unittest.main()
