#!/usr/bin/python3
"""The timeline of a run (docs/timeline.md): shipped scenarios give traces that viewers can draw, and that say the same as the other
results; long runs give a sample; names do no harm."""
import collections
import csv
import json
import math
import unittest

from program import SOURCE, InFolder, offcut

NS = 1000  # In a microsecond, the unit of times in a trace.
PHASES = {"M", "X", "i", "s", "t", "f", "C"}
LIMIT = 50_000_000


def ticks(event, key):
    """The nanoseconds as Perfetto reads them: it multiplies a floating-point number and drops what is left."""
    return int(event[key] * NS)


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Trace:
    """A trace with the checks that any trace must pass."""

    def __init__(self, test, path):
        self.test = test
        self.size = path.stat().st_size
        with open(path, encoding="ascii") as file:  # Everything else is escaped.
            self.json = json.load(file)
        self.about = self.json["otherData"]
        self.events = self.json["traceEvents"]
        self.of_phase = collections.defaultdict(list)
        for event in self.events:
            self.of_phase[event["ph"]].append(event)
        self.spans = self.of_phase["X"]
        self.processes = self.names("process_name", "pid")
        self.threads = self.names("thread_name", "tid")

    def names(self, kind, key):
        entries = [(event[key], event["args"]["name"]) for event in self.of_phase["M"] if event["name"] == kind]
        names = dict(entries)
        self.test.assertEqual(len(names), len(entries), f"a {kind} is given twice")
        return names

    def check(self):
        self.check_format()
        self.check_nesting()
        self.check_arrows()
        self.test.assertLess(self.size, LIMIT)

    def check_format(self):
        is_equal = self.test.assertEqual
        is_equal(set(self.of_phase) - PHASES, set())
        duration = float(self.about["duration_s"]) * 1e6
        for event in self.events:
            self.test.assertIn(event["pid"], self.processes)
            if event["ph"] != "M":
                self.test.assertTrue(0 <= event["ts"] <= duration + 1, event)
            if event["ph"] in "Xistf":
                self.test.assertIn(event["tid"], self.threads)
        for span in self.spans:
            self.test.assertTrue(span["dur"] >= 0 and span["ts"] + span["dur"] <= duration + 1, span)
            self.test.assertTrue(span["name"] and span["cat"])
        for event in self.of_phase["C"]:
            self.test.assertGreaterEqual(event["args"]["value"], 0, event)
        is_equal({event["pid"] for event in self.spans} - set(self.processes), set())

    def check_nesting(self):
        tracks = collections.defaultdict(list)
        for span in self.spans:
            begin = ticks(span, "ts")
            tracks[span["pid"], span["tid"]].append((begin, -ticks(span, "dur"), span["name"]))
        for track, spans in tracks.items():
            around = []
            for begin, negative, name in sorted(spans):
                while around and around[-1] <= begin:
                    around.pop()
                end = begin - negative
                self.test.assertTrue(not around or end <= around[-1], f"{self.threads[track[1]]}: {name} overlaps another span")
                around.append(end)

    def check_arrows(self):
        of_thread = collections.defaultdict(list)
        for span in self.spans:
            of_thread[span["tid"], span["args"].get("request")].append(span)
        arrows = collections.defaultdict(list)
        for event in self.events:
            if event["ph"] in "stf":
                arrows[event["id"]].append(event)
                self.test.assertTrue(any(span["ts"] <= event["ts"] <= span["ts"] + span["dur"]
                                         for span in of_thread[event["tid"], event["id"]]), f"{event} belongs to no span")
        for events in arrows.values():
            self.test.assertRegex("".join(event["ph"] for event in events), "^st*f$")
            self.test.assertEqual(sorted(event["ts"] for event in events), [event["ts"] for event in events])
        requests = collections.Counter(span["args"]["request"] for span in self.spans if span["cat"] in ("computation", "transfer"))
        self.test.assertEqual({request: len(events) - 1 for request, events in arrows.items()}, requests)

    def spans_of(self, category):
        return [span for span in self.spans if span["cat"] == category]

    def compare(self, table, groups=1):
        """Compares the spans with the rows of requests.csv."""
        test = self.test
        step = int(self.about["requests_step"])
        whole = {span["args"]["request"]: span for span in self.spans_of("request")}
        sample = [row for row in table if int(row["request"]) % step == 0]
        test.assertEqual(sorted(whole), sorted(int(row["request"]) for row in sample))
        sums = collections.defaultdict(lambda: collections.defaultdict(float))
        for span in self.spans:
            arguments = span["args"]
            if span["cat"] not in ("computation", "transfer") or arguments["outcome"] != "done":
                continue
            of_request = sums[arguments["request"]]
            if span["cat"] == "computation":
                tier = self.processes[span["pid"]]
                of_request[f"{tier}.wait_s"] += arguments["wait_s"]
                of_request[f"{tier}.compute_s"] += arguments["compute_s"]
                test.assertLess(abs(span["dur"] - arguments["compute_s"] * 1e6), 1.1e-3 + 1e-9 * span["ts"])
            else:
                direction = "up" if span["name"].endswith(" up") else "down"
                of_request[f"{direction}_s"] += arguments["transfer_s"]
                test.assertLess(abs(span["dur"] - arguments["transfer_s"] * 1e6), 1.1e-3 + 1e-9 * span["ts"])
        answered = 0
        for row in sample:
            request = int(row["request"])
            span = whole[request]
            test.assertEqual((span["args"]["outcome"], str(span["args"]["device"])), (row["outcome"], row["device"]))
            test.assertEqual(span["args"]["arrival_s"], float(row["arrival_s"]))
            if row["outcome"] != "completed":
                continue
            answered += 1
            of_request = sums[request]
            later = {name.partition(".")[0] for name in row if name.endswith(".server")}
            expected = {"up_s": float(row["upload_s"]), "down_s": float(row["download_s"])}
            on_device = {"wait_s": 0.0, "compute_s": 0.0}
            for name, value in of_request.items():
                tier, _, part = name.rpartition(".")
                if tier in later:
                    expected[name] = float(row[name])
                elif tier:
                    on_device[part] += value
            for part, value in on_device.items():
                self.about_equal(value, float(row[f"device_{part}"]), (request, part))
            for tier in later:
                expected.setdefault(f"{tier}.compute_s", float(row[f"{tier}.compute_s"]))
            for name, value in expected.items():
                self.about_equal(of_request[name], value, (request, name))
            self.about_equal(span["args"]["latency_s"], float(row["latency_s"]), request)
        return answered

    def about_equal(self, value, expected, what):
        self.test.assertTrue(math.isclose(value, expected, rel_tol=1e-9, abs_tol=1e-12), f"{what}: {value}, expected {expected}")


