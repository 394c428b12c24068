#!/usr/bin/python3
"""The keys of scenarios: `offcut list keys`, and docs/scenarios.md, whose tables --write makes anew.

The program rejects a key that its tables do not declare, and the tables are what it lists: so every key that it accepts is
listed. Here, every key that is listed is accepted: its example is put into a scenario, which the program validates.
"""
import concurrent.futures
import os
import re
import sys
import unittest
import onnx

from program import SOURCE, InFolder, offcut

PAGE = SOURCE / "docs/scenarios.md"
BLOCK = re.compile(r"(?s)(<!-- keys -->\n).*?(<!-- end of keys -->\n)")
HEADING = re.compile(r"### (?:`(?P<path>.*)`|The document)$")
CELLS = re.compile(r"(?<!\\) \| ")

BOARD = ("{peak: 32 GFLOP/s, memory-bandwidth: 3.6 GB/s, memory: 512 MB, efficiency: {convolution: 0.3, "
         "depthwise-convolution: 0.2, dense: 0.4, memory: 0.5}, layer-overhead: 5 us}")
BASE = f"""\
offcut: 1
stop: {{requests: 100}}
model: {{zoo: lenet5}}
tiers:
  device: {{is: jetson-nano, count: 8}}
  edge: {{is: t4}}
network:
  device-edge: {{is: lte}}
plan: {{algorithm: multi-tier, compare: none}}
workload: {{arrivals: poisson, rate: 1 /s}}
devices:
  my-board: {BOARD}
networks:
  satellite: {{up: 2 Mbit/s, down: 20 Mbit/s, latency: 300 ms}}
"""
ANY_KIND = "any with arithmetic: {samples: 8, line: [1e-6, 0, 0, 0, 0], trees: ['1']}"
FILES = {
    "base.yaml": BASE,
    "named.yaml": BASE.replace("model: {zoo: lenet5}", "models: {detector: {zoo: lenet5}}"),
    "layers.csv": "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n"
                  "image,,1000,0,0,0,0\nconv1,image,100,0,1000,0.01,0.001\n",
    "moves.csv": "time_s,device,site\n10,0,1\n",
    "phones.json": '{"a": {"active": [5], "inactive": [8], "finish_time": 10}}',
    "phones.csv": "client,computation,communication\na,12,8000\nb,24,4000\n",
    "outages.csv": "time_s,which,state\n10,0,down\n12,0,up\n",
    "arrivals.csv": "time_s,class\n0.5,urgent\n2,urgent\n",
    "times.csv": "0.9\n1.1\n",
    **{name: "time_s,up,down\n0,8 Mbit/s,16 Mbit/s\n5,4 Mbit/s,8 Mbit/s\n"
       for name in ["city.csv", "bus.csv", "tram.csv", "uplink.csv", "downlink.csv", "backhaul.csv"]},
    "uplink.txt": "2\n4\n",
    "runs.csv": "run,compute_s\n0,0.009\n1,0.011\n",
    "my-devices.yaml": f"my-board: {BOARD}\n",
    "fitted.yaml": f"offcut-device: 1\nkinds: {{{ANY_KIND}}}\n",
}

# Names that the scenarios above have, for those that users choose.
NAMES = {"TIER": "edge", "HOP": "device-edge", "NAME": "edge", "MODEL": "detector", "CLASS": "urgent", "USERS": "tablet",
         "DEVICE": "my-board", "KIND": "dense", "LINK": "satellite", "OUTPUT": "exit1_prob"}

# What has to be set before the example, by the path of its key.
MEASURED = "{zoo: lenet5, math: sampled, samples: 2, input: {random: 4}}"
EXITS = "{algorithm: edgent, exits: {exit1_prob: {leaves: 0.94}, prob: {}}}"
CLASSES = ("workload={classes: {a: {model: detector, arrivals: poisson, rate: 1 /s}, "
           "b: {model: reader, arrivals: poisson, rate: 1 /s}}}")
