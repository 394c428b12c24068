#!/usr/bin/python3
"""offcut size: the smallest and the cheapest value for which conditions hold."""
import csv
import math
import unittest

from program import InFolder

# A station of servers with exponential service of 10 ms, which 350 requests reach each second, after a link that takes no time.
STATION = """\
offcut: 1
stop: {requests: 5000}
model: {layers: net.csv}
tiers:
  device: {is: "column:phone"}
  cloud: {is: "column:server", noise: {kind: exponential}, price: 1}
network:
  device-cloud: {up: 100 Gbit/s, down: 100 Gbit/s, latency: 0 ms}
plan: {algorithm: cloud-only, compare: none}
workload: {arrivals: poisson, rate: 350 /s}
"""
TABLE = """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s
image,,1000,0,0,0,0
dense,image,1,0,1000,1,0.01
"""


def sojourn(servers, rate=350, service=0.01):
    """The mean sojourn in M/M/c, by Erlang's formula."""
    offered = rate * service
    terms = [offered**k / math.factorial(k) for k in range(servers)]
    last = offered**servers / math.factorial(servers) / (1 - offered / servers)
    return service + last / (sum(terms) + last) / (servers / service - rate)


class Size(InFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "station.yaml").write_text(STATION, encoding="utf-8")
        (self.folder / "net.csv").write_text(TABLE, encoding="utf-8")

    def size(self, until, *arguments, vary="tiers.cloud.count=1..16"):
        return self.succeed("size", "station.yaml", "--vary", vary, "--until", until, *arguments)

    def rows(self, name):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def test_the_servers_of_erlang(self):
        bound = math.sqrt(sojourn(4) * sojourn(5))
        text = self.size(f"latency_mean_s < {bound}", "--out", "tried.csv", "--write", "five.yaml")
        self.assertIn("tiers.cloud.count = 5: the smallest value for which", text)
        rows = self.rows("tried.csv")
        self.assertEqual([row["tiers.cloud.count"] for row in rows if row["chosen"] == "1"], ["5"])
        self.assertEqual([row["holds"] for row in rows], ["1" if int(row["tiers.cloud.count"]) >= 5 else "0" for row in rows])
        self.assertLess(len(rows), 16)
        self.assertLessEqual({"4", "5", "6"}, {row["tiers.cloud.count"] for row in rows})
        for row in rows:
            if int(row["tiers.cloud.count"]) >= 5:
                self.assertLess(float(row["latency_mean_s_high"]), bound)
                self.assertAlmostEqual(float(row["latency_mean_s"]) / sojourn(int(row["tiers.cloud.count"])), 1, delta=0.05)
        # The written scenario is the sized one: one of its runs has the same figures.
        self.succeed("run", "five.yaml", "--out", "five")
        self.succeed("run", "station.yaml", "--set", "tiers.cloud.count=5", "--out", "same")
        five, same = self.rows("five/summary.csv")[0], self.rows("same/summary.csv")[0]
        self.assertEqual(five["latency_mean_s"], same["latency_mean_s"])
        # Neither the order nor the bytes depend on -j.
        self.size(f"latency_mean_s < {bound}", "--out", "one.csv", "-j", "1")
        self.assertEqual((self.folder / "one.csv").read_bytes(), (self.folder / "tried.csv").read_bytes())

    def test_several_conditions_and_a_cost(self):
        text = self.size("latency_mean_s < 15 ms and throughput_per_s > 300 and requests_dropped <= 0", "--cost", "money")
        self.assertIn("tiers.cloud.count = 5: the cheapest value", text)
        text = self.size("latency_mean_s < 15 ms", "--cost", "money", vary="tiers.cloud.count=[9, 5, 7]")
        self.assertIn("tiers.cloud.count = 5: the cheapest value", text)

    def test_no_value_holds(self):
        text = self.size("latency_mean_s < 5 ms", "--replications", "2")
        self.assertIn("no value holds: latency_mean_s < 5 ms is not certain for any of 16 values", text)
        result = self.run_here("size", "station.yaml", "--vary", "tiers.cloud.count=1..4", "--until", "latency_mean_s < 1 ms",
                               "--replications", "2", "--write", "none.yaml")
        self.assertEqual(result.returncode, 1)
        self.assertFalse((self.folder / "none.yaml").exists())

    def test_saturated_values_do_not_hold(self):
        text = self.size("latency_mean_s < 100 s", "--set", "stop.requests=20000", "--replications", "3")
        self.assertRegex(text, r"(?m)^ +1 .*no: 3 of 3 saturated$")
        self.assertRegex(text, r"tiers.cloud.count = [45]: the smallest")

    def test_values_that_are_invalid_are_named(self):
        text = self.size("latency_mean_s < 13 ms", "--replications", "3", vary="tiers.cloud.count=[0, 5, 6]")
        self.assertIn("not valid in this scenario: 0\n", text)
        self.assertIn("tiers.cloud.count = 5", text)

    def test_errors(self):
        def refuse(*arguments):
            return self.refuse("size", "station.yaml", *arguments)

        vary = ["--vary", "tiers.cloud.count=1..4"]
        self.assertIn("--until is required", refuse(*vary))
        self.assertIn("unknown figure 'latency_p9_s'", refuse(*vary, "--until", "latency_p9_s < 1"))
        self.assertIn("unknown figure 'price'", refuse(*vary, "--until", "latency_mean_s < 1", "--cost", "price"))
        self.assertIn("expected FIGURE < VALUE", refuse(*vary, "--until", "latency_mean_s"))
        self.assertIn("expected PATH=VALUES", refuse("--vary", "tiers.cloud.count", "--until", "latency_mean_s < 1"))
        self.assertIn("expected 2 to", refuse(*vary, "--until", "latency_mean_s < 1", "--replications", "1"))
        self.assertIn("has no value in the runs", refuse(*vary, "--until", "accuracy > 0.9"))
        self.assertIn("did you mean 'count'", refuse("--vary", "tiers.cloud.cuont=1..4", "--until", "latency_mean_s < 1"))
        self.assertIn("there is no smallest value", refuse(*vary, "--vary", "workload.rate=[1, 2] /s", "--until", "latency_mean_s < 1"))
        self.assertIn("--write", refuse(*vary, "--until", "latency_mean_s < 1", "--write", "station.yaml"))


if __name__ == "__main__":
    unittest.main()
