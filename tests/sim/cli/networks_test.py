#!/usr/bin/python3
"""Links that change, from outside: traces in every format, random rates, jitter and losses. Runs are repeatable, also from their
resolved.yaml; a trace that ends before the run says so; series.csv has the rates."""
import csv
import pathlib
import unittest

from program import InFolder, offcut

SCENARIO = """offcut: 1
seed: 3
stop: {requests: 200}
model: {zoo: lenet5}
tiers: {device: {is: raspberry-pi-4b, count: 4}, edge: {is: t4}}
network:
  device-edge: LINK
plan: {algorithm: cloud-only}
workload: {arrivals: poisson, rate: 2 /s}
output: {series: {interval: 1 s}}
"""
FILES = {
    "own.csv": "time_s,up,down,latency\n0,2 Mbit/s,8 Mbit/s,10 ms\n3,0 Mbit/s,1 Mbit/s,50 ms\n4,1 Mbit/s,4 Mbit/s,20 ms\n",
    "units.csv": "time_s,up_mbit_s,down_kbit_s\n0,2,8000\n2,1,4000\n",
    "cooked.txt": "0.0\t9.9\n1.5\t2.0\n4\t0.5\n",
    "mahimahi.txt": "".join(f"{ms}\n" for ms in range(3, 3000, 6)),
    "sabre.json": '[{"duration_ms": 2000, "bandwidth_kbps": 2000, "latency_ms": 20},'
                  ' {"duration_ms": 1000, "bandwidth_kbps": 500, "latency_ms": 60}]',
}
LINKS = [
    "{is: lte, trace: own.csv}", "{trace: own.csv}", "{is: lte, trace: [units.csv, cooked.txt]}",
    "{is: wifi, trace: {up: mahimahi.txt, down: units.csv, offset: random}}", "{is: lte, shared: true, trace: sabre.json}",
    "{is: wifi, trace: {file: own.csv, loop: hold, scale: 2, clip: [0.5 Mbit/s, 3 Mbit/s], offset: [0 s, 1 s]}}",
    "{is: wifi, site: {devices: 2, trace: own.csv}}", "{is: lte, transport: tcp, trace: own.csv}",
    "{is: lte, rates: {kind: markov, preset: 5g}}", "{is: lte, rates: {kind: lognormal, cv: 1}}",
    "{is: lte, rates: {kind: steps, at: [5 s, 10 s], up: [1 Mbit/s, 4 Mbit/s]}}",
    "{is: lte, rates: {kind: diurnal, amplitude: 0.9, period: 60 s}}",
    "{is: lte, jitter: {mean: 5 ms, kind: gamma}, loss: {probability: 5 %}}",
]


class Networks(InFolder):
    def given(self, link):
        folder = pathlib.Path(self.folder)
        for name, text in FILES.items():
            (folder / name).write_text(text)
        (folder / "s.yaml").write_text(SCENARIO.replace("LINK", link))
        return folder

    def run_it(self, folder, scenario, out):
        result = offcut("run", scenario, "--out", out, cwd=folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout, {path.name: path.read_bytes() for path in (folder / out).iterdir() if path.is_file()}

    def test_every_way_to_describe_a_link(self):
        for link in LINKS:
            with self.subTest(link):
                folder = self.given(link)
                validated = offcut("validate", "s.yaml", cwd=folder)
                self.assertEqual(validated.returncode, 0, validated.stderr)
                _, first = self.run_it(folder, "s.yaml", "one")
                _, again = self.run_it(folder, "one/resolved.yaml", "two")
                first.pop("resolved.yaml"), again.pop("resolved.yaml")
                self.assertEqual(first.keys(), again.keys())
                for name in first:
                    self.assertEqual(first[name], again[name], name)
                rows = list(csv.DictReader(first["requests.csv"].decode().splitlines()))
                self.assertEqual(len(rows), 200)
                for command in ("plan",):
                    self.assertEqual(offcut(command, "s.yaml", cwd=folder).returncode, 0)

    def test_a_trace_that_ends_before_the_run_says_so(self):
        for loop, says in [("true", "the trace begins again"), ("hold", "its last row holds from then on"),
                           ("end", "the link is down from then on")]:
            folder = self.given("{is: lte, trace: {file: own.csv, loop: %s}}" % loop)
            text, files = self.run_it(folder, "s.yaml", "out-" + loop)
            self.assertIn("network.device-edge.trace ends after 5 s", " ".join(text.split()))
            self.assertIn(says, " ".join(text.split()))
            dropped = int(next(csv.DictReader(files["summary.csv"].decode().splitlines()))["requests_dropped"])
            self.assertEqual(dropped > 0, loop == "end")
        (self.folder / "zero.csv").write_text("time_s,up,down\n0,2 Mbit/s,8 Mbit/s\n3,0 B/s,0 B/s\n")
        _, files = self.run_it(self.given("{is: lte, trace: {file: zero.csv, loop: end}}"), "s.yaml", "zero")
        self.assertGreater(int(next(csv.DictReader(files["summary.csv"].decode().splitlines()))["requests_dropped"]), 0)
        text, _ = self.run_it(self.given("{is: lte}"), "s.yaml", "constant")
        self.assertNotIn("trace", text)

    def test_the_series_has_the_rates(self):
        _, files = self.run_it(self.given("{is: wifi, trace: own.csv, payload: 0.5}"), "s.yaml", "out")
        rows = [row for row in csv.DictReader(files["series.csv"].decode().splitlines()) if row["where"] == "device-edge"]
        ups = [float(row["up_bandwidth_bytes_per_s"]) for row in rows[:5]]
        self.assertEqual(ups, [125e3, 125e3, 125e3, 0, 62.5e3])
        self.assertEqual(float(rows[1]["down_bandwidth_bytes_per_s"]), 500e3)


if __name__ == "__main__":
    unittest.main()