class Timelines(InFolder):
    def run_shipped(self, name, *changes):
        options = [option for change in changes for option in ("--set", change)]
        result = offcut("run", SOURCE / f"scenarios/{name}.yaml", "--out", "out", "--timeline", "t.json", "--budget", "1 s", "--quiet",
                        *options, cwd=self.folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""), name)
        trace = Trace(self, self.folder / "t.json")
        trace.check()
        return trace

    def compare(self, trace, least=100):
        self.assertGreaterEqual(trace.compare(rows(self.folder / "out/requests.csv")), least)

    def test_quickstart(self):
        trace = self.run_shipped("quickstart", "stop={requests: 500}")
        self.compare(trace, 500)
        self.assertEqual(trace.about["kept"].split(",")[0], "all 500 requests")
        counters = {event["name"] for event in trace.of_phase["C"]}
        self.assertEqual(counters, {"requests in flight", "waiting", "busy cores", "messages", "Mbit/s up", "Mbit/s down"})
        self.assertIn("device 19", trace.threads.values())
        span = next(span for span in trace.spans_of("computation"))
        self.assertLessEqual({"request", "class", "layers", "batch", "attempt", "outcome", "wait_s", "compute_s"}, set(span["args"]))

    def test_under_load(self):
        trace = self.run_shipped("under-load", "stop={requests: 600}", "output.requests=true", "plan.compare=none")
        self.compare(trace, 500)
        self.assertTrue(any(span["name"].startswith("recognise #") for span in trace.spans))

    def test_batches(self):
        trace = self.run_shipped("dispatch", "stop={requests: 1500}", "output.requests=true",
                                 "scheduling.cloud.batch={policy: timeout, max: 8, delay: 5 ms}", "workload.classes.tag.rate=600 /s")
        self.compare(trace, 1000)
        sizes = collections.Counter(span["args"]["batch"] for span in trace.spans_of("computation"))
        self.assertGreater(max(sizes), 1)
        for size, count in sizes.items():
            self.assertEqual(count % size, 0, "a batch has as many spans as requests")

    def test_failures(self):
        trace = self.run_shipped("traffic-cameras", "stop={after: 15 s}", "failures.edge={up: 5 s, down: 1 s}",
                                 "failures.edge-cloud={outages: [{link: 0, from: 3 s, until: 4 s}]}")
        self.compare(trace)
        names = {event["name"] for event in trace.of_phase["i"]}
        self.assertLessEqual({"machine down", "machine up", "link down", "link up"}, names)
        outcomes = collections.Counter(span["args"].get("outcome") for span in trace.spans)
        self.assertGreater(outcomes["lost"], 0)
        attempts = {span["args"]["attempt"] for span in trace.spans_of("computation")}
        self.assertLessEqual({1, 2}, attempts)
        dropped = sum(row["outcome"].startswith("dropped") for row in rows(self.folder / "out/requests.csv"))
        self.assertEqual(sum(event["cat"] == "drop" for event in trace.of_phase["i"]), dropped)
        events = [row["event"] for row in rows(self.folder / "out/events.csv")]
        self.assertEqual(sorted(event["name"] for event in trace.of_phase["i"] if event["cat"] == "event"), sorted(events))

    def test_handovers(self):
        trace = self.run_shipped("handover", "stop={after: 40 s}", "plan.compare=none")
        self.compare(trace)
        self.assertIn("handover begins", {event["name"] for event in trace.of_phase["i"]})

    def test_shared_links(self):
        for name in ("wifi-cell", "three-groups"):
            with self.subTest(name):
                trace = self.run_shipped(name, "stop={requests: 400}", "output.requests=true", "plan.compare=none",
                                         *(["plan.under=idle", "plan.scheduling=given"] if name == "three-groups" else []))
                self.compare(trace, 300)

    def test_plans_that_change(self):
        trace = self.run_shipped("adaptation", "stop={after: 60 s}")
        self.compare(trace)
        switches = [event for event in trace.of_phase["i"] if event["cat"] == "switch"]
        self.assertEqual(len(switches), len(rows(self.folder / "out/switches.csv")))
        plans = {row["request"]: row["plan"] for row in rows(self.folder / "out/requests.csv")}
        for span in trace.spans_of("request"):
            self.assertEqual(span["args"]["plan"].rpartition(" ")[2], plans[str(span["args"]["request"])])

    def test_updates(self):
        trace = self.run_shipped("model-updates", "stop={after: 2 min}", "updates.weights.first=20 s", "updates.data.every=30 s")
        self.assertGreater(len(trace.spans_of("update")), 0)

    def test_training(self):
        trace = self.run_shipped("federated-digits", "training.strategy.rounds=3")
        tasks = trace.spans_of("task")
        self.assertEqual(trace.of_phase["s"], [])
        uploads = sum(span["name"].endswith(" up") for span in tasks)
        links = {(row["hop"], row["direction"]): row for row in rows(self.folder / "out/links.csv")}
        self.assertEqual(uploads, int(links["phone-cloud", "up"]["task_messages"]))
        computed = {row["tier"]: int(row["tasks"]) for row in rows(self.folder / "out/tiers.csv")}
        by_tier = collections.Counter(trace.processes[span["pid"]] for span in tasks if "compute_s" in span["args"])
        self.assertEqual({tier: count for tier, count in computed.items() if count}, by_tier)


