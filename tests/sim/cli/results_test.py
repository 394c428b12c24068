#!/usr/bin/python3
"""The cells of the result files, computed once more by `recomputation`, in runs on three tiers in which no two figures are alike."""
import collections
import functools
import itertools
import json
import math
import pathlib
import random
import tempfile
import unittest

from program import SOURCE, offcut
from recomputation import tables
from recomputation.history import History, history_of, is_traceable
from recomputation.simulation import Simulation
from recomputation.system import Model, System, quantity, rows

HEADERS = SOURCE / "tests/sim/cli/csv_headers.txt"

# Two networks with outputs on all three tiers. Their layers have times on each kind of machine.
LAYERS = {
    "camera": """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,near_s,far_s
image,,9000,0,0,0,0,0
stem,image,5000,100,1000,0.031,0.011,0.0041
early,stem,37,11,1100,0.0053,0.0017,0.0007
body,stem,2300,200,1200,0.067,0.0290,0.0093
middle,body,59,12,1300,0.0071,0.0023,0.0009
head,body,700,300,1400,0.150,0.0530,0.0170
last,head,83,13,1500,0.0110,0.0037,0.0013
""",
    "voice": """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,near_s,far_s
sound,,3100,0,0,0,0,0
first,sound,1300,70,700,0.013,0.0043,0.0021
second,first,900,80,800,0.023,0.0117,0.0039
word,second,41,90,900,0.0171,0.0061,0.0019
third,second,610,60,600,0.0290,0.0083,0.0029
text,third,173,50,500,0.0370,0.0190,0.0051
"""}
COLUMNS = {"device": "phone", "edge": "near", "cloud": "far"}
AFTER = {"camera": "early middle", "voice": "first word"}


def layers_of(model):
    """Returns the rows of a layer table, by layer."""
    lines = [line.split(",") for line in LAYERS[model].splitlines()]
    return {line[0]: dict(zip(lines[0], line)) for line in lines[1:]}


def ends_of(model):
    """Returns the layers that no layer reads, and those that read the input."""
    layers = layers_of(model)
    read = {name for row in layers.values() for name in row["inputs"].split()}
    input_ = next(iter(layers))
    return Model({name: int(row["output_bytes"]) for name, row in layers.items() if name not in read},
                 int(layers[input_]["output_bytes"]), [name for name, row in layers.items() if input_ in row["inputs"].split()])


def alone(model):
    """Returns the time of the whole model on a device."""
    return math.fsum(float(row["phone_s"]) for row in layers_of(model).values())


def small_system():
    """Returns the sections of a scenario in which directions, hops and tiers all differ."""
    return {
        "offcut": 1, "name": "three tiers", "stop": {"requests": 400}, "seed": 7,
        "models": {model: {"layers": f"{model}.csv", "plan": {"algorithm": "fixed", "after": after}} for model, after in AFTER.items()},
        "tiers": {
            "device": {"is": "column:phone", "count": 5, "power": {"idle": "0.7 W", "busy": "2.3 W", "pue": 1.05}, "price": 0.3},
            "edge": {"is": "column:near", "count": 4, "sites": 2, "cores": 2, "power": {"idle": "11 W", "busy": "29 W", "pue": 1.3},
                     "price": 1.7},
            "cloud": {"is": "column:far", "count": 1, "cores": 2, "power": {"idle": "53 W", "busy": "170 W", "pue": 1.1}, "price": 5.9}},
        "network": {
            "device-edge": {"up": "0.9 Mbit/s", "down": "0.07 Mbit/s", "latency": "7 ms", "payload": 0.95, "price": 1300,
                            "radio": {"per-mbit-up": "430 mW", "per-mbit-down": "90 mW", "base": "1.1 W",
                                      "promotion": {"time": "13 ms", "power": "0.6 W"},
                                      "tail": [{"time": "110 ms", "power": "0.8 W"}, {"time": "230 ms", "power": "0.35 W"}]}},
            "edge-cloud": {"up": "0.6 Mbit/s", "down": "0.11 Mbit/s", "latency": "19 ms", "payload": 0.9, "price": 700}},
        "plan": {"compare": ["device-only", "cloud-only"]},
        "workload": {"classes": {
            "urgent": {"arrivals": "trace", "file": "arrivals.csv", "model": "camera", "deadline": "410 ms"},
            "steady": {"arrivals": "trace", "file": "arrivals.csv", "model": "voice", "deadline": "260 ms"},
            "idle": {"arrivals": "trace", "file": "arrivals.csv", "model": "camera"}}},
        "scheduling": {"edge": {"dispatch": "round-robin"}, "cloud": {"admission": {"policy": "bounded-queue", "capacity": 100}}},
        "output": {"requests": "all", "series": {"interval": "970 ms"}}}