TRAINING = "{dataset: digits, strategy: {name: fedavg}}"
VERTICAL = "{dataset: digits, joint: {}, data: {split: by-feature}, strategy: {name: vertical}}"
NEEDS = [
    (r"\.calibration\.(range|runtimes)", ["tiers.edge.calibration={models: 9, median-error: 11 %}"]),
    (r"^mobility$", ["tiers.edge={is: t4, count: 2, sites: 2}"]),
    (r"^mobility\.", ["tiers.edge={is: t4, count: 2, sites: 2}", "mobility={kind: schedule, moves: []}"]),
    (r"^network\.HOP\.site\.unlike", ["network.device-edge.site={count: 4, up: 50 Mbit/s, down: 50 Mbit/s}"]),
    (r"^tiers\.TIER\.forwarding$", ["tiers.cloud={is: a100}", "network.edge-cloud={is: wan-100m}"]),
    (r"^workload(\.classes\.CLASS)?\.from$", ["tiers.device={groups: {camera: {is: jetson-nano}}}"]),
    (r"^model(s\.MODEL)?\.layers$", ["tiers={device: {is: 'column:phone'}, cloud: {is: 'column:server'}}",
                          "network={device-cloud: {is: lte}}"]),
    (r"^models(\.MODEL)?$", [CLASSES]),
    (r"^models\.MODEL\.plan$", ["plan={compare: none}"]),
    (r"^models\.MODEL\.plan\.", ["plan={compare: none}", "models.detector.plan={algorithm: multi-tier}"]),
    (r"^workload\.classes\.", ["workload={classes: {urgent: {arrivals: poisson, rate: 1 /s}}}"]),
    (r"^plan\.classes\.", ["plan={algorithm: iao, classes: {tablet: {is: jetson-nano, network: {is: lte}}}}"]),
    (r"^plan\.exits\.OUTPUT\.(confidence|entropy)$", ["model={zoo: branchy-lenet5, math: sampled, samples: 2, input: {random: 4}}"]),
    (r"^workload(\.classes\.CLASS)?\.exits(\.OUTPUT|\.OUTPUT\.(confidence|entropy))?$",
     ["model={zoo: branchy-lenet5, math: sampled, samples: 2, input: {random: 4}}",
      "plan={algorithm: min-cut, exits: {exit1_prob: {confidence: 0.9}}}"]),
    (r"^workload(\.classes\.CLASS)?\.exits\.OUTPUT\.leaves$", ["model={zoo: branchy-lenet5}",
                                                               "plan={algorithm: min-cut, exits: {exit1_prob: {leaves: 0.5}}}"]),
    (r"^adapt\.policy\.misses$", ["workload={arrivals: poisson, rate: 1 /s, deadline: 1 s}"]),
    (r"^updates\.data\.(from|priority)$", ["tiers.cloud={is: a100}", "network.edge-cloud={is: wan-100m}"]),
    (r"^training\.strategy\.aggregator", ["training=" + TRAINING.replace("fedavg", "rounds")]),
    (r"^training\.joint", ["training=" + VERTICAL]),
    (r"^training\.(?!joint|strategy\.aggregator)", ["training=" + TRAINING]),
    (r"^plan\.exits(\.OUTPUT(\.(leaves|accuracy))?)?$", ["model={zoo: branchy-lenet5}", "plan=" + EXITS]),
    (r"^models\.MODEL\.plan\.exits", ["models.detector={zoo: branchy-lenet5, plan: " + EXITS + "}"]),
    (r"^plan\.(cache|accuracy-loss|most)$", [f"model={MEASURED}"]),
    (r"^models\.MODEL\.plan\.(cache|accuracy-loss|most)$", [f"models.detector={MEASURED}"]),
]
# The same by the name of the kind whose parameter the example sets.
NEEDS_OF_KIND = {"fedasync": ["training=" + TRAINING.replace("fedavg", "asynchronous")],
                 "fedbuff": ["training=" + TRAINING.replace("fedavg", "asynchronous")],
                 "by-feature": ["training=" + VERTICAL],
                 "hierarchical": ["tiers.cloud={is: a100}", "network.edge-cloud={is: wan-100m}"]}
