#!/usr/bin/python3
"""Devices that come and go, and devices that differ in speed, from files in FedScale's form."""
import csv
import json
import unittest

from program import SOURCE, InFolder

CLIENTS = {"a": {"active": [2, 6], "inactive": [4, 9], "finish_time": 10, "duration": 5, "model": "made up"},
           "b": {"active": [0], "inactive": [5], "finish_time": 10}}
SPEEDS = {"a": {"computation": 30, "communication": 2000.0}, "b": {"computation": 10, "communication": 500}}


class DeviceTraces(InFolder):
    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def run_with(self, traces, *more, out="out"):
        """Returns the rows of requests.csv of a run whose devices have these keys."""
        changes = [part for key, value in traces.items() for part in ("--set", f"tiers.device.{key}={value}")]
        self.succeed("run", "small.yaml", *changes, *more, "--out", out)
        with open(self.folder / out / "requests.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def test_requests_arrive_while_their_device_is_there(self):
        self.write("clients.json", json.dumps(CLIENTS))
        self.write("clients.csv", "client,active,inactive,finish_time\na,2,4,10\nb,0,5,10\na,6,9,10\n")
        trace = {"availability": "{trace: clients.json}"}
        rows = self.run_with(trace, "--set", "stop.requests=500", "--set", "plan.compare=[]")
        self.assertEqual(len(rows), 500)
        for row in rows:
            client = CLIENTS["ab"[int(row["device"]) % 2]]  # The third device follows the first client.
            time = float(row["arrival_s"]) % 10
            self.assertTrue(any(begin <= time < end for begin, end in zip(client["active"], client["inactive"])), row)
        self.assertEqual({row["device"] for row in rows}, {"0", "1", "2"})
        self.assertEqual(self.run_with({"availability": "{trace: clients.csv}"}, "--set", "stop.requests=500", "--set",
                                       "plan.compare=[]", out="csv"), rows)
        shifted = self.run_with({"availability": "{trace: clients.csv, first: 1}"}, "--set", "stop.requests=500", out="b")
        self.assertTrue(all(float(row["arrival_s"]) % 10 < 5 for row in shifted if row["device"] != "1"))
        # The resolved scenario gives the same run.
        self.succeed("run", "out/resolved.yaml", "--out", "again")
        self.assertEqual((self.folder / "again/requests.csv").read_bytes(), (self.folder / "out/requests.csv").read_bytes())

    def test_work_is_lost_and_done_again(self):
        self.write("clients.json", json.dumps([CLIENTS["a"]]))
        self.write("trace.csv", "time_s,device\n3.995,0\n")  # 10 ms of computing, and the device leaves at 4.
        row, = self.run_with({"availability": "{trace: clients.json}"}, "--set", "plan.algorithm=device-only", "--set",
                             "plan.compare=[]", "--set", "workload={arrivals: trace, file: trace.csv}")
        self.assertAlmostEqual(float(row["latency_s"]), 6.02 - 3.995, 9)  # Both layers take 10 ms.
        with open(self.folder / "out/events.csv", encoding="utf-8", newline="") as file:
            events = [(row["time_s"], row["event"]) for row in csv.DictReader(file)]
        self.assertIn(("4", "machine down"), events)
        self.assertIn(("6", "link up"), events)

    def test_each_device_has_its_speed_and_bandwidth(self):
        self.write("speeds.json", json.dumps(SPEEDS))
        self.write("trace.csv", "time_s,device\n1,0\n2,1\n3,2\n")
        changes = ["--set", "workload={arrivals: trace, file: trace.csv}", "--set", "plan.compare=[]"]
        capacity = {"capacity": "{trace: speeds.json}"}
        for algorithm, expected in [
                # The mean is 20 ms. Two layers take 20 ms on the usual device.
                ("device-only", [0.03, 0.01, 0.03]),
                # 1000 B up and 10 B down, at 2000 or 500 kbit/s, 10 ms each way, and 2 ms on the server.
                ("cloud-only", [0.022 + 8080 / 2e6, 0.022 + 8080 / 5e5, 0.022 + 8080 / 2e6])]:
            rows = self.run_with(capacity, "--set", f"plan.algorithm={algorithm}", *changes)
            for row, latency in zip(rows, expected):
                self.assertAlmostEqual(float(row["latency_s"]), latency, 9)
            own = self.run_with(capacity, "--set", f"plan.algorithm={algorithm}", *changes, "--set", "engine.own-links=false")
            for row, latency in zip(own, expected):
                self.assertAlmostEqual(float(row["latency_s"]), latency, 9)
        rows = self.run_with({"capacity": "{trace: speeds.json, reference: 10 ms, first: 1, uses: computation}"},
                             "--set", "plan.algorithm=device-only", *changes)
        self.assertEqual([round(float(row["latency_s"]), 9) for row in rows], [0.02, 0.06, 0.02])

    def test_groups_have_traces_of_their_own(self):
        self.write("speeds.csv", "client,computation,communication\na,30,2000\nb,10,500\n")
        self.write("trace.csv", "time_s,device\n1,0\n2,1\n3,2\n")
        tiers = ("{device: {is: 'column:phone', capacity: {trace: speeds.csv}, groups: {x: {count: 2}, "
                 "y: {capacity: {trace: speeds.csv, first: 1}}}}, cloud: {is: 'column:server'}}")
        rows = self.run_with({}, "--set", f"tiers={tiers}", "--set", "plan.algorithm=device-only", "--set", "plan.compare=[]",
                             "--set", "workload={arrivals: trace, file: trace.csv}")
        for row, latency in zip(rows, [0.03, 0.01, 0.01]):
            self.assertAlmostEqual(float(row["latency_s"]), latency, 9)

    def test_what_can_not_be_combined(self):
        self.write("speeds.json", json.dumps(SPEEDS))
        self.write("clients.json", json.dumps(CLIENTS))
        for trace, change, text in [
                ("capacity={trace: speeds.json}", "network.device-cloud.shared=true", "is shared by all devices"),
                ("capacity={trace: speeds.json}", "network.device-cloud.rates={kind: markov, preset: lte}", "change over time"),
                ("availability={trace: clients.json}", "network.device-cloud.shared=true", "expected 'shared: false'"),
                ("capacity={trace: speeds.json}", "plan.under=load", "different speeds"),
                ("availability={trace: clients.json}", "plan.under=load", "come and go")]:
            self.assertIn(text, self.refuse("run", "small.yaml", "--set", f"tiers.device.{trace}", "--set", change))

    def test_the_example(self):
        example = SOURCE / "scenarios/coming-and-going.yaml"
        self.succeed("run", example, "--set", "stop.after=5 min", "--out", "out")
        with open(self.folder / "out/summary.csv", encoding="utf-8", newline="") as file:
            arrived = {row["algorithm"]: int(row["requests_arrived"]) for row in csv.DictReader(file)}
        self.assertEqual(len(set(arrived.values())), 1, arrived)  # The same arrivals under all plans.
        self.assertLess(arrived["exact"], 0.7 * 40 * 0.5 * 300)
        self.assertGreater(arrived["exact"], 0.3 * 40 * 0.5 * 300)


if __name__ == "__main__":
    unittest.main()
