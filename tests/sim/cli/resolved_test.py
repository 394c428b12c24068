#!/usr/bin/python3
"""resolved.yaml can be shared and run again. Scenarios drawn from a seed name devices, links, files and settings in every way
that a scenario can; each run of their resolved.yaml writes the same bytes, also from another working folder and after the folder
of results was moved, and names no file by its absolute path.

    OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/sim/cli/resolved_test.py --count 1000
    OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/sim/cli/resolved_test.py --seed 7      # prints the scenario
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

import chaos_test
from program import SOURCE, TABLE, TWO_PROFILES, InFolder, offcut

COUNT = 24
REFUSED_AT_MOST = 0.1  # If most scenarios were refused, the test would show nothing.
CLOCKS = {"jetson-nano": ["921 MHz", "640 MHz"], "jetson-tx2": ["1.3 GHz", "1.12 GHz", "854 MHz"]}
BOARD = {"peak": "32 GFLOP/s", "memory-bandwidth": "3.6 GB/s", "memory": "512 MB", "layer-overhead": "5 us",
         "efficiency": {"convolution": 0.3, "depthwise-convolution": 0.2, "dense": 0.4, "memory": 0.5},
         "power": {"idle": "1 W", "busy": "4 W"}, "frequencies": {"1 GHz": {"peak": 1, "busy": "4 W"}, "slow": {"peak": "40 %", "busy": "2 W"}}}
TITLES = ["null", "~", "yes", "1e3", "a: b", "- c", "'quoted' \"twice\"", "two\nlines", " # no comment", "{x}", "名前", ""]
DIGITS = "models/data/digits"
FIGURES = {"peak", "memory-bandwidth", "memory", "layer-overhead", "efficiency", "is", "power"}


def device(draw):
    """Returns the keys that choose a device."""
    name = draw.choice(list(CLOCKS))
    return draw.choice([
        {"is": "raspberry-pi-4b"}, {"is": "coral-usb"}, {"is": name}, {"is": name, "frequency": draw.choice(CLOCKS[name])},
        {"is": name, "memory": "2 GB", "power": {"busy": "7 W"}, "launch": "3 us"}, {"is": "my board"},
        {"is": "my board", "frequency": "slow"}, BOARD, {"profile": "data/profile.csv"}, {"fitted": "data/fitted.yaml"}])


def link(draw, is_first):
    made = draw.choice([{"is": "wifi"}, {"is": "lte"}, {"is": "lte", "radio": {"base": "1 W", "tail": {"time": "2 s"}}},
                        {"is": "satellite"}, {"is": "satellite", "up": "3 Mbps"},
                        {"up": "1 Mbit/s", "down": "2 Mbit/s", "latency": "7 ms", "price": 2}])
    if not is_first:
        made.pop("radio", None)  # Only devices have radios.
    return made


def vary_system(draw, made):
    """Lets tiers and hops name devices and links in other ways."""
    for name, tier in made["tiers"].items():
        if draw.chance(0.6):
            kept = {key: value for key, value in tier.items() if key not in FIGURES | {"profile"}}
            made["tiers"][name] = device(draw) | kept
            if {"profile", "fitted"} & made["tiers"][name].keys():
                made["scheduling"].get(name, {}).pop("batch", None)  # Measured times are those of single requests.
        if draw.chance(0.3):
            made["tiers"][name]["price"] = draw.choice([0, 0.5])
    for number, (name, hop) in enumerate(made["network"].items()):
        if draw.chance(0.6):
            made["network"][name] = link(draw, number == 0) | {key: hop[key] for key in ("shared", "site") if key in hop}
    made["devices"] = draw.choice(["data/devices.yaml", {"my board": BOARD}])
    made["networks"] = draw.choice(["data/networks.yaml", {"satellite": {"up": "2 Mbit/s", "down": "20 Mbit/s", "latency": "300 ms"}}])


def vary_model(draw, made):
    """Replaces the model by the digits with real math, or by a layer table."""
    kind = draw.choice(["as it is", "digits", "digits", "table"])
    if kind == "digits":
        made["model"] = {"onnx": f"{DIGITS}/digits_cnn.onnx", "math": "sampled", "samples": 3, "engine": draw.choice(["fast", "reference"]),
                         "input": {"images": f"{DIGITS}/test-images.idx3-ubyte.zst", "labels": f"{DIGITS}/test-labels.idx1-ubyte.zst"}}
        for tier in made["tiers"].values():
            tier.pop("model-memory", None)  # Too small for this model.
            tier.pop("model-load", None)
            if {"profile", "fitted"} & tier.keys():  # The time of codecs follows from a device's figures.
                tier.pop("profile", None)
                tier.pop("fitted", None)
                tier["is"] = "jetson-nano"
        made["plan"]["codec"] = draw.choice(["fp32", "int8", "fp16+zstd", {"relu4": "int4"}])
        if made["plan"]["algorithm"] == "multi-tier":  # It can't count the time of codecs on more than two tiers.
            made["plan"]["algorithm"] = "neurosurgeon"
    elif kind == "table":
        made["model"] = {"layers": "data/layers.csv"}
        for number, (name, tier) in enumerate(made["tiers"].items()):
            kept = {key: value for key, value in tier.items() if key not in FIGURES | {"profile", "fitted", "frequency", "frequencies", "launch"}}
            made["tiers"][name] = {"is": "column:server" if number else "column:phone"} | kept
            made["scheduling"].get(name, {}).pop("batch", None)


def vary_workload(draw, made):
    classes = made["workload"].get("classes", {"": made["workload"]})
    for name, requests in classes.items():
        if draw.chance(0.3):
            for key in ("rate", "period", "spread", "jitter", "cv", "shape", "calm-rate", "burst-rate", "calm", "burst", "amplitude", "think", "per"):
                requests.pop(key, None)
            requests.update({"arrivals": "trace", "file": "data/arrivals.csv"} if draw.chance(0.5) else
                            {"arrivals": "trace", "file": "../trace.csv", "origin": draw.choice(["first", "0.5 s"])})
        elif draw.chance(0.2):
            for key in list(requests):
                if key not in ("model", "deadline", "priority", "on-failure", "when-rejected", "timeout"):
                    del requests[key]
            requests.update({"arrivals": "periodic", "rate": draw.rate(0.5, 5)})


def vary_plan(draw, made):
    tiers = list(made["tiers"])
    plan = made["plan"]
    if draw.chance(0.4):
        plan["algorithm"] = draw.choice(["edge-only", "cloud-only"])
        if draw.chance(0.5):
            plan["tier"] = draw.choice(tiers)
    if draw.chance(0.4):
        del plan["compare"]
    if draw.chance(0.3):
        plan["objective"] = draw.choice(["latency", "throughput", {"latency": 1, "money": 3}])
    if draw.chance(0.3):
        plan["limits"] = draw.choice([{"memory": {tiers[-1]: "4 GB"}}, {"deadline": "900 s"},
                                      {"pin-first": 1} if plan["algorithm"] in ("neurosurgeon", "greedy", "device-only") else {}])


def scenario(seed):
    """Draws the sections of a scenario that names files in data/, beside it and in offcut's own data."""
    draw = chaos_test.Draw(seed)
    made = chaos_test.scenario(seed)
    made["stop"] = {"requests": draw.randint(1, 60)}
    vary_system(draw, made)
    if "model" in made:
        vary_model(draw, made)
        chaos_test.keep_to_the_end(made)  # The model may have no exits.
    vary_workload(draw, made)
    vary_plan(draw, made)
    if draw.chance(0.5):
        made["name"] = draw.choice(TITLES)
    if draw.chance(0.3):
        made["failures"] = {"device": {"trace": "data/outages.csv"}}
    return made


