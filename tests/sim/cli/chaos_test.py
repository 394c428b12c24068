#!/usr/bin/python3
"""Chaos: scenarios drawn from a seed that mix every feature, with failures every few seconds and tiny buffers. Each runs without
a crash or a hang, loses no request, adds up, and gives the same bytes when its resolved.yaml is run. OFFCUT_ALL_SYSTEMS=1 runs four times as many.

    OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/sim/cli/chaos_test.py --count 1000
    OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/sim/cli/chaos_test.py --seed 7      # prints the scenario
"""
import argparse
import collections
import concurrent.futures
import csv
import json
import math
import os
import pathlib
import random
import re
import sys
import tempfile
import unittest

from program import SOURCE, offcut
from recomputation import tables
from recomputation.system import System

COUNT = 60 if "OFFCUT_ALL_SYSTEMS" in os.environ else 15
REFUSED_AT_MOST = 0.05  # If most scenarios were refused, the test would show nothing.
REFUSAL = re.compile(r"[^\n:]+:[1-9]\d*:[1-9]\d*: error: \S")
PARTS = ("device_wait_s", "device_compute_s", "upload_wait_s", "upload_s", "server_wait_s", "server_compute_s",
         "download_s", "lost_s", "team_s")


class Draw(random.Random):
    """Draws the parts of scenarios."""

    def chance(self, probability):
        return self.random() < probability

    def seconds(self, least, most):
        return f"{math.exp(self.uniform(math.log(least), math.log(most))):.4g} s"

    def rate(self, least, most):
        return f"{self.uniform(least, most):.4g} /s"

    def mbits(self, least, most):
        return f"{self.uniform(least, most):.4g} Mbit/s"


def device(draw, overhead):
    """Returns a device so slow that a few requests a second keep it busy. Its memory holds any plan."""
    return {"peak": "5 GFLOP/s", "memory-bandwidth": "2 GB/s", "memory": "1 GB", "layer-overhead": draw.seconds(*overhead),
            "efficiency": {"convolution": 0.3, "depthwise-convolution": 0.1, "dense": 0.4, "memory": 0.5}}


def noise(draw):
    return draw.choice([{"kind": "none"}, {"kind": "lognormal", "cv": draw.uniform(0, 2)}, {"kind": "exponential"}])


def tier(draw, is_first, devices):
    sites = 1 if is_first else draw.choice([1, 1, draw.randint(1, devices)])
    made = device(draw, (1e-3, 5e-3) if is_first else (1e-4, 5e-3))
    made["count"] = devices if is_first else sites * draw.randint(1, 3)
    made["cores"] = draw.randint(1, 3)
    if not is_first:
        made["sites"] = sites
    if draw.chance(0.5):
        made["noise"] = noise(draw)
    if draw.chance(0.3):  # Room for one of the models, or both.
        made["model-memory"] = draw.choice(["420 kB", "1 MB"])
        made["model-load"] = draw.choice(["1 MB/s", "100 MB/s"])
    return made


def tiers(draw):
    devices = draw.choice([1, 2, draw.randint(3, 12), 40])
    names = ["device", "edge", "fog", "cloud"]
    chosen = ["device"] + sorted(draw.sample(names[1:], draw.randint(1, 3)), key=names.index)
    return {name: tier(draw, name == "device", devices) for name in chosen}


def hop(draw, is_first):
    made = {"up": draw.mbits(0.1, 3), "down": draw.mbits(0.1, 3), "latency": draw.choice(["0 s", draw.seconds(1e-4, 5e-2)])}
    if is_first and draw.chance(0.3):
        made["shared"] = True
    elif is_first and draw.chance(0.4):
        made["site"] = {"devices": draw.randint(1, 20), "up": draw.mbits(0.1, 6), "down": draw.mbits(0.1, 6)}
    return made


