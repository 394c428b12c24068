#!/usr/bin/python3
"""Chaos with groups: the scenarios of chaos_test.py, whose devices become two or three groups with access networks of their own,
and whose later tiers get unlike servers, at sites of unlike size. Each runs without a crash or a hang, loses no request, adds up
in each group, and gives the same bytes when it, or its resolved.yaml, is run again.

    OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/sim/cli/groups_chaos_test.py --count 300
    OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/sim/cli/groups_chaos_test.py --seed 7      # prints the scenario
"""
import argparse
import concurrent.futures
import math
import os
import pathlib
import sys
import tempfile
import unittest

import chaos_test as chaos
from chaos_test import Draw, rows

COUNT = 40 if "OFFCUT_ALL_SYSTEMS" in os.environ else 10
REFUSED_AT_MOST = 0.05
DEVICE_KEYS = ("peak", "memory-bandwidth", "memory", "layer-overhead", "efficiency", "profile", "count", "noise", "cores")


def split_devices(draw, sections):
    """Makes the devices two or three groups. Returns their names."""
    device, hops = sections["tiers"]["device"], sections["network"]
    hop_name = next(iter(hops))
    next_tier = hop_name.split("-")[1]
    names = ["phone", "camera", "drone"][:draw.randint(2, 3)]
    groups = {}
    for name in names:
        own = {key: value for key, value in device.items() if key in DEVICE_KEYS}
        own["count"] = draw.randint(1, 5)
        if draw.chance(0.6):
            own["network"] = chaos.hop(draw, True)
            own["network"].get("site", {})["devices"] = 1
            if "radio" in hops[hop_name]:
                own["network"]["radio"] = hops[hop_name]["radio"]
        groups[name] = own
    hops[hop_name].get("site", {})["devices"] = 1
    for key in DEVICE_KEYS:
        device.pop(key, None)
    if all("network" in own for own in groups.values()):
        del hops[hop_name]
    device["groups"] = groups
    for section, renamed in (("scheduling", "device"), ("failures", "device"), ("failures", hop_name)):
        policies = sections[section].pop(renamed, None)
        if policies is not None and section == "scheduling":
            sections[section] |= {name: policies for name in names if draw.chance(0.7)}
        elif policies is not None:
            unit = "machine" if renamed == "device" else "link"
            name = draw.choice(names)
            network = groups[name].get("network", hops.get(hop_name, {}))
            count = 1 if unit == "link" and "shared" in network else groups[name]["count"]
            key = name if unit == "machine" else f"{name}-{next_tier}"
            sections[section][key] = chaos.faults(draw, unit, count)
    return names


def split_servers(draw, sections):
    """Gives some later tiers unlike servers."""
    devices = sum(own["count"] for own in sections["tiers"]["device"]["groups"].values())
    for name, made in list(sections["tiers"].items())[1:]:
        if made["sites"] > devices:  # Each site needs a device.
            made["count"] = made["count"] // made["sites"] * devices
            made["sites"] = devices
            for outage in sections["failures"].get(name, {}).get("outages", []):
                outage["machine"] %= made["count"]
        if "autoscale" in made or draw.chance(0.5):
            continue
        made["sites"] = 1 if made["sites"] == 1 else 2
        sites = made["sites"]
        policies = sections["scheduling"].get(name, {})
        if policies.get("queue") == "processor-sharing" and "dispatch" not in policies:
            policies["dispatch"] = "round-robin"
        big = {"at-sites": [1] + [draw.randint(0, 2)] * (sites - 1), "cores": draw.randint(1, 3)}
        small = {"count": sites * draw.randint(1, 2), "per-request": draw.seconds(1e-4, 1e-2)}
        if "profile" not in made:
            small |= chaos.device(draw, (1e-3, 2e-2))
        if "power" in made:
            big["price"] = draw.uniform(0, 3)
        made["groups"] = {"big": big, "small": small}
        made["planned-for"] = draw.choice(["slowest", "mean", "big", "small"])
        del made["count"]
        made.pop("cold-start", None)
        machines = sum(big["at-sites"]) + small["count"]
        for outage in sections["failures"].get(name, {}).get("outages", []):
            outage["machine"] %= machines


