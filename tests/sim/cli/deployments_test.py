#!/usr/bin/python3
"""Plans for jobs, users, stages, tiles and slices are simulated as planned, to 1e-9, and the planned figures of small problems are
the best of an exhaustive search: over cuts and orders of jobs, over cuts and shares of users, over stages on devices.

With OFFCUT_CASES=200, the test tries that many random cases of each method."""
import csv
import itertools
import os
import random
import tempfile
import unittest
from pathlib import Path

from program import offcut

CASES = int(os.environ.get("OFFCUT_CASES", "12"))
DOWN = 40  # Bytes per second.


class Chain:
    """A random chain of layers: bytes[i] crosses if the first i layers run on the device."""

    def __init__(self, draw, most_layers):
        layers = draw.randint(1, most_layers)
        self.bytes = [draw.randint(1, 90)] + [draw.randint(0, 90) for _ in range(layers)]
        self.weights = [draw.randint(0, 20) for _ in range(layers)]
        self.phone = [draw.randint(0, 40) / 8 for _ in range(layers)]
        self.server = [draw.randint(0, 40) / 32 for _ in range(layers)]

    def table(self):
        rows = ["layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s", f"image,,{self.bytes[0]},0,0,0,0"]
        for i, (phone, server) in enumerate(zip(self.phone, self.server)):
            rows.append(f"l{i + 1},{f'l{i}' if i else 'image'},{self.bytes[i + 1]},{self.weights[i]},0,{phone},{server}")
        return "\n".join(rows) + "\n"

    def cuts(self):
        return range(len(self.phone) + 1)

    def upload(self, cut, rate):
        return self.bytes[cut] / rate if cut < len(self.phone) else 0


def two_tiers(plan, workload, requests, up=10, latency=0, devices=1, down=DOWN):
    return f"""offcut: 1
stop: {{requests: {requests}}}
model: {{layers: net.csv}}
tiers: {{phone: {{is: column:phone, count: {devices}}}, edge: {{is: column:server}}}}
network: {{phone-edge: {{up: {up} B/s, down: {down} B/s, latency: {latency} ms, transport: none}}}}
plan: {{{plan}, compare: none}}
workload: {{{workload}}}
"""


def one_tier(network, plan):
    return f"""offcut: 1
stop: {{requests: 1}}
model: {{zoo: {network}}}
tiers: {{device: {{is: raspberry-pi-3b}}}}
plan: {{{plan}, compare: none}}
workload: {{arrivals: burst, size: 1}}
"""


def makespan(jobs):
    computed = sent = 0
    for compute, upload in jobs:
        computed += compute
        sent = max(sent, computed) + upload if upload else sent
    return max(computed, sent)


def best_makespan(chain, jobs, rate):
    """Tries every multiset of cuts in every order."""
    cuts = [(sum(chain.phone[:cut]), chain.upload(cut, rate)) for cut in chain.cuts()]
    return min(makespan(order) for chosen in itertools.combinations_with_replacement(cuts, jobs)
               for order in set(itertools.permutations(chosen)))


def best_longest_latency(chain, users, units, rate, latency):
    """Tries every share for every user, each with its best cut; equal users make shares a multiset."""
    def of(share):
        best = sum(chain.phone)
        for cut in list(chain.cuts())[:-1]:
            work = sum(chain.server[cut:])
            if work == 0 or share > 0:
                message = chain.upload(cut, rate) + latency + chain.bytes[-1] / DOWN + latency
                best = min(best, sum(chain.phone[:cut]) + message + (work / share if work else 0))
        return best
    return min(max(map(of, shares)) for shares in itertools.combinations_with_replacement(range(units + 1), users)
               if sum(shares) <= units)


def best_period(chain, kinds, rate):
    """Tries every order of devices and every split of the layers. `kinds` has a device's times of all layers."""
    layers = len(chain.phone)
    best = float("inf")
    for stages in range(1, min(layers, len(kinds)) + 1):
        for devices in itertools.permutations(kinds, stages):
            for ends in itertools.combinations(range(1, layers), stages - 1):
                bounds = (0, *ends, layers)
                compute = max(sum(times[bounds[i]:bounds[i + 1]]) for i, times in enumerate(devices))
                best = min(best, max([compute] + [chain.bytes[end] / rate for end in ends]))
    return best