def write_files(folder, sections):
    """Writes the scenario into a folder that is not that of its data, nor of its results."""
    data = folder / "in" / "data"
    data.mkdir(parents=True)
    (folder / "in" / "a case, 2.yaml").write_text(chaos_test.yaml(sections), encoding="utf-8")
    (folder / "trace.csv").write_text("tokens,arrival_s\n7,0.5\n8,0.75\n9,2\n", encoding="utf-8")
    (data / "arrivals.csv").write_text("time_s,note\n" + "".join(f"{1764288000.25 + i / 4},x\n" for i in range(9)), encoding="utf-8")
    (data / "outages.csv").write_text("time_s,which,state\n0.25,0,down\n0.5,0,up\n", encoding="utf-8")
    (data / "layers.csv").write_text(TABLE, encoding="utf-8")
    (data / "devices.yaml").write_text(json.dumps({"my board": BOARD}), encoding="utf-8")
    (data / "networks.yaml").write_text('{"satellite": {"up": "1 Mbit/s", "down": "9 Mbit/s", "latency": "250 ms"}}', encoding="utf-8")
    for name in ("profile.csv", "fitted.yaml"):
        shutil.copy(Resolved.measured / name, data / name)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def check(seed, temporary, case):
    """Runs the scenario of a seed, and its resolved.yaml from elsewhere. Returns the errors of a refusal, empty if it ran."""
    folder = pathlib.Path(temporary, str(seed))
    elsewhere = folder / "else" / "where"
    elsewhere.mkdir(parents=True)
    write_files(folder, scenario(seed))
    run = offcut("run", "in/a case, 2.yaml", "--out", "out/first", cwd=folder)
    if run.returncode == 2:
        return f"{seed}: {run.stderr}"
    case.assertEqual(run.returncode, 0, run.stderr)
    first = contents(folder / "out/first")
    text = first["resolved.yaml"].decode()
    for path in (str(folder), str(SOURCE.resolve())):
        case.assertNotIn(path, text)
    again = offcut("run", "../../out/first/resolved.yaml", "--out", "../../out/again", cwd=elsewhere)
    case.assertEqual((again.returncode, again.stderr), (0, run.stderr))
    case.assertEqual(contents(folder / "out/again"), first)
    (folder / "out/first").rename(folder / "out/moved")
    moved = offcut("run", "out/moved/resolved.yaml", "--out", "results/third", cwd=folder)
    case.assertEqual((moved.returncode, moved.stderr), (0, run.stderr))
    case.assertEqual(contents(folder / "results/third"), first)
    return ""


