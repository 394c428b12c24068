#!/usr/bin/python3
"""Model updates: times computed by hand, contention with messages of requests, versions, and the books of bytes."""
import csv
import unittest

from program import InFolder

# Weights of 2000 bytes on the phone, 4000 on the edge, and 8000 in the cloud.
TABLE = """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,edge_s,cloud_s
image,,1000,0,0,0,0,0
a,image,500,2000,0,1,0.5,0.25
b,a,250,4000,0,2,1,0.5
c,b,1000,8000,0,4,2,1
"""
TWO = """\
offcut: 1
stop: {{{stop}}}
model: {{layers: net.csv}}
tiers: {{phone: {{is: column:phone, count: {count}, model-memory: 1 MB, model-load: 1 kB/s}}, cloud: {{is: column:cloud}}}}
network: {{phone-cloud: {{up: 1 kB/s, down: 1 kB/s, latency: 100 ms, transport: none, shared: {shared}}}}}
plan: {{algorithm: fixed, after: {after}, compare: none}}
updates: {{{updates}}}
workload: {{{workload}}}
{more}
"""
THREE = """\
offcut: 1
stop: {{{stop}}}
model: {{layers: net.csv}}
tiers:
  phone: {{is: column:phone, count: 4, model-memory: 1 MB, model-load: 1 kB/s}}
  edge: {{is: column:edge, count: 2, sites: 2, model-memory: 1 MB, model-load: 2 kB/s}}
  cloud: {{is: column:cloud}}
network:
  phone-edge: {{up: 1 kB/s, down: 1 kB/s, latency: 100 ms, transport: none}}
  edge-cloud: {{up: 6 kB/s, down: 6 kB/s, latency: 500 ms, transport: none}}
plan: {{algorithm: fixed, after: [a, b], compare: none}}
updates: {{{updates}}}
workload: {{arrivals: periodic, period: 1000 s, spread: 0}}
"""