def arrivals(seed, count, gap):
    """Draws the times, devices, classes and bytes of requests. Devices differ in their rates, and one has none."""
    draw, time, made = random.Random(seed), 0.0, []
    for _ in range(count):
        time += draw.expovariate(1 / gap)
        made.append((round(time, 6), draw.choices([0, 1, 2, 4], [1, 2, 3, 4])[0],
                     draw.choices(["urgent", "steady", "idle"], [3, 4, 2])[0], draw.randint(2000, 7000)))
    return made


class Run:
    """A scenario that was run, with its result files."""

    def __init__(self, folder, sections, requests=()):
        self.folder, self.sections = pathlib.Path(folder), sections
        for model, text in LAYERS.items():
            (self.folder / f"{model}.csv").write_text(text, encoding="utf-8")
        lines = ["time_s,device,class,bytes", *(",".join(map(str, request)) for request in requests)]
        (self.folder / "arrivals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in sections.items())
        (self.folder / "run.yaml").write_text(text, encoding="utf-8")
        result = offcut("run", "run.yaml", "--out", "out", "--decisions", "out/decisions.csv", cwd=self.folder)
        assert result.returncode == 0, result.stderr
        self.files = {path.name: rows(path) for path in (self.folder / "out").glob("*.csv")}

    def of(self, algorithm, file):
        """Returns the rows of one run."""
        return [row for row in self.files.get(file, []) if row.get("algorithm", algorithm) == algorithm]


def is_equal(found, expected):
    if expected is None:
        return found == ""
    if isinstance(expected, str) or found == "":
        return found == expected
    return math.isclose(float(found), expected, rel_tol=1e-9, abs_tol=1e-9)


class Comparison:
    """Compares rows with those that are expected, and remembers which columns it has compared, and which of them could be swapped
    without a difference."""

    def __init__(self, case):
        self.case = case
        self.values = collections.defaultdict(set)  # By file and column.
        self.swaps = collections.defaultdict(set)  # By file: the pairs of columns whose swap would show.
        self.pairs = collections.defaultdict(set)  # By file: all pairs.

    def table(self, file, found, keys, expected):
        """Compares the rows of a file, which are named by the columns `keys`."""
        by_key = {tuple(row[key] for key in keys): row for row in found}
        self.case.assertEqual((sorted(by_key), len(found)), (sorted(expected), len(expected)), file)
        for key, cells in expected.items():
            for column, value in cells.items():
                self.values[file, column].add(by_key[key][column])
                self.case.assertTrue(is_equal(by_key[key][column], value),
                                     f"{file}, {key}: {column} is {by_key[key][column]}, expected {value}")
            self.values.update({(file, column): {"a key"} for column in keys})
        for pair in set(itertools.combinations(next(iter(expected.values()), []), 2)) - self.swaps[file]:
            self.pairs[file].add(pair)
            if any(cells[pair[0]] != cells[pair[1]] for cells in expected.values()):
                self.swaps[file].add(pair)

    def compare(self, run, algorithm, system, paths, history, is_simulated):
        """Compares all tables of one run."""
        of = functools.partial(run.of, algorithm)
        tiers, links = tables.tiers(system, history), tables.links(system, history)
        energy = tables.energy(system, history)
        if is_simulated:
            self.requests(of("requests.csv"), system, history)
        self.table("tiers.csv", of("tiers.csv"), ["tier"], without(tiers, "decisive_load"))
        self.table("links.csv", of("links.csv"), ["hop", "direction"], links)
        self.table("energy.csv", of("energy.csv"), ["tier", "part", "state"], energy)
        planned = {class_.model: tables.planned(system, paths[name]) for name, class_ in system.classes.items()}
        self.table("classes.csv", of("classes.csv"), ["class"],
                   tables.classes(system, history.requests, history.duration, {model: cells["latency"] for model, cells in planned.items()}))
        summary = tables.summary_of_requests(system, history.requests, history.duration)
        summary |= tables.summary_of_resources(system, tiers, links, energy, summary["requests_completed"])
        summary |= tables.summary_of_plans(planned)
        self.table("summary.csv", of("summary.csv"), ["algorithm"], {(algorithm,): summary | {"duration_s": history.duration}})

    def requests(self, found, system, history):
        joules = tables.request_energy(system, history)
        self.table("requests.csv", found, ["request"], {(str(row["request"]),): {
            name: value if value != "" else None for name, value in (row | joules[row["request"]]).items() if name != "request"}
            for row in history.requests})

    def chosen(self, run, system, history):
        """Compares the tables that only the chosen plan's run has."""
        interval = quantity(run.sections["output"]["series"]["interval"])
        samples, count = run.files["series.csv"], 1 + len(system.tiers) + len(system.hops)
        numbered = [row | {"number": str(i // count)} for i, row in enumerate(samples)]
        self.table("series.csv", numbered, ["number", "where"],
                   {(str(number), place): cells for (number, place), cells in tables.series(system, history, interval).items()})
        for file, rows_ in (("decisions.csv", history.decisions), ("events.csv", [
                dict(zip(["time_s", "event", "where", "which", "class"], event)) for event in history.events])):
            found = [row | {"number": str(i)} for i, row in enumerate(run.files.get(file, []))]
            self.table(file, found, ["number"], {(str(i),): row for i, row in enumerate(rows_)})


def without(cells_by_key, column):
    return {key: {name: value for name, value in cells.items() if name != column} for key, cells in cells_by_key.items()}


OUTAGES = {
    "device": {"outages": [{"machine": 1, "from": "3.1237 s", "until": "4.0131 s"}, {"machine": 4, "from": "6.017 s", "until": "6.3071 s"}]},
    "edge": {"outages": [{"machine": 0, "from": "2.5123 s", "until": "3.4137 s"}, {"machine": 1, "from": "2.9123 s", "until": "3.2131 s"},
                         {"machine": 3, "from": "8.0171 s", "until": "9.9991 s"}]},
    "cloud": {"outages": [{"machine": 0, "from": "11.0137 s", "until": "11.5173 s"},
                          {"machine": 0, "from": "14.0137 s", "until": "14.3173 s"}]},
    "device-edge": {"outages": [{"link": 2, "from": "7.0137 s", "until": "7.9173 s"}, {"link": 4, "from": "12.5137 s", "until": "13.3173 s"}]},
    "edge-cloud": {"outages": [{"link": 0, "from": "5.0137 s", "until": "5.2173 s"}, {"link": 0, "from": "16.0137 s", "until": "16.5173 s"}]}}


def failing_system():
    """Returns the sections of a small system in which everything fails, and requests retry, fall back, give up and are rejected."""
    sections = small_system()
    classes = sections["workload"]["classes"]
    classes["urgent"] |= {"on-failure": {"retries": 2, "backoff": "31 ms", "factor": 1.7, "then": "wait"}, "timeout": "1.7 s"}
    classes["steady"] |= {"on-failure": {"retries": 1, "backoff": "17 ms", "then": "local"}, "when-rejected": "local"}
    classes["idle"] |= {"on-failure": {"then": "drop"}}
    sections["scheduling"]["cloud"]["admission"]["capacity"] = 2
    return sections | {"failures": OUTAGES}


def short_of_memory():
    """Returns the sections of a failing system whose edge machines have room for one model each, and are cold after a pause."""
    sections = failing_system()
    sections["tiers"]["edge"] |= {"cores": 1, "model-memory": "240 B", "model-load": "1.7 kB/s",
                                  "cold-start": {"time": "90 ms", "idle-after": "160 ms", "keep": 1}}
    return sections


class Results(unittest.TestCase):
    comparison = None

    def simulate(self, sections, requests, algorithms=None):
        """Runs a scenario, and compares all runs with the naive simulation. Returns the rows of summary.csv."""
        with tempfile.TemporaryDirectory(prefix="offcut-results-") as folder:
            run = Run(folder, sections, requests)
        system = System(sections, {model: ends_of(model) for model in LAYERS})
        alone_ = {name: alone(class_.model) for name, class_ in system.classes.items()}
        for row in run.files["summary.csv"]:
            algorithm = row["algorithm"]
            paths = {name: system.path(run.of(algorithm, "plan.csv"), class_.model) for name, class_ in system.classes.items()}
            history = Simulation(system, paths, alone_, requests).run()
            self.comparison.compare(run, algorithm, system, paths, history, is_simulated=True)
            if row is run.files["summary.csv"][0]:
                self.comparison.chosen(run, system, history)
        return run.files["summary.csv"]

    @classmethod
    def setUpClass(cls):
        cls.comparison = Comparison(None)

    def setUp(self):
        self.comparison.case = self

    def test_a_run_without_failures(self):
        self.simulate(small_system(), arrivals(3, 400, 0.05))

    def test_a_run_in_which_everything_fails(self):
        chosen, *_ = self.simulate(failing_system(), arrivals(3, 400, 0.05))
        self.assertGreater(len(chosen["drops"].split("; ")), 3)

    def test_a_run_that_is_stopped_amid_failures(self):
        chosen, *_ = self.simulate(failing_system() | {"stop": {"after": "14.19 s"}}, arrivals(3, 400, 0.05))
        self.assertGreater(int(chosen["requests_in_flight"]), 3)

    def test_a_run_short_of_memory(self):
        self.simulate(short_of_memory(), arrivals(3, 400, 0.05))


if __name__ == "__main__":
    unittest.main()