# What the examples of an algorithm's parameters need beside them, in the map of the path.
BESIDE = {"codec-aware": [("codec", "[int8, int4]"), ("cache", "cache")]}


def fetched(text):
    """The keys of `offcut list keys --markdown`: a list of (path, owner, cells), a key once for each map that has it."""
    keys = []
    paths, also, columns = [], [], []
    for line in text.splitlines() + [""]:
        if heading := HEADING.match(line):
            paths = [heading["path"] or ""]
        elif line.startswith("#### "):
            paths = paths[:1]
        elif line.startswith("Also in ") or also:
            also.append(line)
            if line.endswith("."):
                paths = paths[:1] + re.findall(r"`([^`]*)`", " ".join(also))
                also = []
        elif line.startswith("| ") and not line.startswith("| ---"):
            cells = CELLS.split(line[2:-2])
            if "example" in cells:
                columns = cells
                continue
            row = dict(zip(columns, cells, strict=True))
            owner = columns[0].strip("`") if columns[0] != "key" else ""
            keys += [(path, owner, row) for path in paths]
    return keys


def markdown():
    result = offcut("list", "keys", "--markdown")
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return result.stdout


def name_of(row):
    return re.search(r"`([^`]*)`", row["key"])[1]


def example_of(row):
    return row["example"].strip("`")


def setting(path, owner, row):
    """The example as a change of the scenario: the keys on the way to the value, and the value."""
    key, value = example_of(row).split(": ", 1)
    way = path.split(".") if path else []
    if not owner:
        way.append(name_of(row))
    elif owner == "codec":
        way.append("codec")
    places = [i for i, step in enumerate(way) if step == key]
    placeholders = [i for i, step in enumerate(way) if step.isupper()]
    if places:
        way = way[:places[-1] + 1]
    else:
        chosen = NAMES[way[placeholders[-1]]] if way[placeholders[-1]] in ("MODEL", "CLASS") else key
        way = way[:placeholders[-1]] + [chosen]
    return [NAMES.get(step, step) for step in way], value


def fitted_file(path, row):
    """A file of `offcut fit` with the example."""
    parts = {"offcut-device": "1", "kinds": f"{{{ANY_KIND}}}"}
    key, value = example_of(row).split(": ", 1)
    if key != "kinds" and path.endswith(".fitted"):
        parts[key] = value
    else:
        kind = value[1:-1] if key == "kinds" else example_of(row)
        parts["kinds"] = f"{{{ANY_KIND}, {kind}}}"
    return "".join(f"{name}: {text}\n" for name, text in parts.items())


# Keys of a device that is not based on another, or that is, while the test's tiers and devices are the opposite.
OF_OTHER_DEVICES = re.compile(r"^(tiers\.TIER|plan\.classes\.USERS)\.(precisions|runtimes)|^devices\.DEVICE\.(precision|runtime)$"
                              # Those of groups are keys of their tiers and hops, which depend on the tier.
                              r"|^tiers\.TIER\.groups\.")


def with_fixed_input():
    """A model with an input whose value may be fixed."""
    value = onnx.helper.make_tensor_value_info
    nodes = [onnx.helper.make_node("Cast", ["sr"], ["rate"], to=onnx.TensorProto.FLOAT), onnx.helper.make_node("Div", ["x", "rate"], ["scaled"]),
             onnx.helper.make_node("Relu", ["scaled"], ["y"])]
    graph = onnx.helper.make_graph(nodes, "vad", [value("x", onnx.TensorProto.FLOAT, [1, 64]), value("sr", onnx.TensorProto.INT64, [])],
                                   [value("y", onnx.TensorProto.FLOAT, [1, 64])])
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)