def choose_origins(draw, sections, names):
    """Lets classes come from some of the groups; each group is in one."""
    classes = list(sections["workload"].get("classes", {"all": sections["workload"]}).values())
    left = set(names)
    for made in classes[1:]:
        if draw.chance(0.5):
            made["from"] = draw.sample(names, draw.randint(1, len(names)))
        left -= set(made.get("from", names))
    if len(classes) > 1 and not left and draw.chance(0.5):
        classes[0]["from"] = [draw.choice(names)]


def scenario(seed):
    sections = chaos.scenario(seed)
    sections.pop("mobility", None)  # Its devices and sites are others now.
    stands = list(sections["tiers"])
    neighbours = {f"{a}-{b}" for a, b in zip(stands, stands[1:])}  # With groups, there are no direct hops.
    sections["network"] = {name: made for name, made in sections["network"].items() if name in neighbours}
    draw = Draw(f"{seed}: groups")
    names = split_devices(draw, sections)
    split_servers(draw, sections)
    choose_origins(draw, sections, names)
    if len(sections["network"]) == 0:
        del sections["network"]
    return sections


def check_groups(out, chosen, requests_, case):
    """Checks the rows of groups.csv against those of the requests, and the parts of the tiers against their sums."""
    groups = [row for row in rows(out / "groups.csv") if row["algorithm"] == chosen["algorithm"]]
    for row in groups:
        own = [request for request in requests_ if request["group"] == row["group"]]
        done = [float(request["latency_s"]) for request in own if request["outcome"] == "completed"]
        case.assertEqual(int(row["requests_arrived"]), len(own), row)
        case.assertEqual(int(row["requests_completed"]), len(done), row)
        if done:
            case.assertTrue(chaos.close(row["latency_mean_s"], math.fsum(done) / len(done)), row)
    case.assertEqual(sum(int(row["requests_arrived"]) for row in groups), int(chosen["requests_arrived"]))
    if chosen["device_energy_j"]:
        joules = [float(row["device_energy_j"]) for row in groups]
        case.assertTrue(chaos.close(chosen["device_energy_j"], math.fsum(joules)), (chosen, joules))


def check_tiers(out, chosen, case):
    """Checks that the groups of unlike machines add up to their tier."""
    tiers = {row["tier"]: row for row in rows(out / "tiers.csv") if row["algorithm"] == chosen["algorithm"]}
    for name, row in tiers.items():
        case.assertLessEqual(float(row["utilisation"]), 1 + 1e-9, row)
        parts = [other for key, other in tiers.items() if key.startswith(name + ".")]
        for column in ("servers", "requests_served", "busy_s", "batches", "loads") if parts else ():
            case.assertTrue(chaos.close(row[column], math.fsum(float(part[column]) for part in parts)), (column, row, parts))


def check(seed, temporary, case):
    """Runs the scenario of a seed, and its resolved.yaml. Returns the errors of a refusal, empty if it ran."""
    sections = scenario(seed)
    folder = pathlib.Path(temporary, str(seed))
    folder.mkdir()
    first = chaos.run_once(folder / "first", chaos.yaml(sections), case)
    if isinstance(first, str):
        return f"{seed}: {first}"
    out = folder / "first" / "out"
    chosen = rows(out / "summary.csv")[0]
    requests_ = rows(out / "requests.csv")[:int(chosen["requests_arrived"])]
    classes = [row for row in rows(out / "classes.csv") if row["algorithm"] == chosen["algorithm"]]
    chaos.check_counts(sections, chosen, classes, requests_, case)
    for row in requests_:
        if row["outcome"] == "completed":
            parts = [float(row[part]) for part in chaos.PARTS]
            case.assertGreaterEqual(min(parts), -1e-9, row)
            case.assertTrue(chaos.close(row["latency_s"], sum(parts)), row)
    check_groups(out, chosen, requests_, case)
    check_tiers(out, chosen, case)
    chaos.check_links(rows(out / "links.csv"), case)
    resolved = first["resolved.yaml"].decode().replace("file: ../", "file: ")  # The folder of results is one deeper.
    case.assertEqual(chaos.run_once(folder / "resolved", resolved, case), first)
    return ""


class GroupsChaos(unittest.TestCase):
    seeds = range(COUNT)

    def test_random_scenarios(self):
        refused = []
        with tempfile.TemporaryDirectory(prefix="offcut-groups-chaos-") as temporary, \
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
        GroupsChaos.seeds = range(options.count)
    if options.seed is not None:
        GroupsChaos.seeds = [options.seed]
        print(chaos.yaml(scenario(options.seed)))
    unittest.main(argv=sys.argv[:1])
