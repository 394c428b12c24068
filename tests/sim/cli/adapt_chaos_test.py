#!/usr/bin/python3
"""Chaos with plans that follow: the scenarios of chaos_test.py, whose first hop moves along a trace, with wrong beliefs, a policy,
an estimator, probes and uploads of weights. Each runs without a crash or a hang, loses no request, adds up, has no negative
regret, and gives the same bytes when its resolved.yaml is run. OFFCUT_ALL_SYSTEMS=1 runs four times as many.

    OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/sim/cli/adapt_chaos_test.py --count 300
    OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/sim/cli/adapt_chaos_test.py --seed 7      # prints the scenario
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
from program import SOURCE

COUNT = 40 if "OFFCUT_ALL_SYSTEMS" in os.environ else 10
REFUSED_AT_MOST = 0.05
TRACE = SOURCE / "tests/sim/cli/data/moving-link.csv"


def beliefs(draw, sections):
    error = lambda: {"bias": draw.uniform(-0.8, 3), "spread": draw.choice([0, draw.uniform(0, 1)])}
    made = {"layers": {name: error() for name in sections["tiers"] if draw.chance(0.5)},
            "bandwidth": {name: error() for name in sections["network"] if draw.chance(0.5)},
            "load": {name: error() for name in list(sections["tiers"])[1:] if draw.chance(0.3)}}
    for layers in made["layers"].values():
        if draw.chance(0.3):
            layers["kinds"] = {"convolution": error()}
    return made


def adapt(draw, has_deadline):
    policies = ["static", {"is": "change", "by": draw.uniform(0, 1)}, {"is": "period", "every": draw.seconds(0.1, 5)},
                "per-request", "epsilon-greedy", {"is": "ucb", "arms": 3}, {"is": "q-learning", "states": 3}, "oracle"]
    if has_deadline:
        policies.append("breach")
    made = {"policy": draw.choice(policies),
            "estimator": draw.choice(["last", {"is": "mean", "transfers": 3}, "ewma", "harmonic", "kalman", "oracle"]),
            "load": draw.choice(["none", "none", "ratio", "wait"]), "hysteresis": draw.choice([0, 0, 0.2]),
            "weights": draw.choice(["everywhere", "upload"]), "switch-time": draw.choice(["0 s", draw.seconds(0.01, 2)]),
            "compare": draw.choice([["none"], ["static", "oracle"]])}
    if draw.chance(0.5):
        made["probes"] = {"every": draw.seconds(0.1, 3), "size": draw.choice(["1 kB", "20 kB"])}
    return made


def scenario(seed):
    sections = chaos.scenario(seed)
    draw = Draw(f"{seed}: adaptation")
    classes = list(sections["workload"].get("classes", {"all": sections["workload"]}).values())
    for made in classes:  # With an adaptation, requests do not go on to the cloud.
        if made.get("on-failure", {}).get("then") == "cloud":
            made["on-failure"]["then"] = draw.choice(["wait", "local"])
    first_hop = next(iter(sections["network"].values()))
    chaos.keep_to_the_end(sections)
    if "site" in first_hop:
        sections.pop("mobility", None)
    if draw.chance(0.8):
        first_hop.pop("rates", None)
        first_hop["trace"] = {"file": str(TRACE), "loop": draw.choice(["true", "hold"]), "scale": draw.uniform(0.2, 2)}
        if first_hop.get("shared") is None:
            first_hop["trace"]["offset"] = draw.choice(["0 s", "random"])
    if draw.chance(0.5):
        sections["beliefs"] = beliefs(draw, sections)
    if "beliefs" not in sections or draw.chance(0.8):
        sections["adapt"] = adapt(draw, any("deadline" in made for made in classes))
    return sections


def check_side_messages(sections, chosen, links, case):
    """Checks the bytes of probes and weights: none where the scenario has none, whole probes, and no more than left the devices."""
    adapt_, probes, weights = sections.get("adapt", {}), float(chosen["probe_bytes"]), float(chosen["weight_bytes"])
    size = {"1 kB": 1000, "20 kB": 20000}.get(adapt_.get("probes", {}).get("size"))
    case.assertEqual(probes % size if size else probes, 0, chosen)
    case.assertTrue(adapt_.get("weights") == "upload" or weights == 0, chosen)
    first = next(row for row in links if row["algorithm"] == chosen["algorithm"] and row["direction"] == "up")
    case.assertLessEqual(probes + weights, float(first["bytes"]), chosen)


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
    chaos.check_times(sections, chosen, requests_, case)
    chaos.check_links(rows(out / "links.csv"), case)
    regrets = [float(row["regret_s"]) for row in requests_ if row["regret_s"]]
    case.assertGreaterEqual(min(regrets, default=0), 0)
    if regrets:
        case.assertTrue(chaos.close(chosen["regret_mean_s"], math.fsum(regrets) / len(regrets)), chosen)
    if sections.get("adapt", {}).get("policy") == "oracle" and sections["adapt"]["hysteresis"] == 0 and \
            sections["adapt"]["weights"] == "everywhere" and sections["adapt"]["switch-time"] == "0 s" and \
            not any("model-memory" in made for made in sections["tiers"].values()):
        case.assertEqual(set(regrets) - {0.0}, set())
    if regrets:
        case.assertTrue(chaos.close(chosen["best_plan_share"], regrets.count(0.0) / len(regrets)), chosen)
    check_side_messages(sections, chosen, rows(out / "links.csv"), case)
    switches = rows(out / "switches.csv") if (out / "switches.csv").exists() else []
    case.assertEqual(len(switches), int(chosen["switches"]))
    case.assertLessEqual(len(switches), int(chosen["replans"]))
    resolved = first["resolved.yaml"].decode().replace("file: ../", "file: ")  # The folder of results is one deeper.
    case.assertEqual(chaos.run_once(folder / "resolved", resolved, case), first)
    return ""


class AdaptChaos(unittest.TestCase):
    seeds = range(COUNT)

    def test_random_scenarios(self):
        refused = []
        with tempfile.TemporaryDirectory(prefix="offcut-adapt-chaos-") as temporary, \
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
        AdaptChaos.seeds = range(options.count)
    if options.seed is not None:
        AdaptChaos.seeds = [options.seed]
        print(chaos.yaml(scenario(options.seed)))
    unittest.main(argv=sys.argv[:1])