class Examples(InFolder):
    def setUp(self):
        super().setUp()
        for name, text in FILES.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        onnx.save(with_fixed_input(), str(self.folder / "vad.onnx"))
        self.succeed("plan", "base.yaml", "--out", "results")
        self.succeed("profile", "zoo:lenet5", "--from", SOURCE / "tests/models/cost/data/lenet5_onnxruntime.json",
                     "--out", "profile.csv")

    def validated(self, number, path, owner, row):
        """What the program says of the example, and the command."""
        full = f"{path}.{name_of(row)}" if path else name_of(row)
        named = path.startswith("models") or name_of(row) in ("model", "models")
        changes = [change for pattern, sets in NEEDS if re.search(pattern, full) for change in sets]
        changes += [change for kind, sets in NEEDS_OF_KIND.items() if f": {kind}," in example_of(row) for change in sets]
        if path.startswith("tiers.TIER.fitted"):
            file = f"fitted-{number}.yaml"
            (self.folder / file).write_text(fitted_file(path, row), encoding="utf-8")
            changes.append(f"tiers.edge={{fitted: {file}}}")
        else:
            way, value = setting(path, owner, row)
            changes.append(f"{'.'.join(way)}={value}")
            changes += [f"{'.'.join(way)}.{key}={beside}" for name, settings in BESIDE.items() if f"algorithm: {name}," in value
                        for key, beside in settings if owner and f"{key}:" not in value]
        scenario = "named.yaml" if named and full != "model" else "base.yaml"
        options = [option for change in changes for option in ("--set", change)]
        return self.run_here("validate", scenario, *options), (full, options)

    def test_every_example_is_valid(self):
        keys = [(path, owner, row) for path, owner, row in fetched(markdown())
                if not OF_OTHER_DEVICES.search(f"{path}.{name_of(row)}" if path else name_of(row))]
        self.assertGreater(len(keys), 250)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [pool.submit(self.validated, number, *key) for number, key in enumerate(keys)]
            for job in jobs:
                result, command = job.result()
                with self.subTest(command[0]):
                    self.assertEqual((result.returncode, result.stderr), (0, ""), command)

    def test_an_example_names_its_key(self):
        for path, _, row in fetched(markdown()):
            name = name_of(row)
            if not name.isupper():
                self.assertRegex(example_of(row), rf"(?:\A|[{{ :])\"?{re.escape(name)}(?:: |=)", path)

    def test_a_key_that_is_not_listed_is_refused(self):
        paths = {path for path, owner, _ in fetched(markdown()) if not owner and "fitted" not in path}
        for path in sorted(path for path in paths if not re.search(r"[A-Z]$|bind|\.codec$|exits$|unlike$|^$", path)):
            if not re.match(r"(stop|engine|output|tiers\.TIER\.noise|network\.HOP\.site)", path):
                continue
            way = ".".join(NAMES.get(step, step) for step in path.split("."))
            error = self.refuse("validate", "base.yaml", "--set", f"{way}.unlisted=1")
            self.assertIn(f"unknown key '{way}.unlisted'", error)