def fit_uplink(first_hop, stands):
    """Makes the uplink valid: devices that share one are served by one site of each tier."""
    devices = stands["device"]["count"]
    for made in list(stands.values())[1:]:
        per_site = -(-devices // made["sites"])
        if "site" in first_hop and per_site < devices:
            first_hop["site"]["devices"] = math.gcd(first_hop["site"]["devices"], per_site)


def batch(draw):
    most = draw.randint(1, 6)
    timeout = {"policy": "timeout", "max": most, "delay": draw.choice(["0 s", draw.seconds(1e-4, 1)])}
    if draw.chance(0.4):
        timeout["preferred"] = sorted(draw.sample(range(1, most + 1), draw.randint(1, most)))
    return draw.choice([timeout, {"policy": "fixed", "size": most},
                        {"policy": "adaptive", "objective": draw.seconds(1e-3, 1), "step": draw.randint(1, 2), "max": most}])


def dispatch(draw):
    rho, load = draw.choice([0, 0.5, 0.9]), draw.choice([0.5, 1, 3])
    return draw.choice(["round-robin", "random", "shortest-queue", "least-work",
                        {"policy": "two-choices", "choices": draw.randint(1, 4)}, {"policy": "by-load", "lambda": load},
                        {"policy": "by-resources", "rho": rho}, {"policy": "hybrid", "rho": rho, "lambda": load}])


def admission(draw):
    return draw.choice(["all", "deadline", {"policy": "bounded-queue", "capacity": draw.choice([0, 1, 5])},
                        {"policy": "token-bucket", "rate": draw.rate(0.5, 20), "burst": draw.randint(1, 5)}])


def policies(draw, is_first, stands):
    made = {"queue": draw.choice(["fifo", "lifo", "sjf", "edf", "priority", "fair", "processor-sharing"])}
    if "model-memory" in stands and made["queue"] == "processor-sharing":
        made["queue"] = "fifo"
    shares = made["queue"] == "processor-sharing"
    if not is_first and (draw.chance(0.5) or shares and stands["count"] > stands["sites"]):
        made["dispatch"] = dispatch(draw)
    if not shares and draw.chance(0.4):
        made["batch"] = batch(draw)
    if draw.chance(0.4):
        made["admission"] = admission(draw)
    return made


def arrivals(draw):
    gap = draw.seconds(0.05, 1)
    return draw.choice([
        {"arrivals": "poisson", "rate": draw.rate(0.5, 8)},
        {"arrivals": "periodic", "period": gap, "spread": draw.choice([0, 0.5, 1]), "jitter": draw.choice([0, 0.3, 1])},
        {"arrivals": "gamma", "rate": draw.rate(0.5, 8), "cv": draw.uniform(0.1, 4)},
        {"arrivals": "weibull", "rate": draw.rate(0.5, 8), "shape": draw.uniform(0.4, 3)},
        {"arrivals": "mmpp", "calm-rate": draw.rate(0, 2), "burst-rate": draw.rate(5, 20), "calm": draw.seconds(0.5, 5),
         "burst": draw.seconds(0.1, 1)},
        {"arrivals": "diurnal", "rate": draw.rate(0.5, 8), "amplitude": draw.random(), "period": draw.seconds(1, 20)},
        {"arrivals": "closed-loop", "think": draw.choice(["0 s", gap])},
    ])


def requests(draw, models):
    made = arrivals(draw)
    if made["arrivals"] != "closed-loop" and draw.chance(0.3):
        made["per"] = "all"
    if models > 1:
        made["model"] = draw.choice(["one", "two"])
    if draw.chance(0.6):
        made["deadline"] = draw.choice(["0 s", draw.seconds(1e-3, 2)])
    if draw.chance(0.5):
        made["priority"] = draw.randint(-2, 2)
    if draw.chance(0.7):
        made["on-failure"] = {"retries": draw.choice([0, 1, 4]), "backoff": draw.choice(["0 s", draw.seconds(1e-3, 0.5)]),
                              "factor": draw.uniform(1, 3), "then": draw.choice(["wait", "local", "drop", "other-site", "cloud"])}
    if draw.chance(0.5):
        made["when-rejected"] = draw.choice(["drop", "local"])
    if draw.chance(0.4):
        made["timeout"] = draw.seconds(0.02, 3)
        if draw.chance(0.6):
            made["timeout"] = {"after": made["timeout"], "while": draw.choice(["unanswered", "unstarted", "waiting"])}
    return made


def faults(draw, unit, count):
    made = {}
    if draw.chance(0.6):
        made |= {"up": draw.seconds(0.5, 10)}
        made |= {"repair": "never"} if draw.chance(0.1) else {"down": draw.seconds(0.01, 2)}
    if draw.chance(0.5):
        starts = [draw.uniform(0, 10) for _ in range(draw.randint(1, 3))]  # They may overlap.
        made["outages"] = [{unit: draw.randrange(count), "from": f"{start:.4g} s", "until": f"{start + draw.uniform(0.01, 4):.4g} s"}
                           for start in starts]
        if draw.chance(0.1):
            del made["outages"][-1]["until"]  # It is for good.
    return made


def workload(draw, models, stop):
    classes = {f"class-{i}": requests(draw, models) for i in range(draw.randint(models, 4))}
    for made in classes.values():
        if "after" in stop and made.get("think") == "0 s":  # Dropped at once, they would be repeated forever.
            made |= {"on-failure": {"then": "wait"}, "when-rejected": "local"}
    if models == 1 and len(classes) == 1:
        return next(iter(classes.values()))
    if models > 1:  # A model without requests is an error.
        classes["class-0"]["model"], classes["class-1"]["model"] = "one", "two"
    return {"classes": classes}


def machines(tier_):
    """Returns the largest number of machines that a tier may have."""
    return tier_["autoscale"]["max"] * tier_["sites"] if "autoscale" in tier_ else tier_["count"]


def scale(draw, stands, scheduling):
    """Gives some later tiers an autoscaler. Drawn apart from the rest, so that seeds keep their other sections."""
    for name, made in list(stands.items())[1:]:
        policies_ = scheduling.get(name, {})
        own_queue = policies_.get("queue") == "processor-sharing" and "dispatch" not in policies_
        if not draw.chance(0.3):
            continue
        per_site = made["count"] // made["sites"]
        made["autoscale"] = {"min": draw.randint(1, per_site), "max": per_site + (0 if own_queue else draw.randint(0, 2)),
                             "start-up": draw.choice(["0 s", draw.seconds(0.01, 2)]), "interval": draw.seconds(0.05, 2),
                             "scale-down-after": draw.choice(["0 s", draw.seconds(0.1, 5)])}
        made["autoscale"] |= draw.choice([{"policy": "utilisation", "target": draw.uniform(0.2, 1)},
                                          {"policy": "queue", "target": draw.uniform(0.2, 5), "tolerance": draw.choice([0, 0.3])}])


def cool(draw, stands, scheduling):
    """Gives machines of some tiers cold starts."""
    for name, made in stands.items():
        if draw.chance(0.25) and scheduling.get(name, {}).get("queue") != "processor-sharing":
            made["cold-start"] = {"time": draw.seconds(0.01, 1), "idle-after": draw.choice(["0 s", draw.seconds(0.05, 5)]),
                                  "keep": draw.randint(0, 1)}


def carry(draw, hops):
    """Gives some hops headers, times per message, and TCP."""
    for made in hops.values():
        if draw.chance(0.4):
            made["payload"] = draw.uniform(0.5, 1)
            made["per-message"] = draw.choice(["0 s", draw.seconds(1e-4, 1e-2)])
        if draw.chance(0.5):
            made["latency"] = draw.seconds(5e-3, 0.2)
            made["transport"] = {"tcp": {"initial-window": draw.randint(1, 4), "idle-restart": draw.chance(0.5),
                                         "handshake": draw.choice(["never", "per-request"])}}


def move_rates(draw, hops):
    """Lets the bandwidths of some hops and uplinks move, and delays and loses some of their messages."""
    for made in hops.values():
        places = [made] + ([made["site"]] if "site" in made else [])
        for place in places:
            if draw.chance(0.4):
                place["rates"] = draw.choice([
                    {"kind": "markov", "preset": draw.choice(["lte", "3g", "5g", "wifi"])},
                    {"kind": "markov", "preset": "own", "levels": [0, draw.uniform(1, 9)], "stays": ["0.2 s", draw.seconds(0.1, 3)]},
                    {"kind": "lognormal", "cv": draw.uniform(0.1, 2), "correlation": draw.seconds(0.1, 9), "step": draw.seconds(0.05, 2)},
                    {"kind": "diurnal", "amplitude": draw.uniform(0.1, 1), "period": draw.seconds(0.5, 20)},
                    {"kind": "steps", "at": ["0.3 s", "1 s"], "up": ["0 B/s", "1 Mbit/s"], "down": ["2 Mbit/s", "0 B/s"], "period": "2 s"}])
        if draw.chance(0.3):
            made["jitter"] = {"mean": draw.seconds(1e-3, 0.1), "kind": draw.choice(["exponential", "lognormal", "gamma", "uniform"])}
        if draw.chance(0.3):
            made["loss"] = {"probability": draw.uniform(0, 0.3), "time-out": draw.seconds(0.01, 0.3)}


def power(draw, sections):
    """Gives some scenarios power draws, a radio, a battery, and samples of the run."""
    stands, first_hop = sections["tiers"], next(iter(sections["network"].values()))
    if not draw.chance(0.6):
        return
    for made in stands.values():
        made["power"] = {"idle": f"{draw.uniform(0, 2):.4g} W", "busy": f"{draw.uniform(2, 9):.4g} W"}
        if draw.chance(0.3):
            made["price"] = draw.uniform(0, 3)
    phase = {"time": draw.choice(["0 s", draw.seconds(1e-3, 0.5)]), "power": "1 W"}
    first_hop["radio"] = {"per-mbit-up": "300 mW", "per-mbit-down": "100 mW", "base": f"{draw.uniform(0, 1):.4g} W",
                          "promotion": phase, "tail": [{"time": draw.seconds(1e-3, 2), "power": "700 mW"}] * draw.randint(0, 2)}
    if draw.chance(0.4):
        stands["device"]["battery"] = {"capacity": f"{draw.uniform(2, 200):.4g} J", "charge": draw.uniform(0.2, 1)}
        if draw.chance(0.5):
            stands["device"]["battery"]["low-power"] = {"below": draw.uniform(0.1, 0.9), "speed": draw.uniform(0.2, 1),
                                                        "power": draw.uniform(0.2, 1)}
    if draw.chance(0.4):
        sections.setdefault("output", {})["series"] = {"interval": draw.seconds(0.2, 5)}


def route(draw, sections):
    """Lets some tiers take messages whole, and gives some scenarios a direct hop."""
    names = list(sections["tiers"])
    for name in names[1:-1]:
        if draw.chance(0.4):
            sections["tiers"][name]["forwarding"] = draw.choice(["packets", "messages"])
    first = 1 if "battery" in sections["tiers"]["device"] else 0  # A battery knows only the first hop.
    if len(names) > first + 2 and draw.chance(0.3):
        start = draw.randint(first, len(names) - 3)
        end = draw.randint(start + 2, len(names) - 1)
        sections["network"][f"{names[start]}-{names[end]}"] = hop(draw, False)


def measure(draw, sections):
    """Gives some tiers noise drawn from a file, and a scaled profile of the layers' times."""
    for name, made in sections["tiers"].items():
        if draw.chance(0.2):
            made["noise"] = {"kind": "empirical", "file": str(SOURCE / "scenarios/catalogue/measured.csv"), "column": "latency_ms"}
        if sections.get("model") == {"zoo": "mlp-s1"} and "batch" not in sections["scheduling"].get(name, {}) and draw.chance(0.4):
            for key in device(draw, (1, 1)):
                del made[key]
            made["profile"] = {"file": str(SOURCE / "scenarios/invalid/mlp-s1-profile.csv"), "scale": draw.uniform(1, 1000)}


def can_move(made):
    """Returns the number of sites between which devices can move; 0 or 1: they can't."""
    stands, first = made["tiers"], next(iter(made["network"].values()))
    names, devices = list(stands), stands["device"]["count"]
    later = list(stands.values())[1:]
    if "own-links" in made.get("engine", {}) or len(made["network"]) >= len(names):
        return 0
    most = max(later, key=lambda made: made["sites"])
    at_one = first["site"]["devices"] if "site" in first else -(-devices // most["sites"])
    if any(made["sites"] > 1 and -(-devices // made["sites"]) % at_one for made in later):
        return 0
    return -(-devices // at_one) if "site" in first else most["sites"]


def move(draw, made):
    """Lets devices move between sites, or share Wi-Fi cells."""
    first, names = next(iter(made["network"].values())), list(made["tiers"])
    is_plain = not {"shared", "site", "rates"} & set(first) and "engine" not in made
    if is_plain and draw.chance(0.3) and all(made["tiers"][name].get("forwarding") == "messages" for name in names[1:-1]):
        first["cell"] = {"overhead": draw.seconds(1e-5, 1e-3), "directions": draw.choice(["shared", "separate"])}
        if draw.chance(0.5):
            first["cell"]["stations"] = [draw.mbits(0.1, 3) for _ in range(draw.randint(1, 4))]
    sites = can_move(made)
    if sites < 2 or draw.chance(0.4):
        return
    made["mobility"] = {"interruption": draw.choice(["0 s", draw.seconds(1e-3, 1)]), "state": draw.choice(["0 B", "20 kB"]),
                        "under-way": draw.choice(["follow", "finish", "drop"]), "models": draw.choice(["there", "pulled"])}
    if draw.chance(0.7):
        made["mobility"]["backbone"] = {"bandwidth": draw.mbits(0.1, 10), "latency": draw.seconds(1e-3, 1e-1)}
    if draw.chance(0.5):
        times = sorted(draw.uniform(0, 30) for _ in range(draw.randint(1, 60)))
        made["mobility"] |= {"kind": "schedule", "moves": [
            {"at": f"{time} s", "device": draw.randrange(made["tiers"]["device"]["count"]), "to": draw.randrange(sites)} for time in times]}
    else:
        made["mobility"] |= {"kind": "waypoint", "x": [f"{draw.uniform(0, 100)} m" for _ in range(sites)],
                             "y": [f"{draw.uniform(0, 100)} m" for _ in range(sites)], "speed": ["1 m/s", "40 m/s"],
                             "pause": ["0 s", draw.seconds(0.1, 5)], "hysteresis": draw.choice(["0 m", "5 m"])}


def update(draw, sections):
    """Gives some scenarios pushes of new weights, and data for training."""
    if "mobility" in sections or not draw.chance(0.35):
        return
    own = sections.get("engine", {}).get("own-links", True)
    first = next(iter(sections["network"].values()))
    has_uplinks = "site" in first
    can_pause = own and "cell" not in first and not (has_uplinks and ("rates" in first or "rates" in first["site"]))
    made = {"weights": {"priority": draw.choice(["share", "background"]) if can_pause and not has_uplinks else "share"}}
    if draw.chance(0.5):
        made["weights"] |= {"every": draw.seconds(0.1, 5)}
    else:
        made["weights"] |= {"pushes": [{"at": f"{time:.4g} s"} for time in sorted(draw.uniform(0, 5) for _ in range(3))]}
    if draw.chance(0.7):
        made["weights"]["size"] = f"{draw.randint(1, 40000)} B"
    if can_pause and draw.chance(0.6):
        made["data"] = {"size": f"{draw.randint(1, 40000)} B", "every": draw.seconds(0.2, 5)}
    sections["updates"] = made


def keep_to_the_end(sections):
    """Lets no request leave at an exit."""
    sections["plan"].pop("exits", None)
    for made in sections["workload"].get("classes", {"all": sections["workload"]}).values():
        made.pop("exits", None)


def leave(draw, sections):
    """Lets some requests leave at an exit."""
    if "model" not in sections or not draw.chance(0.35):
        return
    sections["model"] = {"zoo": "branchy-lenet5"}
    for made in sections["tiers"].values():
        if "profile" in made:
            del made["profile"]
            made.update(device(draw, (1e-3, 5e-3)))
    leaves = draw.choice([0, 1, draw.random()])
    sections["plan"] |= {"exits": {"exit1_prob": {"leaves": leaves}}}
    for made in sections["workload"].get("classes", {"all": sections["workload"]}).values():
        if made.get("on-failure", {}).get("then") == "cloud":
            made["on-failure"]["then"] = "other-site"
        if draw.chance(0.3):
            made["exits"] = {"exit1_prob": {"leaves": draw.random()}}


def scenario(seed):
    """Draws the sections of a scenario."""
    draw = Draw(seed)
    stands = tiers(draw)
    names = list(stands)
    hops = {f"{a}-{b}": hop(draw, i == 0) for i, (a, b) in enumerate(zip(names, names[1:]))}
    fit_uplink(next(iter(hops.values())), stands)
    models = draw.randint(1, 2)
    made = {"offcut": 1, "name": f"chaos {seed}", "seed": draw.randint(0, 99),
            "stop": draw.choice([{"requests": draw.choice([1, draw.randint(2, 400)])}, {"after": draw.seconds(0.01, 10)}])}
    if models > 1:
        made["models"] = {"one": {"zoo": "lenet5"}, "two": {"zoo": "mlp-s3"}}
    else:
        made["model"] = {"zoo": draw.choice(["lenet5", "mlp-s1"])}
    made |= {"tiers": stands, "network": hops, "workload": workload(draw, models, made["stop"]),
             "plan": {"algorithm": draw.choice(["multi-tier", "device-only", "random", "random", "neurosurgeon", "greedy"]),
                      "compare": draw.choice([["none"], ["device-only"], ["random"]])},
             "scheduling": {name: policies(draw, name == "device", stands[name]) for name in names if draw.chance(0.8)}}
    links = {name: 1 if i > 0 or "shared" in hops[name] else stands["device"]["count"] for i, name in enumerate(hops)}
    units = [(name, "machine", tier_["count"]) for name, tier_ in stands.items()] + [(name, "link", n) for name, n in links.items()]
    made["failures"] = {name: faults(draw, unit, count) for name, unit, count in units if draw.chance(0.5)}
    if draw.chance(0.3):
        made["engine"] = {"own-links": False}
    if draw.chance(0.3):
        made["output"] = {"requests": "all"}
    scale(Draw(f"{seed}: autoscaling"), stands, made["scheduling"])
    cool(Draw(f"{seed}: cold starts"), stands, made["scheduling"])
    carry(Draw(f"{seed}: transport"), hops)
    move_rates(Draw(f"{seed}: moving rates"), hops)
    power(Draw(f"{seed}: energy"), made)
    measure(Draw(f"{seed}: measurements"), made)
    route(Draw(f"{seed}: routes"), made)
    move(Draw(f"{seed}: mobility"), made)
    update(Draw(f"{seed}: updates"), made)
    leave(Draw(f"{seed}: exits"), made)
    return made


def yaml(sections):
    """Formats the sections. A value in JSON is one in YAML."""
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in sections.items())


def rows(file):
    with open(file, encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def run_once(folder, text, case):
    """Runs a scenario in a folder of its own. Returns the files that it wrote, or the errors of the refusal."""
    folder.mkdir()
    (folder / "chaos.yaml").write_text(text, encoding="utf-8")
    run = offcut("run", "chaos.yaml", "--out", "out", "--decisions", "decisions.csv", cwd=folder)
    if run.returncode == 2:
        for line in run.stderr.splitlines():
            case.assertRegex(line, REFUSAL)
        case.assertEqual([path.name for path in folder.iterdir()], ["chaos.yaml"])
        return run.stderr
    case.assertEqual((run.returncode, run.stderr), (0, ""))
    return {path.name: path.read_bytes() for path in [*(folder / "out").iterdir(), folder / "decisions.csv"]}


def close(a, b):
    return math.isclose(float(a), b, rel_tol=1e-9, abs_tol=1e-9)


def check_counts(sections, summary, classes, requests_, case):
    outcomes = collections.Counter(row["outcome"].split(":")[0] for row in requests_)
    for outcome in ("completed", "dropped", "in flight"):
        column = "requests_" + outcome.replace(" ", "_")
        case.assertEqual(int(summary[column]), outcomes[outcome], column)
    case.assertEqual(sorted(int(row["request"]) for row in requests_), list(range(int(summary["requests_arrived"]))))
    for column in summary:
        if column in ("failures",) or column.startswith("requests_"):
            case.assertEqual(int(summary[column]), sum(int(row[column]) for row in classes), column)
    case.assertEqual(int(summary["failures"]), sum(int(row["failures"]) for row in requests_))
    case.assertEqual(int(summary["requests_fell_back"]), sum(row["fell_back"] == "1" for row in requests_))
    drops = collections.Counter(row["outcome"].split(": ")[1] for row in requests_ if row["outcome"].startswith("dropped"))
    case.assertEqual(dict(part.rsplit(": ", 1) for part in summary["drops"].split("; ") if part),
                     {reason: str(count) for reason, count in drops.items()})
    if "requests" in sections["stop"]:
        case.assertLessEqual(int(summary["requests_arrived"]), sections["stop"]["requests"])
        case.assertEqual(outcomes["in flight"], 0)


def check_times(sections, summary, requests_, case):
    done = [row for row in requests_ if row["outcome"] == "completed"]
    for row in done:
        parts = [float(row[part]) for part in PARTS] + [float(row.get("handover_s", 0))]
        case.assertGreaterEqual(min(parts), -1e-9, row)
        case.assertTrue(close(row["latency_s"], sum(parts)), row)
        case.assertTrue(close(row["latency_s"], float(row["completion_s"]) - float(row["arrival_s"])), row)
        case.assertLessEqual(float(row["completion_s"]), float(summary["duration_s"]), row)
    if done:
        latencies = [float(row["latency_s"]) for row in done]
        case.assertTrue(close(summary["latency_mean_s"], math.fsum(latencies) / len(done)))
        case.assertTrue(close(summary["latency_max_s"], max(latencies)))
    check_parts(sections, done, case)
    check_time_outs(sections, requests_, case)
    deadlines = {name: float(class_.get("deadline", "inf s").split()[0]) for name, class_ in
                 sections["workload"].get("classes", {"all": sections["workload"]}).items()}
    late = sum(float(row["latency_s"]) > deadlines[row["class"]] for row in done)
    case.assertEqual(late, int(summary["requests_late"]))
    check_fairness(summary, requests_, deadlines, case)
    duration = float(summary["duration_s"])
    if duration > 0:
        case.assertTrue(close(summary["goodput_per_s"], (len(done) - late) / duration))


def check_parts(sections, done, case):
    """Checks that the columns of tiers and hops add up to those of the whole request."""
    later, hops = list(sections["tiers"])[1:], list(sections["network"])
    for row in done:
        sums = {"server_wait_s": [f"{name}.wait_s" for name in later], "server_compute_s": [f"{name}.compute_s" for name in later],
                "upload_s": [f"{name}.up_s" for name in hops], "download_s": [f"{name}.down_s" for name in hops]}
        for total, parts in sums.items():
            case.assertTrue(close(row[total], sum(float(row[part]) for part in parts)), (total, row))
        for name in later:
            if row[f"{name}.server"]:
                case.assertLess(int(row[f"{name}.server"]), machines(sections["tiers"][name]), row)


def check_time_outs(sections, requests_, case):
    """Checks when requests with a time-out end."""
    for name, class_ in sections["workload"].get("classes", {"all": sections["workload"]}).items():
        time_out = class_.get("timeout")
        kind = time_out["while"] if isinstance(time_out, dict) else "unanswered"
        after = float((time_out["after"] if isinstance(time_out, dict) else time_out or "inf s").split()[0])
        for row in requests_:
            if row["class"] != name or row["outcome"] == "in flight":
                continue
            time = float(row["completion_s"]) - float(row["arrival_s"])
            if row["outcome"] == "dropped: timed out":
                case.assertTrue(time >= after - 1e-9 if kind == "waiting" else close(after, time), row)
            elif kind == "unanswered":
                case.assertLessEqual(time, after + 1e-9, row)


def check_fairness(summary, requests_, deadlines, case):
    """Checks Jain's index of the share of each device's requests that was answered in time."""
    arrived, in_time = collections.Counter(), collections.Counter()
    for row in requests_:
        arrived[row["device"]] += 1
        in_time[row["device"]] += row["outcome"] == "completed" and float(row["latency_s"]) <= deadlines[row["class"]]
    shares = [in_time[device] / count for device, count in arrived.items()]
    squares = sum(share * share for share in shares)
    case.assertTrue(close(summary["fairness"], sum(shares) ** 2 / (len(shares) * squares) if squares else 1))


def check_summary(sections, summary, classes, requests_, case):
    """Computes all cells of summary.csv and classes.csv that follow from the requests once more."""
    system = System(sections, dict.fromkeys(sections.get("models", [sections.get("model", {}).get("zoo")])))
    duration = float(summary["duration_s"])
    expected = {("all classes",): tables.summary_of_requests(system, requests_, duration)}
    expected |= tables.classes(system, requests_, duration, {})
    found = {("all classes",): summary} | {(row["class"],): row for row in classes}
    case.assertEqual(set(found), set(expected))
    for key, cells in expected.items():
        for column, value in cells.items():
            is_text = value is None or isinstance(value, str)
            if column != "planned_latency_s":
                case.assertTrue(found[key][column] == (value or "") if is_text else close(found[key][column], value), (key, column, value))


def check_tiers(sections, tiers_, case):
    for row in tiers_:
        tier_ = sections["tiers"][row["tier"]]
        case.assertLessEqual(int(row["machines_most"]), machines(tier_), row)
        if "autoscale" not in tier_:
            case.assertEqual((int(row["machines_most"]), int(row["machine_starts"])), (tier_["count"], 0), row)
        case.assertLessEqual(float(row["utilisation"]), 1 + 1e-9, row)
        case.assertGreaterEqual(float(row["wait_mean_s"] or 0), 0, row)


def check_energy(sections, summary, tiers_, states, case):
    """Checks that states fill the time for which machines exist, and that joules add up to those of the summary."""
    duration = float(summary["duration_s"])
    for row in tiers_:
        own = [state for state in states if state["tier"] == row["tier"]]
        # Hops with a radio have states; a hop that was used without one is a state.
        radios = sections["tiers"]["device"]["count"] * (sum("radio" in made for made in sections["network"].values()) +
                                                         sum(state["state"] in sections["network"] for state in own))
        for part, time in [("machines", float(row["machine_hours"]) * 3600), ("radios", radios * duration)]:
            spent = [float(state["time_s"]) for state in own if state["part"] == part and state["state"] != "tail after the run"]
            case.assertTrue(not spent or math.isclose(sum(spent), time, rel_tol=1e-9, abs_tol=1e-6), (part, row, spent))
    if summary["device_energy_j"]:
        joules = [float(state["energy_j"] or 0) for state in states if state["tier"] == "device"]
        case.assertGreaterEqual(min(joules), 0)
        case.assertTrue(close(summary["device_energy_j"], math.fsum(joules)), (summary, joules))


def check_links(links, case):
    for row in links:
        for column in ("utilisation", "site_utilisation"):
            case.assertLessEqual(float(row[column] or 0), 1 + 1e-9, row)
        case.assertGreaterEqual(float(row["offered_bytes"]), float(row["bytes"]), row)
        case.assertGreaterEqual(float(row["wait_mean_s"] or 0), 0, row)


def check(seed, temporary, case):
    """Runs the scenario of a seed, and its resolved.yaml. Returns the errors of a refusal, empty if it ran."""
    sections = scenario(seed)
    folder = pathlib.Path(temporary, str(seed))
    folder.mkdir()
    first = run_once(folder / "first", yaml(sections), case)
    if isinstance(first, str):
        return first
    out = folder / "first" / "out"
    chosen = rows(out / "summary.csv")[0]
    classes = [row for row in rows(out / "classes.csv") if row["algorithm"] == chosen["algorithm"]]
    requests_ = rows(out / "requests.csv")
    if "requests" in sections.get("output", {}):  # The chosen plan comes first.
        summary = rows(out / "summary.csv")
        case.assertEqual(len(requests_), sum(int(row["requests_arrived"] or 0) for row in summary))
        case.assertEqual(sorted({row["algorithm"] for row in requests_} - {row["algorithm"] for row in summary}), [])
        requests_ = requests_[:int(chosen["requests_arrived"])]
    check_counts(sections, chosen, classes, requests_, case)
    check_times(sections, chosen, requests_, case)
    check_summary(sections, chosen, classes, requests_, case)
    check_tiers(sections, rows(out / "tiers.csv"), case)
    check_links(rows(out / "links.csv"), case)
    check_energy(sections, chosen, *([row for row in rows(out / file) if row["algorithm"] == chosen["algorithm"]]
                                     for file in ("tiers.csv", "energy.csv")), case)
    resolved = first["resolved.yaml"].decode().replace("file: ../", "file: ")  # The folder of results is one deeper.
    case.assertEqual(run_once(folder / "resolved", resolved, case), first)
    return ""


class Chaos(unittest.TestCase):
    seeds = range(COUNT)

    def test_random_scenarios(self):
        refused = []
        with tempfile.TemporaryDirectory(prefix="offcut-chaos-") as temporary, \
                concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = {seed: pool.submit(check, seed, temporary, self) for seed in self.seeds}
            for seed, result in results.items():
                with self.subTest(seed=seed):
                    if message := result.result():
                        refused.append(message)
        self.assertLessEqual(len(refused), max(1, REFUSED_AT_MOST * len(self.seeds)), "".join(refused))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, help="run so many scenarios, from seed 0")
    parser.add_argument("--seed", type=int, help="run only this one")
    options = parser.parse_args()
    if options.count is not None:
        Chaos.seeds = range(options.count)
    if options.seed is not None:
        Chaos.seeds = [options.seed]
        print(yaml(scenario(options.seed)))
    unittest.main(argv=sys.argv[:1])