class Resolved(unittest.TestCase):
    seeds = range(COUNT)
    measured = None  # The folder of a made-up profile of all models, and of a device that is fitted to two.

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="offcut-measured-")
        cls.addClassCleanup(temporary.cleanup)
        cls.measured = pathlib.Path(temporary.name)
        (cls.measured / "two.csv").write_text(TWO_PROFILES, encoding="utf-8")
        cls.call("fit", cls.measured / "two.csv", "--out", cls.measured / "fitted.yaml")
        profile = ["model,layer,operator,median_s,macs,activation_bytes"]
        for model in ("lenet5", "mlp-s1", "mlp-s3", "digits_cnn"):
            work = cls.measured / f"{model}.csv"
            cls.call("inspect", f"{DIGITS}/{model}.onnx" if model == "digits_cnn" else f"zoo:{model}", "--out", work)
            profile += [f"{model},{row['layer']},{row['operator']},{1e-5 + 1e-10 * float(row['macs'])},{row['macs']},{row['activation_bytes']}"
                        for row in chaos_test.rows(work)]
        (cls.measured / "profile.csv").write_text("\n".join(profile) + "\n", encoding="utf-8")

    @classmethod
    def call(cls, *arguments):
        run = offcut(*arguments)
        if run.returncode != 0:
            raise AssertionError(run.stderr)

    def test_random_scenarios(self):
        refused = []
        with tempfile.TemporaryDirectory(prefix="offcut-resolved-") as temporary, \
                concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = {seed: pool.submit(check, seed, temporary, self) for seed in self.seeds}
            for seed, result in results.items():
                with self.subTest(seed=seed):
                    if message := result.result():
                        refused.append(message)
        self.assertLessEqual(len(refused), max(1, REFUSED_AT_MOST * len(self.seeds)), "".join(refused))


class Named(InFolder):
    def test_the_scenario_keeps_its_name(self):
        self.succeed("run", "small.yaml")
        first = contents(self.folder / "results/small")
        self.assertIn("\nscenario: small\n", first["resolved.yaml"].decode())
        self.assertIn("\n  layers: ../../layers.csv\n", first["resolved.yaml"].decode())
        shutil.copytree(self.folder / "results/small", self.folder / "kept/small")
        self.succeed("run", "kept/small/resolved.yaml")
        self.assertEqual(contents(self.folder / "results/small"), first)
        for name in ("''", "..", "a/b", "x" * 201):
            self.assertIn("scenario: ", self.refuse("run", "small.yaml", "--set", f"scenario={name}"))

    def test_a_clock_of_the_catalogue(self):
        scenario_ = ("offcut: 1\nstop: {requests: 9}\nmodel: {zoo: lenet5}\ntiers: {device: {is: jetson-nano, frequency: 640 MHz}}\n"
                     "plan: {algorithm: device-only, compare: none}\nworkload: {arrivals: periodic, rate: 1 /s}\n")
        (self.folder / "clock.yaml").write_text(scenario_, encoding="utf-8")
        self.succeed("run", "clock.yaml", "--out", "a")
        self.succeed("run", "a/resolved.yaml", "--out", "b")
        self.assertEqual(contents(self.folder / "a"), contents(self.folder / "b"))
        self.assertIn("640 MHz:", (self.folder / "a/resolved.yaml").read_text(encoding="utf-8"))

    def test_results_behind_a_symbolic_link(self):
        (self.folder / "deep/er").mkdir(parents=True)
        (self.folder / "link").symlink_to("deep/er")
        self.succeed("run", "small.yaml", "--out", "link/out")
        self.succeed("run", "link/out/resolved.yaml", "--out", "deep/er/again")
        self.assertEqual(contents(self.folder / "deep/er/out"), contents(self.folder / "deep/er/again"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, help="run so many scenarios")
    parser.add_argument("--from", type=int, default=0, dest="start", help="the first seed of --count (default: 0)")
    parser.add_argument("--seed", type=int, help="run only this one")
    options = parser.parse_args()
    if options.count is not None:
        Resolved.seeds = range(options.start, options.start + options.count)
    if options.seed is not None:
        Resolved.seeds = [options.seed]
        print(chaos_test.yaml(scenario(options.seed)))
    unittest.main(argv=sys.argv[:1])