class Page(unittest.TestCase):
    maxDiff = None

    def test_the_tables_are_what_the_program_lists(self):
        text = PAGE.read_text(encoding="utf-8")
        self.assertEqual(text, up_to_date(text), "docs/scenarios.md is out of date: run OFFCUT=build/release/offcut "
                                                 "OFFCUT_SOURCE=. tests/sim/cli/keys_test.py --write")

    def test_links_lead_to_headings(self):
        text = PAGE.read_text(encoding="utf-8")
        headings = re.findall(r"(?m)^#+ (.*)$", text)
        anchors = {"#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        self.assertEqual(len(anchors), len(set(headings)))
        for link in re.findall(r"\]\((#[^)]*)\)", text):
            self.assertIn(link, anchors)


class Guide(InFolder):
    """The parts of the page that are written by hand."""

    def blocks(self, language):
        return re.findall(rf"(?s)```{language}\n(.*?)```", BLOCK.sub("", PAGE.read_text(encoding="utf-8")))

    def test_its_scenarios_are_valid(self):
        tables = {"layers.csv": "layer,inputs", "outages.csv": "time_s,which,state", "arrivals.csv": "time_s,device"}
        csv = self.blocks("csv")
        self.assertEqual(len(csv), len(tables))
        for name, header in tables.items():
            text, = [block for block in csv if block.startswith(header)]
            (self.folder / name).write_text(text, encoding="utf-8")
        scenarios = self.blocks("yaml")
        self.assertGreaterEqual(len(scenarios), 2)
        for text in scenarios:
            (self.folder / "a.yaml").write_text(text, encoding="utf-8")
            self.succeed("validate", "a.yaml")

    def test_its_units_are_those_of_the_program(self):
        rows = re.findall(r"(?m)^\| (\w+) \| (.*?) \| `(.*)` \|$", PAGE.read_text(encoding="utf-8").split("<!-- keys -->")[0])
        keys = {"number": "tiers.device.price", "time": "network.device-edge.latency", "data": "tiers.device.model-memory",
                "bandwidth": "network.device-edge.up", "speed": "tiers.device.peak", "power": "tiers.device.power.busy",
                "rate": "workload.rate"}
        (self.folder / "base.yaml").write_text(BASE, encoding="utf-8")
        self.assertEqual({dimension for dimension, _, _ in rows}, set(keys))
        for dimension, units, example in rows:
            way = keys[dimension]
            error = self.refuse("validate", "base.yaml", "--set", f"{way}=1 nonsense")
            valid = re.search(r"valid: (.*)$", error, re.MULTILINE)[1]
            self.assertEqual(valid.split(", "), re.findall(r"`([^`]*)`", units), dimension)
            self.succeed("validate", "base.yaml", "--set", f"{way}={example}")


class List(InFolder):
    def test_one_key_in_80_characters(self):
        text = self.succeed("list", "keys", "tiers.phone.cores")
        self.assertEqual(text, """\
tiers.phone

  cores
      whole number, 1 to 10000000; default: 1
      The cores of each machine: the requests, or batches, that it computes at
      once. A tier has at most 10000000 cores.
      Example: cores: 2
""")

    def test_a_map_with_all_that_is_below(self):
        text = self.succeed("list", "keys", "network")
        for part in ["network.HOP\n", "network.HOP, Kind of link\n", "network.HOP.site\n", "  per-mbit-up\n"]:
            self.assertIn(part, text)
        self.assertNotIn("\ntiers", text)

    def test_all_keys_fit_80_characters(self):
        text = self.succeed("list", "keys")
        self.assertEqual([line for line in text.splitlines() if len(line) > 80], [])

    def test_what_is_no_key(self):
        self.assertEqual(self.refuse("list", "keys", "tiers.edge.memry"),
                         "offcut list keys: error: unknown key 'tiers.edge.memry'; did you mean 'memory'?\n")

    def test_the_path_of_a_key_that_is_elsewhere(self):
        for given, path in [("noise", "tiers.TIER.noise"), ("edge.failures", "failures"), ("stop.rate", "workload.rate")]:
            self.assertEqual(self.refuse("list", "keys", given).split("; ")[1], f"did you mean '{path}'?\n")

    def test_a_default_is_no_example(self):
        """`edgent` has a deadline of 0 s by default, and 1 s in its example."""
        row = next(line for line in markdown().splitlines() if line.startswith("| `edgent` | `deadline` |"))
        self.assertIn("| `0 s` |", row)


def up_to_date(text):
    tables = markdown()
    return BLOCK.sub(lambda match: match[1] + "\n" + tables + "\n" + match[2], text)


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(up_to_date(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        unittest.main()