class Deployments(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="offcut-deployments-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def figures(self, scenario, table=""):
        """Runs the scenario, and returns its row of summary.csv and the rows of requests.csv."""
        (self.folder / "net.csv").write_text(table)
        path = self.folder / "case.yaml"
        path.write_text(scenario)
        out = self.folder / "out"
        result = offcut("run", path, "-q", "--out", out)
        self.assertEqual(result.returncode, 0, result.stderr + scenario + table)
        with open(out / "summary.csv", encoding="utf-8", newline="") as file:
            row = next(csv.DictReader(file))
        with open(out / "requests.csv", encoding="utf-8", newline="") as file:
            return row, list(csv.DictReader(file))

    def check(self, row, measure, best=None):
        self.assertEqual(row["measure"], measure)
        planned = float(row["measure_planned_s"])
        self.assertAlmostEqual(float(row["measure_simulated_s"]), planned, delta=1e-9 * max(planned, 0.1))
        if best is not None:
            self.assertAlmostEqual(planned, best, delta=1e-9 * max(best, 0.1))

    def test_jobs_in_johnsons_order(self):
        for case in range(CASES):
            with self.subTest(case=case):
                draw = random.Random(f"jps {case}")
                chain, jobs, rate = Chain(draw, 4), draw.randint(1, 5), draw.randint(5, 60)
                row, requests = self.figures(
                    two_tiers(f"algorithm: jps, jobs: {jobs}", f"arrivals: burst, size: {jobs}", jobs, rate, draw.randint(0, 900)),
                    chain.table())
                self.check(row, "makespan", best_makespan(chain, jobs, rate))
                last = max(float(request["sent_s"] or request["completion_s"]) for request in requests)
                self.assertAlmostEqual(last, float(row["makespan_s"]), delta=1e-9)

    def test_users_share_a_server(self):
        for case in range(CASES):
            with self.subTest(case=case):
                draw = random.Random(f"iao {case}")
                chain, users, units = Chain(draw, 4), draw.randint(1, 4), draw.randint(0, 6)
                rate, latency = draw.randint(5, 60), draw.randint(0, 900)
                row, requests = self.figures(
                    two_tiers(f"algorithm: iao, units: {units}", "arrivals: burst, size: 1", users, rate, latency, users),
                    chain.table())
                self.check(row, "longest latency", best_longest_latency(chain, users, units, rate, latency / 1e3))
                self.assertEqual(len(requests), users)

    def test_stages_follow_each_other(self):
        for case in range(CASES):
            with self.subTest(case=case):
                draw = random.Random(f"pipeline {case}")
                chain, phones, servers = Chain(draw, 5), draw.randint(1, 3), draw.randint(0, 2)
                rate = draw.randint(4, 60)
                row, requests = self.figures(
                    two_tiers(f"algorithm: pipeline, devices: {phones}, others: {servers}, bandwidth: {rate} B/s",
                              "arrivals: burst, size: 15", 15), chain.table())
                self.check(row, "period", best_period(chain, [chain.phone] * phones + [chain.server] * servers, rate))
                self.assertAlmostEqual(float(requests[0]["latency_s"]), float(row["planned_latency_s"]), delta=1e-9)

    def test_the_longest_stage_is_the_period(self):
        for case in range(CASES):
            with self.subTest(case=case):
                draw = random.Random(f"throughput {case}")
                row, _ = self.figures(
                    two_tiers("algorithm: throughput", "arrivals: burst, size: 15", 15, draw.randint(5, 60), draw.randint(0, 900),
                              down=1_000_000),  # Answers share their link, and are never the longest stage here.
                    Chain(draw, 6).table())
                self.check(row, "period")

    def test_devices_that_help(self):
        for case in range(CASES):
            draw = random.Random(f"help {case}")
            network, devices = draw.choice(["lenet5", "seeds-cnn"]), draw.randint(1, 6)
            rate = 10 ** draw.randint(0, 5)
            for plan in (f"algorithm: spatial, rows: {draw.randint(1, 3)}, columns: {draw.randint(1, 3)}, devices: {devices}, "
                         f"bandwidth: {rate} Mbit/s",
                         f"algorithm: tensor-parallel, devices: {devices}, bandwidth: {rate} Mbit/s, latency: {draw.randint(0, 50)} us"):
                with self.subTest(case=case, plan=plan):
                    row, requests = self.figures(one_tier(network, plan))
                    self.check(row, "latency")
                    parts = sum(float(requests[0][part]) for part in ("device_wait_s", "device_compute_s", "team_s"))
                    self.assertAlmostEqual(parts, float(row["latency_mean_s"]), delta=1e-12)

    def test_requests_leave_at_the_exits(self):
        row, requests = self.figures("""offcut: 1
stop: {requests: 2000}
model: {zoo: branchy-lenet5}
tiers: {device: {is: raspberry-pi-3b}, cloud: {is: t4}}
network: {device-cloud: {is: lte, transport: none}}
plan: {algorithm: edgent, exits: {exit1_prob: {leaves: 0.6}}, compare: none}
workload: {arrivals: closed-loop, think: 100 s}
""")
        self.assertEqual(row["measure"], "mean latency")
        latencies = sorted({round(float(request["latency_s"]), 9) for request in requests})
        self.assertEqual(len(latencies), 2)
        early = sum(float(request["latency_s"]) < sum(latencies) / 2 for request in requests) / len(requests)
        self.assertAlmostEqual(early, 0.6, delta=0.05)  # More than four standard deviations.
        self.assertAlmostEqual(float(row["planned_latency_s"]), 0.6 * latencies[0] + 0.4 * latencies[1], delta=1e-8)

    def test_money_of_requests_that_leave_at_an_exit(self):
        """The input of 4 MB goes to the cloud and an answer of 1 kB comes back, over hops of 2 and 3 a gigabyte."""
        table = ("layer,inputs,output_bytes,param_bytes,macs,phone_s,edge_s,cloud_s\nimage,,4000000,0,0,0,0,0\n"
                 "a,image,2000000,0,0,5,0.5,0.05\nexit,a,1000,0,0,0.5,0.05,0.005\nb,a,1000,0,0,5,0.5,0.05\n")
        hop = "up: 8 Gbit/s, down: 8 Gbit/s, latency: 1 ms, transport: none"
        scenario = f"""offcut: 1
stop: {{requests: 4}}
model: {{layers: net.csv}}
tiers: {{phone: {{is: column:phone}}, edge: {{is: column:edge}}, cloud: {{is: column:cloud}}}}
network: {{phone-edge: {{{hop}, price: 2}}, edge-cloud: {{{hop}, price: 3}}}}
plan: {{algorithm: edgent, deadline: 0.08 s, compare: none}}
workload: {{arrivals: periodic, period: 1 s}}
"""
        row, requests = self.figures(scenario, table)
        self.assertEqual(len(requests), 4)
        self.assertAlmostEqual(float(row["planned_money"]), 4001000 * (2 + 3) / 1e9, delta=1e-15)
        self.assertAlmostEqual(float(row["money"]), 4 * 4001000 * (2 + 3) / 1e9, delta=1e-15)


if __name__ == "__main__":
    unittest.main()