class Updates(InFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "net.csv").write_text(TABLE, encoding="utf-8")

    def write(self, updates, base=TWO, stop="after: 100 s", after="a", count=1, shared="false", workload="arrivals: burst, size: 1", more=""):
        (self.folder / "run.yaml").write_text(base.format(updates=updates, stop=stop, after=after, count=count, shared=shared,
                                                          workload=workload, more=more), encoding="utf-8")

    def run_here_with(self, updates, **values):
        self.write(updates, **values)
        self.succeed("run", "run.yaml", "--out", "out")
        return [(row["event"], row["where"], int(row["which"]), float(row["time_s"])) for row in self.rows("events.csv")]

    def rows(self, name):
        path = self.folder / "out" / name
        if not path.exists():
            return []
        with open(path, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def check(self, events, expected):
        events = sorted(events, key=lambda event: (round(event[3], 9), event[0] != "model pushed", *event[:3]))
        self.assertEqual([event[:3] for event in events], [event[:3] for event in expected])
        for event, wanted in zip(events, expected):
            self.assertAlmostEqual(event[3], wanted[3], delta=1e-9)

    def link(self, direction, hop="phone-cloud"):
        row, = [row for row in self.rows("links.csv") if row["hop"] == hop and row["direction"] == direction]
        return row

    def test_one_push_over_an_idle_link(self):
        """2000 bytes at 1 kB/s, 0.1 s of latency, and 2 s to load."""
        self.check(self.run_here_with("weights: {pushes: [{at: 5 s}]}", after="c"),
                   [("model pushed", "cloud", 0, 5), ("model updated", "phone", 0, 5 + 14 + 0.1 + 14)])
        self.check(self.run_here_with("weights: {pushes: [{at: 5 s}]}"),
                   [("model pushed", "cloud", 0, 5), ("model updated", "phone", 0, 5 + 2 + 0.1 + 2)])
        down = self.link("down")
        self.assertEqual((down["update_messages"], float(down["update_bytes"])), ("1", 2000))
        self.assertEqual(float(self.link("up")["update_bytes"]), 0)

    def test_size_and_schedule(self):
        self.check(self.run_here_with("weights: {every: 30 s, first: 10 s, size: 500 B}"),
                   [(event, where, 0, start + more) for start in (10, 40, 70)
                    for event, where, more in (("model pushed", "cloud", 0), ("model updated", "phone", 0.5 + 0.1 + 0.5))])

    def test_contention_with_an_answer(self):
        """The request computes 1 s, sends 500 bytes until 1.5 s, arrives at 1.6 s, computes b and c for 1.5 s; its answer of 1000
        bytes goes at 3.1 s. The push of 2000 bytes begins at 2 s: 1100 bytes are through at 3.1 s. Both share until the push has
        its other 900 bytes, at 4.9 s; the answer has 900 of its 1000 then, and leaves at 5 s."""
        events = self.run_here_with("weights: {pushes: [{at: 2 s}]}", stop="requests: 1", more="# one request")
        request, = self.rows("requests.csv")
        self.assertAlmostEqual(float(request["download_s"]), 5.0 + 0.1 - 3.1, delta=1e-9)
        self.assertAlmostEqual(float(request["completion_s"]), 5.1, delta=1e-9)
        self.check(events, [("model pushed", "cloud", 0, 2)])  # Not loaded yet when the run ends.
        down = self.link("down")
        self.assertEqual((float(down["update_bytes"]), float(down["bytes"])), (2000, 3000))
        events = self.run_here_with("weights: {pushes: [{at: 2 s}]}")
        self.check(events[1:], [("model updated", "phone", 0, 4.9 + 0.1 + 2)])

    def test_background_waits_for_requests(self):
        """As above, but the push stops at 3.1 s with 1100 bytes through, and goes on when the answer has left at 4.1 s."""
        events = self.run_here_with("weights: {pushes: [{at: 2 s}], priority: background}")
        request = self.rows("requests.csv")[0]
        self.assertAlmostEqual(float(request["completion_s"]), 4.2, delta=1e-9)
        self.check(events, [("model pushed", "cloud", 0, 2), ("model updated", "phone", 0, 4.1 + 0.9 + 0.1 + 2)])

    def test_versions(self):
        """One request each 10 s. The push of 3 s serves from 7.1 s on, that of 15 s from 19.1 s on."""
        self.run_here_with("weights: {pushes: [{at: 3 s}, {at: 15 s}]}", workload="arrivals: periodic, period: 5 s", stop="requests: 8")
        versions = [(float(row["arrival_s"]), row["version"]) for row in self.rows("requests.csv")]
        answers = 0
        for arrival, version in versions:
            # An answer shares the link with a push, and makes it later by at most 1 s.
            if not (7.1 <= arrival <= 8.1 or 19.1 <= arrival <= 20.1):
                self.assertEqual(version, "0" if arrival < 7.1 else "1" if arrival < 19.1 else "2", arrival)
                answers += 1
        self.assertGreaterEqual(answers, 6)

    def test_three_tiers_and_sites(self):
        """Two messages of 6000 bytes to the edge's sites share 6 kB/s: 2 s, and 0.5 s. Then each phone gets 2000 bytes in 2.1 s and
        loads them for 2 s; the edge loads its own 4000 bytes for 2 s."""
        events = self.run_here_with("weights: {pushes: [{at: 40 s}]}", base=THREE)
        expected = [("model pushed", "cloud", 0, 40)]
        expected += [("model updated", "edge", site, 44.5) for site in (0, 1)]
        expected += [("model updated", "phone", phone, 42.5 + 2.1 + 2) for phone in range(4)]
        self.check(events, expected)
        self.assertEqual(float(self.link("down", "edge-cloud")["update_bytes"]), 12000)
        self.assertEqual(float(self.link("down", "phone-edge")["update_bytes"]), 8000)
        events = self.run_here_with("weights: {pushes: [{at: 40 s}], to: edge}", base=THREE)
        self.check(events, [("model pushed", "cloud", 0, 40)] + [("model updated", "edge", s, 40 + 8 / 6 + 0.5 + 2) for s in (0, 1)])

    def test_data_goes_up_in_the_background(self):
        """Of 3000 bytes, 500 go until the request sends 500 bytes from 1 s to 1.5 s; the rest until 4 s."""
        events = self.run_here_with("data: {size: 3 kB, every: 60 s, first: 0.5 s}")
        self.check(events, [("data uploaded", "phone", 0, 0.5 + 3 + 0.5 + 0.1), ("data uploaded", "phone", 0, 60.5 + 3.1)])
        request = self.rows("requests.csv")[0]
        self.assertAlmostEqual(float(request["upload_s"]), 0.6, delta=1e-9)
        up = self.link("up")
        self.assertEqual((float(up["update_bytes"]), float(up["bytes"])), (6000, 6500))
        # One upload after the other: 3.1 s each, every 2 s.
        events = self.run_here_with("data: {size: 3 kB, every: 2 s, first: 10 s}", stop="after: 20 s")
        self.check(events, [("data uploaded", "phone", 0, 10 + 3.1 * n) for n in (1, 2, 3)])

    def test_data_over_two_hops(self):
        events = self.run_here_with("data: {size: 3 kB, every: 100 s, first: 10 s, from: edge}", base=THREE)
        self.check(events, [("data uploaded", "edge", site, 10 + 1 + 0.5) for site in (0, 1)])
        events = self.run_here_with("data: {size: 3 kB, every: 100 s, first: 10 s}", base=THREE)
        # Three kB/s on each phone's link, then 4 messages of 3 kB share 6 kB/s for 2 s.
        self.check(events, [("data uploaded", "phone", phone, 10 + 3.1 + 2.5) for phone in range(4)])

    def test_a_push_is_sent_again_after_an_outage(self):
        more = "failures: {phone-cloud: {outages: [{link: 0, from: 6 s, until: 20 s}]}}"
        events = self.run_here_with("weights: {pushes: [{at: 5 s}]}", more=more)
        self.check(events, [("model pushed", "cloud", 0, 5), ("link down", "phone-cloud", 0, 6), ("link up", "phone-cloud", 0, 20),
                            ("model updated", "phone", 0, 20 + 2.1 + 2)])
        down = self.link("down")
        self.assertEqual((float(down["update_bytes"]), down["hop_lost"]), (2000, "1"))

    def test_books_of_bytes(self):
        """What crossed is what was carried and, of what was not, the part that was through when the run ended."""
        for priority in ("share", "background"):
            self.run_here_with(f"weights: {{every: 7 s, priority: {priority}}}, data: {{size: 2 kB, every: 9 s}}", count=3,
                               shared="true", workload="arrivals: periodic, period: 4 s", stop="after: 61 s")
            requests = self.rows("requests.csv")
            for direction, key in (("up", "upload_bytes"), ("down", "download_bytes")):
                row = self.link(direction)
                of_requests = float(row["bytes"]) - float(row["update_bytes"])
                done = sum(float(r[key]) for r in requests if r["outcome"] == "completed")
                self.assertGreaterEqual(of_requests, done)
                self.assertEqual(of_requests % (500 if direction == "up" else 1000), 0)
                self.assertEqual(float(row["update_bytes"]), 2000 * int(row["update_messages"]))
                self.assertLessEqual(float(row["utilisation"]), 1 + 1e-9)

    def test_same_seed_same_bytes_and_nothing_without(self):
        self.run_here_with("weights: {every: 7 s}, data: {size: 2 kB, every: 9 s}", count=3, workload="arrivals: periodic, period: 4 s", stop="requests: 60")
        first = {path.name: path.read_bytes() for path in (self.folder / "out").iterdir()}
        self.run_here_with("weights: {every: 7 s}, data: {size: 2 kB, every: 9 s}", count=3, workload="arrivals: periodic, period: 4 s", stop="requests: 60")
        self.assertEqual(first, {path.name: path.read_bytes() for path in (self.folder / "out").iterdir()})
        text = (self.folder / "run.yaml").read_text(encoding="utf-8")
        plain = "\n".join(line for line in text.splitlines() if not line.startswith("updates"))
        (self.folder / "run.yaml").write_text(plain, encoding="utf-8")
        self.succeed("run", "run.yaml", "--out", "out")
        self.assertNotIn("version", self.rows("requests.csv")[0])
        self.assertNotIn("update_bytes", self.rows("links.csv")[0])
        self.assertNotIn("events.csv", self.files("out"))

    def test_errors(self):
        refused = {
            "weights: {}": "updates.weights: 'every' or 'pushes' is missing",
            "weights: {every: 1 s, pushes: [{at: 1 s}]}": "updates.weights.pushes: give 'every' or 'pushes', not both",
            "weights: {pushes: [{at: 5 s}, {at: 2 s}]}": "at: times must be in ascending order",
            "weights: {pushes: []}": "updates.weights.pushes: expected a list of pushes, such as [{at: 5 s}]",
            "weights: {every: 1 s, to: clowd}": "unknown tier 'clowd'",
            "weights: {every: 1 s, models: net}": "updates.weights.models: the scenario has one model, without a name",
            "weights: {every: 5 m/s}": "updates.weights.every",
            "data: {every: 1 s}": "'updates.data.size' is missing",
            "data: {every: 1 s, size: 1 kB, priority: share}":
                "updates.data.priority: devices with links of their own send one message at a time: expected background",
            "wieghts: {every: 1 s}": "unknown key 'updates.wieghts'; did you mean 'weights'?",
        }
        for updates, message in refused.items():
            with self.subTest(updates=updates):
                self.write(updates)
                self.assertIn(message, self.refuse("run", "run.yaml", "--out", "refused"))
        self.write("weights: {every: 1 s, priority: background}", more="engine: {own-links: false}")
        self.assertIn("nothing can be paused", self.refuse("run", "run.yaml", "--out", "refused"))


if __name__ == "__main__":
    unittest.main()
