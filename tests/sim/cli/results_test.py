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
from recomputation.history import history_of, is_traceable
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
            "edge": {"is": "column:near", "count": 4, "sites": 2, "cores": 2, "forwarding": "messages", "power": {"idle": "11 W", "busy": "29 W", "pue": 1.3},
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
        self.models = list(sections.get("models", ["camera"]))
        self.is_coded = "zoo" in json.dumps(sections)
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

    def __init__(self):
        self.values = collections.defaultdict(set)  # By file and column.
        self.swaps = collections.defaultdict(set)  # By file: the pairs of columns whose swap would show.
        self.pairs = collections.defaultdict(set)  # By file: all pairs.

    def table(self, file, found, keys, expected):
        """Compares the rows of a file, which are named by the columns `keys`."""
        by_key = {tuple(row[key] for key in keys): row for row in found}
        if (sorted(by_key), len(found)) != (sorted(expected), len(expected)):
            raise AssertionError(f"{file} has the rows {sorted(by_key)}, expected {sorted(expected)}")
        for key, cells in expected.items():
            for column, value in cells.items():
                if not is_equal(by_key[key][column], value):
                    raise AssertionError(f"{file}, {key}: {column} is {by_key[key][column]}, expected {value}")
                self.values[file, listed_as(column)].add(by_key[key][column])
            for column, value in zip(keys, key):
                self.values[file, column].add(value)
        for pair in set(itertools.combinations(sorted(next(iter(expected.values()), [])), 2)) - self.swaps[file]:
            if any(cells[name] is not None for cells in expected.values() for name in pair):
                self.pairs[file].add(pair)
            if any(cells[pair[0]] != cells[pair[1]] for cells in expected.values()):
                self.swaps[file].add(pair)

    def run(self, run, algorithm, system, paths, history):
        """Compares the tables of one run."""
        of = functools.partial(run.of, algorithm)
        tiers, links, energy = tables.tiers(system, history), tables.links(system, history), tables.energy(system, history)
        self.requests(of("requests.csv"), system, history, algorithm)
        self.table("tiers.csv", of("tiers.csv"), ["algorithm", "tier"], named(algorithm, without(tiers, "decisive_load")))
        self.table("links.csv", of("links.csv"), ["algorithm", "hop", "direction"], named(algorithm, links))
        self.table("energy.csv", of("energy.csv"), ["algorithm", "tier", "part", "state"], named(algorithm, energy))
        planned = {class_.model: tables.planned(system, paths[name]) for name, class_ in system.classes.items()}
        latency = {model: cells["latency"] for model, cells in planned.items()}
        classes = tables.classes(system, history.requests, history.duration, latency)
        summary = tables.summary_of_requests(system, history.requests, history.duration)
        summary |= tables.summary_of_resources(system, tiers, links, energy, summary["requests_completed"])
        summary |= tables.summary_of_plans(planned)
        summary |= {"duration_s": history.duration, "scenario": "run", "seed": run.sections["seed"],
                    "codec": tables.codecs(of("plan.csv")), "batteries_empty": None, "first_empty_s": None}
        if run.is_coded:  # Coding takes time, which plan.csv does not have.
            classes = without(classes, "planned_latency_s")
        self.table("classes.csv", of("classes.csv"), ["algorithm", "class"], named(algorithm, classes))
        self.table("summary.csv", of("summary.csv"), ["algorithm"], {(algorithm,): summary})

    def requests(self, found, system, history, algorithm):
        """Compares all cells of a naive simulation. Otherwise the rows are what everything else is computed from."""
        joules = tables.request_energy(system, history)
        cells = {}
        for row in history.requests:
            cells[str(row["request"]),] = expected = dict(joules[int(row["request"])])
            if isinstance(row["request"], int):
                expected |= {name: value if value != "" else None for name, value in row.items() if name != "request" and ("requests.csv", name) not in ELSEWHERE}
                expected["algorithm"] = algorithm
        self.table("requests.csv", found, ["request"], cells)

    def chosen(self, run, system, history):
        """Compares the tables that only the chosen plan's run has."""
        interval = quantity(run.sections["output"]["series"]["interval"])
        samples, count = run.files["series.csv"], 1 + len(system.tiers) + len(system.hops)
        self.table("series.csv", [row | {"number": str(i // count)} for i, row in enumerate(samples)], ["number", "where"],
                   {(str(number), place): cells for (number, place), cells in tables.series(system, history, interval).items()})
        if isinstance(history.requests[0]["request"], int):
            events = [dict(zip(["time_s", "event", "where", "which", "class"], event)) for event in history.events]
            for file, expected in (("decisions.csv", history.decisions), ("events.csv", events)):
                found = [row | {"number": str(i)} for i, row in enumerate(run.files.get(file, []))]
                self.table(file, found, ["number"], {(str(i),): row for i, row in enumerate(expected)})

    def layers(self, run, algorithm):
        """Compares plan.csv with the layer tables. Every plan but `fixed` has all layers on one tier."""
        places = {"device-only": ["device"] * 9, "cloud-only": ["cloud"] * 9}
        cells = {}
        for model in run.models:
            cells |= {(algorithm, model, layer): row for layer, row in plan_rows(model, places.get(algorithm)).items()}
        self.table("plan.csv", run.of(algorithm, "plan.csv"), ["algorithm", "model", "layer"], cells)


def listed_as(column):
    """Returns the name in csv_headers.txt of a column of a tier or hop."""
    place, dot, part = column.partition(".")
    return column if not dot else ("HOP." if "-" in place else "TIER.") + part


def named(algorithm, cells):
    return {(algorithm, *key): row for key, row in cells.items()}


def without(cells_by_key, column):
    return {key: {name: value for name, value in cells.items() if name != column} for key, cells in cells_by_key.items()}


def plan_rows(model, places=None):
    """Returns the rows of plan.csv of a layer table. Without places, the cut is that of AFTER."""
    layers = layers_of(model)
    input_, *names = layers
    needed = lambda name: {name}.union(*map(needed, layers[name]["inputs"].split()))
    near, middle = (needed(name) for name in AFTER[model].split())
    cut = ["device" if name in near else "edge" if name in middle else "cloud" for name in names]
    tier_of = dict(zip(names, places or cut))
    order = list(COLUMNS)
    made = {}
    for position, name in enumerate(names):
        row = layers[name]
        readers = [tier_of[other] for other in names if name in layers[other]["inputs"].split()]
        last = max([tier_of[name], *readers], key=order.index)
        size = int(row["output_bytes"])
        made[name] = {
            "position": position, "operator": "table", "tier": tier_of[name], "compute_s": float(row[f"{COLUMNS[tier_of[name]]}_s"]),
            "macs": int(row["macs"]), "parameter_bytes": int(row["param_bytes"]),
            "activation_bytes": size + sum(int(layers[other]["output_bytes"]) for other in row["inputs"].split()),
            "crossing_bytes": size if last != tier_of[name] else 0, "crosses_to": last if last != tier_of[name] else None, "codec": None}
    return made


OUTAGES = {
    "device": {"outages": [{"machine": 1, "from": "3.1237 s", "until": "4.0131 s"},
                           {"machine": 4, "from": "6.017 s", "until": "6.3071 s"}]},
    "edge": {"outages": [{"machine": 0, "from": "2.5123 s", "until": "3.4137 s"}, {"machine": 1, "from": "2.9123 s", "until": "3.2131 s"},
                         {"machine": 3, "from": "8.0171 s", "until": "9.9991 s"}]},
    "cloud": {"outages": [{"machine": 0, "from": "11.0137 s", "until": "11.5173 s"},
                          {"machine": 0, "from": "14.0137 s", "until": "14.3173 s"}]},
    "device-edge": {"outages": [{"link": 2, "from": "7.0137 s", "until": "7.9173 s"},
                                {"link": 4, "from": "12.5137 s", "until": "13.3173 s"}]},
    "edge-cloud": {"outages": [{"link": 0, "from": "5.0137 s", "until": "5.1039 s"},
                               {"link": 0, "from": "13.0137 s", "until": "13.0973 s"}]}}


def failing_system():
    """Returns the sections of a small system in which everything fails, and requests retry, fall back, give up and are rejected."""
    sections = small_system()
    classes = sections["workload"]["classes"]
    classes["urgent"] |= {"on-failure": {"retries": 2, "backoff": "31 ms", "factor": 1.7, "then": "wait"}, "timeout": "1.7 s"}
    classes["steady"] |= {"on-failure": {"retries": 1, "backoff": "17 ms", "then": "local"}, "when-rejected": "local"}
    classes["idle"] |= {"on-failure": {"then": "drop"}}
    sections["scheduling"]["cloud"]["admission"]["capacity"] = 2
    return sections | {"failures": OUTAGES}


def short_of_memory_system():
    """Returns the sections of a failing system whose edge machines have room for one model each, and are cold after a pause."""
    sections = failing_system()
    sections["tiers"]["edge"] |= {"cores": 1, "model-memory": "240 B", "model-load": "1.7 kB/s",
                                  "cold-start": {"time": "90 ms", "idle-after": "160 ms", "keep": 1}}
    return sections


@functools.cache
def compared():
    return Comparison()


def simulate(sections, requests):
    """Runs a scenario of layer tables, and compares each run with the naive simulation. Returns the rows of summary.csv."""
    with tempfile.TemporaryDirectory(prefix="offcut-results-") as folder:
        run = Run(folder, sections, requests)
    system = System(sections, {model: ends_of(model) for model in run.models})
    times = {name: alone(class_.model) for name, class_ in system.classes.items()}
    for number, row in enumerate(run.files["summary.csv"]):
        algorithm = row["algorithm"]
        paths = {name: system.path(run.of(algorithm, "plan.csv"), class_.model) for name, class_ in system.classes.items()}
        history = Simulation(system, paths, times, requests).run()
        compared().layers(run, algorithm)
        compared().run(run, algorithm, system, paths, history)
        if number == 0:
            compared().chosen(run, system, history)
    return run.files["summary.csv"]


def trace(sections, models, requests=()):
    """Runs a scenario without losses, and compares each run with the sums over its requests. Returns the files."""
    with tempfile.TemporaryDirectory(prefix="offcut-results-") as folder:
        run = Run(folder, sections, requests)
    system = System(sections, models)
    for number, row in enumerate(run.files["summary.csv"]):
        algorithm = row["algorithm"]
        requests = run.of(algorithm, "requests.csv")
        assert is_traceable(requests)
        paths = {name: system.path(run.of(algorithm, "plan.csv"), class_.model) for name, class_ in system.classes.items()}
        history = history_of(system, paths, requests, tables.duration_of(system, requests))
        compared().run(run, algorithm, system, paths, history)
        if number == 0:
            compared().chosen(run, system, history)
    return run.files


RUNS = {}


def run(function):
    """Registers a run, which is performed once."""
    RUNS[function.__name__] = functools.cache(function)
    return RUNS[function.__name__]


@run
def calm():
    return simulate(small_system(), arrivals(3, 400, 0.05))


@run
def failing():
    return simulate(failing_system() | {"seed": 8}, arrivals(42, 400, 0.045))


@run
def stopped():
    return simulate(failing_system() | {"stop": {"after": "14.19 s"}}, arrivals(22, 400, 0.045))


@run
def short_of_memory():
    return simulate(short_of_memory_system(), arrivals(31, 400, 0.045))


@run
def overloaded_by_loading():
    sections = short_of_memory_system() | {"stop": {"after": "9.7 s"}}
    sections["tiers"]["edge"]["model-load"] = "0.7 kB/s"
    del sections["workload"]["classes"]["urgent"]["timeout"]
    sections["failures"] = {name: made for name, made in OUTAGES.items() if name != "edge-cloud"}
    return simulate(sections, arrivals(5, 400, 0.023))


@run
def slow_answers():
    """Answers take longer than their devices' links can carry them, most of all those of device 4."""
    sections = failing_system()
    sections["network"]["device-edge"]["down"] = "0.006 Mbit/s"
    return simulate(sections, arrivals(6, 400, 0.05))


@run
def slow_uplinks():
    """Two uplinks of unequal load, with failing links of devices before them."""
    sections = failing_system()
    sections["network"]["device-edge"] |= {"site": {"devices": 3, "up": "0.29 Mbit/s", "down": "0.06 Mbit/s"}}
    return simulate(sections | {"stop": {"after": "15.3 s"}}, arrivals(7, 400, 0.045))


@run
def burst():
    """The machines could compute everything, but half of it comes at the end."""
    requests = arrivals(8, 200, 0.1)
    last = requests[-1][0]
    requests += [(round(last + time / 100, 9), *rest) for time, *rest in arrivals(9, 300, 0.05)]
    sections = small_system()
    sections["network"]["device-edge"] |= {"up": "90 Mbit/s", "down": "9 Mbit/s"}
    sections["network"]["edge-cloud"] |= {"up": "80 Mbit/s", "down": "7 Mbit/s"}
    sections["tiers"]["edge"]["cores"] = 1
    sections["tiers"]["device"]["cores"] = 20
    return simulate(sections | {"stop": {"requests": len(requests)}}, requests)


@run
def one_model():
    """A plan of one model alone has its figures in summary.csv."""
    sections = failing_system()
    sections["model"] = {"layers": "camera.csv"}
    sections["plan"] |= {"algorithm": "fixed", "after": AFTER["camera"]}
    del sections["models"]
    for class_ in sections["workload"]["classes"].values():
        del class_["model"]
    return simulate(sections, arrivals(10, 300, 0.06))


@run
def other_site():
    sections = failing_system()
    for class_ in sections["workload"]["classes"].values():
        class_["on-failure"] = {"then": "other-site", "retries": 1, "backoff": "23 ms"}
    return simulate(sections, arrivals(11, 400, 0.05))


@run
def simgrid():
    return simulate(small_system() | {"engine": {"own-links": False}}, arrivals(12, 150, 0.05))


def zoo_device(overhead, **more):
    return {"peak": "5 GFLOP/s", "memory-bandwidth": "2 GB/s", "memory": "1 GB", "layer-overhead": overhead,
            "efficiency": {"convolution": 0.3, "depthwise-convolution": 0.1, "dense": 0.4, "memory": 0.5}, **more}


@run
def batches_and_codecs():
    """Two networks whose tensors cross encoded, and are computed in batches on two tiers; the path of each request is followed."""
    sections = small_system() | {
        "models": {"letters": {"zoo": "lenet5", "plan": {"algorithm": "fixed", "after": "pool1 tanh3", "codec": "int8"}},
                   "words": {"zoo": "mlp-s3", "plan": {"algorithm": "fixed", "after": "flatten relu1", "codec": "fp16"}}},
        "tiers": {"device": zoo_device("1.3 ms", count=5, cores=2, power={"idle": "0.7 W", "busy": "2.3 W"}),
                  "edge": zoo_device("6.1 ms", count=4, sites=2, cores=1), "cloud": zoo_device("7.7 ms", count=3, price=1.9)},
        "plan": {"compare": ["device-only"]}, "stop": {"requests": 600},
        "scheduling": {"device": {"queue": "priority"}, "edge": {"batch": {"policy": "timeout", "max": 3, "delay": "9 ms"}, "queue": "edf"},
                       "cloud": {"batch": {"policy": "fixed", "size": 2}, "dispatch": "shortest-queue"}},
        "workload": {"classes": {
            "urgent": {"arrivals": "poisson", "rate": "9 /s", "model": "letters", "deadline": "90 ms", "priority": 2},
            "steady": {"arrivals": "gamma", "rate": "7 /s", "cv": 1.7, "model": "words", "deadline": "170 ms"}}}}
    models = {"letters": Model({"prob": 40}, 28 * 28 * 4, ["conv1"]), "words": Model({"prob": 40}, 28 * 28 * 4, ["flatten"])}
    return trace(sections, models)


@run
def noise_and_policies():
    """Computing times vary, queues are not first-in first-out, and all devices share a link."""
    sections = small_system()
    for tier, cv in (("device", 0.4), ("edge", 0.9), ("cloud", 1.3)):
        sections["tiers"][tier]["noise"] = {"kind": "lognormal", "cv": cv}
    sections["tiers"]["cloud"] |= {"count": 3, "cores": 1}
    sections["network"]["device-edge"] |= {"up": "2.1 Mbit/s", "down": "0.31 Mbit/s", "shared": True}
    sections["scheduling"] = {"device": {"queue": "lifo"}, "edge": {"queue": "sjf"}, "cloud": {"queue": "fair", "dispatch": "two-choices"}}
    return trace(sections, {model: ends_of(model) for model in LAYERS}, arrivals(13, 500, 0.03))


@run
def autoscaled():
    """Machines of the edge come and go with the load of their sites."""
    sections = small_system()
    sections["tiers"]["edge"] |= {"autoscale": {"policy": "queue", "target": 0.4, "min": 1, "max": 4, "start-up": "0.31 s",
                                                "interval": "0.45 s", "scale-down-after": "1.1 s"}}
    sections["scheduling"]["edge"] = {"queue": "fifo"}
    del sections["output"]["series"]
    requests = arrivals(14, 150, 0.012) + [(round(time + 9, 6), *rest) for time, *rest in arrivals(15, 150, 0.1)]
    with tempfile.TemporaryDirectory(prefix="offcut-results-") as folder:
        run = Run(folder, sections | {"stop": {"requests": 300}, "plan": {"compare": ["none"]}}, requests)
    tier = System(sections, {model: ends_of(model) for model in LAYERS}).tiers[1]
    rows_ = run.of("fixed", "requests.csv")
    duration = max(float(row["completion_s"]) for row in rows_)
    events = run.files["events.csv"]
    starts = sum(event["event"] == "machine starting" for event in events)
    busy = math.fsum(float(row["edge.compute_s"]) for row in rows_)
    expected, states = tables.scaled_tier(tier, tables.machines_over_time(tier, 4, events, duration), busy, starts, duration)
    expected |= {"servers": 4 * tier.sites * tier.cores, "wait_mean_s": tables.mean(float(row["edge.wait_s"]) for row in rows_)}
    compared().table("tiers.csv", [row for row in run.files["tiers.csv"] if row["tier"] == "edge"], ["tier"], {("edge",): expected})
    compared().table("energy.csv", [row for row in run.files["energy.csv"] if row["tier"] == "edge"], ["state"],
                     {(name,): cells for name, cells in states.items()})
    return starts


def battery_run(charge):
    """Some devices empty their batteries, and use less power before. Returns how many."""
    sections = small_system() | {"plan": {"compare": ["none"]}}
    sections["tiers"]["device"]["battery"] = {"capacity": "27 J", "charge": charge,
                                              "low-power": {"below": 0.4, "speed": 0.6, "power": 0.7}}
    # The bytes of a message count when it ends, and may then exceed what is left. So they cost nothing here.
    sections["network"]["device-edge"]["radio"] |= {"per-mbit-up": "0 W", "per-mbit-down": "0 W"}
    with tempfile.TemporaryDirectory(prefix="offcut-results-") as folder:
        run_ = Run(folder, sections, arrivals(16, 400, 0.05))
    system = System(sections, {model: ends_of(model) for model in LAYERS})
    expected = tables.batteries(system, run_.files["energy.csv"], run_.files["events.csv"])
    states = {(row["tier"], row["part"], row["state"]): {name: float(row[name]) for name in ("time_s", "energy_j")}
              for row in run_.files["energy.csv"]}
    series = [row for row in run_.files["series.csv"] if row["where"] == "device"]
    compared().table("series.csv", series[-1:], ["where"], {("device",): {"battery": expected["battery_left"]}})
    expected |= tables.summary_of_requests(system, run_.of("fixed", "requests.csv"), float(run_.files["summary.csv"][0]["duration_s"]))
    expected |= tables.energies(system, states, expected["requests_completed"])
    compared().table("summary.csv", run_.files["summary.csv"], ["algorithm"], {("fixed",): expected})
    return expected["batteries_empty"]


@run
def batteries():
    return battery_run(0.9), battery_run(0.7)


@run
def digits():
    """The real math tells which answers are right."""
    folder = SOURCE / "models/data/digits"
    sections = {
        "offcut": 1, "stop": {"requests": 60}, "seed": 3,
        "model": {"onnx": str(folder / "digits_cnn.onnx"), "math": "sampled", "samples": 40, "engine": "fast",  # Pictures that are this dark are not all read.
                  "input": {"divide": 20000, "images": str(folder / "test-images.idx3-ubyte.zst"),
                            "labels": str(folder / "test-labels.idx1-ubyte.zst")}},
        "tiers": {"device": zoo_device("1.3 ms", count=2), "edge": zoo_device("0.4 ms")},
        "network": {"device-edge": {"up": "3 Mbit/s", "down": "1 Mbit/s", "latency": "5 ms"}},
        "plan": {"algorithm": "edge-only", "compare": ["none"]},
        "workload": {"arrivals": "poisson", "rate": "5 /s"}}
    with tempfile.TemporaryDirectory(prefix="offcut-results-") as place:
        run = Run(place, sections)
    system = System(sections, {"digits_cnn": Model({}, 784, [])})
    requests = run.files["requests.csv"]
    expected = tables.summary_of_requests(system, requests, tables.duration_of(system, requests))
    compared().table("summary.csv", run.files["summary.csv"], ["algorithm"], {("edge-only",): expected})
    return expected["accuracy"]


# Columns that no run here compares, with the reason.
ELSEWHERE = {
    ("requests.csv", "input"): "sim/runtime tests which input a request has",
    ("requests.csv", "label"): "the data set's file has it; sim/runtime tests that",
    ("requests.csv", "predicted"): "the real math has its own oracle in sim/runtime and models/exec",
    ("plan_figures.csv", "algorithm"): "partition/algorithms tests the figures of each algorithm",
    ("plan_figures.csv", "what"): "partition/algorithms tests the figures of each algorithm",
    ("plan_figures.csv", "value"): "partition/algorithms tests the figures of each algorithm",
    ("plan_figures.csv", "model"): "partition/algorithms tests the figures of each algorithm",
    ("series.csv", "machines"): "sim/engine counts the machines of a scaled tier by hand",
    ("series.csv", "up_bandwidth_bytes_per_s"): "networks_test.py has links whose bandwidths change",
    ("series.csv", "down_bandwidth_bytes_per_s"): "networks_test.py has links whose bandwidths change",
    ("summary.csv", "tier_basis"): "basis_test.py has each kind of basis, and fit_devices.py the errors",
    ("summary.csv", "link_basis"): "basis_test.py has each kind of basis",
    ("requests.csv", "group"): "the runs have one group of devices; sim/engine/groups_test.cpp has several",
    ("plan.csv", "group"): "the runs have one group of devices; sim/engine/groups_test.cpp has several",
    ("requests.csv", "team_s"): "deployments_test.py compares plans of several devices with their runs",
    ("requests.csv", "sent_s"): "deployments_test.py compares plans of several devices with their runs",
    ("summary.csv", "team_mean_s"): "deployments_test.py compares planned and simulated measures",
    ("summary.csv", "makespan_s"): "deployments_test.py compares planned and simulated measures",
    ("summary.csv", "period_s"): "deployments_test.py compares planned and simulated measures",
    ("summary.csv", "measure"): "deployments_test.py compares planned and simulated measures",
    ("summary.csv", "measure_planned_s"): "deployments_test.py compares planned and simulated measures",
    ("summary.csv", "measure_simulated_s"): "deployments_test.py compares planned and simulated measures",
    ("summary.csv", "replans"): "adapt_chaos_test.py checks it against requests.csv, switches.csv, links.csv and the scenario",
    ("summary.csv", "switches"): "adapt_chaos_test.py checks it against requests.csv, switches.csv, links.csv and the scenario",
    ("summary.csv", "regret_mean_s"): "adapt_chaos_test.py checks it against requests.csv, switches.csv, links.csv and the scenario",
    ("summary.csv", "best_plan_share"): "adapt_chaos_test.py checks it against requests.csv, switches.csv, links.csv and the scenario",
    ("summary.csv", "probe_bytes"): "adapt_chaos_test.py checks it against requests.csv, switches.csv, links.csv and the scenario",
    ("summary.csv", "weight_bytes"): "adapt_chaos_test.py checks it against requests.csv, switches.csv, links.csv and the scenario",
    ("summary.csv", "believed_latency_s"): "moving_plans_test.cpp computes what planners believe",
    ("requests.csv", "plan"): "sim/experiment tests plans that follow, and their regret by brute force",
    ("requests.csv", "regret_s"): "sim/experiment tests plans that follow, and their regret by brute force",
    ("requests.csv", "exit"): "exits_test.py counts the exits of the data set",
    ("requests.csv", "version"): "updates_test.py computes when versions serve",
    ("links.csv", "update_messages"): "updates_test.py computes what updates carry",
    ("links.csv", "update_bytes"): "updates_test.py computes what updates carry",
    ("links.csv", "update_part_bytes"): "updates_test.py computes what updates carry",
    ("summary.csv", "handovers"): "mobility_test.py computes it from events.csv and requests.csv",
    ("summary.csv", "interruption_s"): "mobility_test.py computes it from events.csv and requests.csv",
    ("summary.csv", "handover_mean_s"): "mobility_test.py computes it from events.csv and requests.csv",
    ("summary.csv", "taken_along"): "mobility_test.py computes it from events.csv and requests.csv",
    ("summary.csv", "models_pulled"): "mobility_test.py computes it from events.csv and requests.csv",
    ("summary.csv", "backbone_bytes"): "mobility_test.py computes it from events.csv and requests.csv",
    ("requests.csv", "handover_s"): "mobility_test.py computes it from events.csv and requests.csv",
    ("events.csv", "from"): "mobility_test.py computes it from events.csv and requests.csv",
    ("events.csv", "to"): "mobility_test.py computes it from events.csv and requests.csv",
    ("summary.csv", "policies"): "under_load_test.py compares it with those that were chosen",
}
STEADY = ["latency_p999_s", "warmup_requests", "effective_requests", "steady_mean_s", "steady_mean_low_s", "steady_mean_high_s", "steady_note",
          *(f"steady_p{q}{end}_s" for q in (50, 90, 95, 99, 999) for end in ("", "_low", "_high"))]
ELSEWHERE |= {("summary.csv", name): "statistics_test.py, and analysis/statistics tests the intervals" for name in STEADY}
TRAINING = ["training", "rounds", "time_to_accuracy_s",
            *("training_" + name for name in ["target", "end", "s", "accuracy", "best_accuracy", "test_loss", "up_bytes", "down_bytes", "energy_j",
                                              "compute_s", "communication_s", "waiting_s", "updates", "late", "lost", "loading_s",
                                              "loading_longest_s", "sync_s",
                                              *(f"{part}_{way}_bytes" for part in ["loading", "after", "sites"]
                                                for way in ["up", "down"])])]
ELSEWHERE |= {(file, name): "training_test.py computes it from rounds.csv and clients.csv"
              for file, names in (("summary.csv", TRAINING), ("tiers.csv", ["tasks", "task_s"]),
                                  ("links.csv", ["task_messages", "task_bytes"])) for name in names}
# Columns that have one value in all runs.
CONSTANT = {("summary.csv", "scenario"), ("summary.csv", "outcome"), ("plan.csv", "operator"), ("plan.csv", "codec")}
# Files of a run. Those of other commands have tests of their own.
FILES = ["summary.csv", "requests.csv", "plan.csv", "plan_figures.csv", "tiers.csv", "links.csv", "classes.csv", "events.csv",
         "energy.csv", "series.csv", "decisions.csv"]


class Results(unittest.TestCase):
    def test_a_run_without_failures(self):
        calm()

    def test_a_run_in_which_everything_fails(self):
        chosen, *_ = failing()
        self.assertGreater(len(chosen["drops"].split("; ")), 3)

    def test_a_run_that_is_stopped_amid_failures(self):
        chosen, *_ = stopped()
        self.assertGreater(int(chosen["requests_in_flight"]), 3)

    def test_a_run_short_of_memory(self):
        short_of_memory()

    def test_verdicts_and_bottlenecks(self):
        for function, expected in ((overloaded_by_loading, ("overloaded", "edge")), (slow_answers, ("overloaded", "device-edge down")),
                                   (slow_uplinks, ("overloaded", "device-edge site up")), (burst, ("backlogged", "edge"))):
            with self.subTest(function.__name__):
                self.assertEqual((function()[0]["verdict"], function()[0]["bottleneck"]), expected)

    def test_the_plan_of_one_model(self):
        one_model()

    def test_requests_that_go_to_another_site(self):
        other_site()

    def test_links_that_simgrid_serves(self):
        simgrid()

    def test_batches_and_codecs(self):
        batches_and_codecs()

    def test_noise_and_policies(self):
        noise_and_policies()

    def test_machines_that_come_and_go(self):
        self.assertGreater(autoscaled(), 1)

    def test_batteries(self):
        self.assertGreater(min(batteries()), 0)

    def test_accuracy(self):
        self.assertLess(digits(), 1)

    def test_every_column_is_compared(self):
        """A new column needs an oracle, or a reason. A column must also vary, or a constant would pass for it."""
        for function in RUNS.values():
            function()
        columns = dict(line.split(": ") for line in HEADERS.read_text(encoding="utf-8").splitlines())
        for file in FILES:
            for column in columns[file].split(","):
                with self.subTest(file=file, column=column):
                    if (file, column) in ELSEWHERE:
                        self.assertFalse(compared().values[file, column])
                    else:
                        self.assertGreater(len(compared().values[file, column]), (file, column) not in CONSTANT)

    def test_columns_that_are_swapped_would_show(self):
        for function in RUNS.values():
            function()
        for file in FILES:
            with self.subTest(file=file):
                self.assertEqual(sorted(compared().pairs[file] - compared().swaps[file]), [])


if __name__ == "__main__":
    unittest.main()