class Files(InFolder):
    def test_the_same_run_gives_the_same_bytes_and_the_other_results_stay(self):
        changes = ["--set", "stop={requests: 300}", "--set", "tiers.cloud.count=2"]
        without = self.succeed("run", "small.yaml", "--out", "without", *changes)
        text = self.succeed("run", "small.yaml", "--out", "out", "--set", "output.timeline=true", *changes)
        self.assertEqual(text.splitlines()[:-2], without.splitlines()[:-1])
        self.assertEqual(text.splitlines()[-1],
                         "timeline: out/timeline.json, all 300 requests; https://ui.perfetto.dev shows it")
        self.succeed("run", "small.yaml", "--out", "again", "--timeline", "t.json", *changes)
        self.assertEqual((self.folder / "out/timeline.json").read_bytes(), (self.folder / "t.json").read_bytes())
        for path in (self.folder / "without").glob("*.csv"):
            self.assertEqual(path.read_bytes(), (self.folder / "out" / path.name).read_bytes(), path.name)
        trace = Trace(self, self.folder / "t.json")
        trace.check()
        self.assertEqual(trace.compare(rows(self.folder / "out/requests.csv")), 300)
        self.assertEqual(trace.about["scenario"], "small")

    def test_a_file_of_an_earlier_run_goes(self):
        self.succeed("run", "small.yaml", "--out", "out", "--set", "output.timeline=true")
        self.succeed("run", "small.yaml", "--out", "out")
        self.assertNotIn("timeline.json", self.files("out"))

    def test_with_a_series(self):
        """The counters then have the samples of series.csv."""
        self.succeed("run", "small.yaml", "--out", "out", "--timeline", "t.json", "--set", "output.series={interval: 100 ms}")
        trace = Trace(self, self.folder / "t.json")
        trace.check()
        cloud = next(pid for pid, name in trace.processes.items() if name == "cloud")
        waiting = [(round(event["ts"] / 1e6, 9), event["args"]["value"]) for event in trace.of_phase["C"]
                   if event["pid"] == cloud and event["name"] == "waiting"]
        series = [(float(row["time_s"]), float(row["waiting"])) for row in rows(self.folder / "out/series.csv") if row["where"] == "cloud"]
        self.assertEqual([value for _, value in waiting], [value for _, value in series])
        for (time, _), (expected, _) in zip(waiting, series):
            self.assertAlmostEqual(time, expected, 6)

    def test_a_long_run_has_a_sample(self):
        text = self.succeed("run", "small.yaml", "--out", "out", "--timeline", "t.json", "--set", "stop={requests: 60000}",
                            "--set", "output.requests=false", "--set", "plan.compare=none")
        trace = Trace(self, self.folder / "t.json")
        trace.check()
        step = int(trace.about["requests_step"])
        self.assertGreater(step, 1)
        self.assertEqual(len(trace.spans_of("request")), -(-60000 // step))
        self.assertRegex(text, f"every {step}(nd|th) of 60000 requests")
        for counters in collections.Counter((event["pid"], event["name"]) for event in trace.of_phase["C"]).values():
            self.assertLess(counters, 1100)

    def test_names_do_no_harm(self):
        hostile = '<script>alert("1")</script>'
        table = (self.folder / "layers.csv").read_text(encoding="utf-8").replace("conv1", '"conv""<b>é"')
        (self.folder / "layers.csv").write_text(table, encoding="utf-8")
        self.succeed("run", "small.yaml", "--out", "out", "--timeline", "t.json", "--set", "plan.algorithm=device-only",
                     "--set", "plan.compare=none", "--set", f"name='{hostile}'")
        trace = Trace(self, self.folder / "t.json")
        trace.check()
        self.assertTrue(any("layers" in span["args"] for span in trace.spans))

    def test_a_file_that_cannot_be_written(self):
        run = ["run", "small.yaml", "--out", "out", "--timeline"]
        self.assertEqual(self.refuse(*run, "nowhere/t.json"), "nowhere/t.json: error: cannot be written: there is no folder 'nowhere'\n")
        (self.folder / "folder").mkdir()
        self.assertEqual(self.refuse(*run, "folder"), "folder: error: is a directory, expected the name of a file\n")
        self.assertEqual(self.refuse(*run, "/proc/t.json"), "/proc/t.json: error: cannot be written: No such file or directory\n")
        self.assertEqual(self.refuse(*run, "out/timeline.json"), "out/timeline.json: error: is a file of the run's results\n")
        self.assertEqual(self.refuse(*run, ""), "--timeline: error: expected a value, got ''\n")
        self.assertEqual(self.refuse(*run, "t.json", "--decisions", "t.json"), "t.json: error: is stated for two outputs\n")
        self.assertEqual(self.refuse(*run, "layers.csv"),
                         "layers.csv: error: is an input of this command; --timeline would replace it\n")
        self.assertRegex(self.refuse("run", "small.yaml", "--set", "output.timeline=often"), "output.timeline")


if __name__ == "__main__":
    unittest.main()
