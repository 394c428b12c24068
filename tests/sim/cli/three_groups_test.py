#!/usr/bin/python3
"""The tables of docs/under-load.md are what `offcut run` finds for scenarios/three-groups.yaml: under the plans of each algorithm,
and under those of a search that begins with them. The test computes the columns of the idle plans in the order of arrival, and
the row of one algorithm; --update computes and writes everything: read the diff, and the sentences around it, before you believe
it."""
import concurrent.futures
import csv
import re
import sys
import tempfile
import unittest

from program import SOURCE, offcut

PAGE = SOURCE / "docs/under-load.md"
SCENARIO = "scenarios/three-groups.yaml"
GROUPS = ("phone", "drone", "camera")
# The first of those with the same plans gives its name to their row.
ALGORITHMS = ("multi-tier", "device-only", "edge-only", "cloud-only", "throughput", "dads-heavy", "k-means", "random",
              "brute-force", "chain-dp", "exact", "greedy", "jointdnn", "min-cut", "neurosurgeon")
# Policies that no search of the page finds, of the edge under the plans of the first algorithm.
BY_HAND = "{queue: edf, batch: {policy: timeout, max: 2}, admission: deadline}"
CASES = ("idle, fifo", "idle, chosen", "load, fifo", "load, chosen")
SEARCH = ["--budget", "4 s"]  # The choice of a search depends on it.


def rows(folder, name):
    with open(f"{folder}/{name}", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(algorithm, compare, under, scheduling, *more):
    """Returns the rows of the run's files by algorithm."""
    plan = {"algorithm": algorithm, "compare": compare, "under": under, "scheduling": scheduling}
    changes = [part for key, value in plan.items() for part in ("--set", f"plan.{key}={value}")]
    with tempfile.TemporaryDirectory(prefix="offcut-three-groups-") as folder:
        result = offcut("run", SCENARIO, *changes, *more, *SEARCH, "--out", folder)
        if result.returncode != 0:
            raise AssertionError(result.stderr)
        found = {}
        for name in ("summary", "tiers", "groups", "plan"):
            for row in rows(folder, f"{name}.csv"):
                found.setdefault(row["algorithm"], {}).setdefault(name, []).append(row)
        return found


def jain(shares):
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares > 0 else 1


def share_in_time(group):
    return 1 - (int(group["requests_late"]) + int(group["requests_dropped"])) / int(group["requests_arrived"])


def seconds(text):
    """Shortens the seconds of a cell, which is empty if no request was answered."""
    if not text:
        return "none"
    value = float(text)
    return f"{value:.3f}" if value < 1 else f"{value:#.3g}".rstrip(".") if value < 100 else f"{value:.0f}"


def cells(found):
    """Returns the cell of each table for one run, by the table's name."""
    summary, groups = found["summary"][0], {row["group"]: row for row in found["groups"]}
    made = {name: " / ".join(seconds(groups[name][f"latency_{figure}_s"]) for figure in ("mean", "p95")) for name in GROUPS}
    made["missed"] = " / ".join(f"{100 * (1 - share_in_time(groups[name])):.1f}" for name in GROUPS)
    made["fairness"] = f"{float(summary['fairness']):.3f} / {jain([share_in_time(groups[name]) for name in GROUPS]):.3f}"
    busy = {row["tier"]: float(row["utilisation"]) for row in found["tiers"]}
    made["load"] = " / ".join(f"{100 * busy[tier]:.0f}" for tier in ("edge", "cloud"))
    return made


def plans_of(found):
    """Returns the tiers of each group's layers and how many each has, such as "edge 2, cloud 36", or the only tier."""
    made = {}
    for row in found["plan"]:
        tiers = made.setdefault(row["group"], {})
        tiers[row["tier"]] = tiers.get(row["tier"], 0) + 1
    return {group: ", ".join(f"{tier} {count}" if len(tiers) > 1 else tier for tier, count in tiers.items())
            for group, tiers in made.items()}


def policies_of(found):
    """Returns the chosen policies of the tiers that serve requests, but for the order of arrival alone."""
    serving = {row["tier"] for row in found["plan"]}
    made = [policies for policies in found["summary"][0]["policies"].split("; ")
            if policies.split(":")[0] in serving and not policies.endswith(": queue fifo")]
    return "; ".join(made) or "queue fifo"


def idle():
    return run(ALGORITHMS[0], f"[{', '.join(ALGORITHMS[1:])}]", "idle", "given")


def same_plans(found):
    """Returns the algorithms with the same plans, each under the first of them."""
    names = {}
    for algorithm in ALGORITHMS:
        plans = tuple((row["group"], row["layer"], row["tier"]) for row in found[algorithm]["plan"])
        names.setdefault(plans, []).append(algorithm)
    return {algorithms[0]: algorithms[1:] for algorithms in names.values()}


def by_hand():
    return run(ALGORITHMS[0], "none", "idle", "given", "--set", f"scheduling.edge={BY_HAND}")[ALGORITHMS[0]]


def searches(algorithm):
    """Returns the runs of the cases after the first one."""
    given = run(algorithm, "none", "load", "given")
    chosen = run(algorithm, algorithm, "load", "choose")
    return [chosen[algorithm], given["under-load"], chosen["under-load"]]


def table(head, lines):
    return "".join("| " + " | ".join(line) + " |\n" for line in [head, ["---"] * len(head), *lines])


def measure():
    """Returns the runs of all cases by algorithm, and which algorithms have the same plans."""
    first = idle()
    same = same_plans(first)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = dict(zip(same, pool.map(searches, same)))
    return {algorithm: [first[algorithm], *found[algorithm]] for algorithm in same}, same


def tables(found, same):
    """Returns the tables of the page by name."""
    every = {algorithm: [cells(case) for case in cases] for algorithm, cases in found.items()}
    made = {name: table(["plans", *CASES], [[algorithm, *(case[name] for case in cases)] for algorithm, cases in every.items()])
            for name in next(iter(every.values()))[0]}
    made["hand"] = table(["figure", *CASES[2:], "by hand"],
                         [[name, *(case[name] for case in every[ALGORITHMS[0]][2:]), cell] for name, cell in cells(by_hand()).items()])
    made["plans"] = table(["plans", *GROUPS], [[algorithm, *plans_of(cases[0]).values()] for algorithm, cases in found.items()])
    made["same"] = table(["plans", "the same plans"], [[algorithm, ", ".join(others)] for algorithm, others in same.items()])
    made["chosen"] = table(["search begins with", CASES[2], CASES[3]],
                           [[algorithm, *("; ".join(plans_of(case).values()) for case in cases[2:])]
                            for algorithm, cases in found.items()])
    made["policies"] = table(["search begins with", "chosen policies"],
                             [[algorithm, policies_of(cases[3])] for algorithm, cases in found.items()])
    return made


def place_of(name):
    return re.compile(rf"(?<=<!-- table {name}: tests/sim/cli/three_groups_test.py --update -->\n).*?(?=<!-- end -->)", re.DOTALL)


def read_table(text, name):
    """Returns the cells of a table of the page by row and column."""
    lines = [line.strip("|").split("|") for line in place_of(name).search(text).group().splitlines()]
    lines = [[cell.strip() for cell in line] for line in lines]
    return {line[0]: dict(zip(lines[0][1:], line[1:])) for line in lines[2:]}


class ThreeGroups(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.page = PAGE.read_text(encoding="utf-8")

    def check(self, algorithm, case, found):
        for name, cell in cells(found).items():
            self.assertEqual(read_table(self.page, name)[algorithm][case], cell, f"{name}: {algorithm}: {case}")

    def test_idle_plans_in_the_order_of_arrival(self):
        first = idle()
        self.assertEqual({algorithm: {"the same plans": ", ".join(others)} for algorithm, others in same_plans(first).items()},
                         read_table(self.page, "same"))
        for algorithm, row in read_table(self.page, "plans").items():
            self.assertEqual(row, plans_of(first[algorithm]))
            self.check(algorithm, CASES[0], first[algorithm])

    def test_policies_by_hand(self):
        self.assertEqual({name: row["by hand"] for name, row in read_table(self.page, "hand").items()}, cells(by_hand()))

    def test_a_search(self):
        for case, found in zip(CASES[1:], searches(ALGORITHMS[0])):
            self.check(ALGORITHMS[0], case, found)


def update():
    text = PAGE.read_text(encoding="utf-8")
    for name, made in tables(*measure()).items():
        text = place_of(name).sub(lambda _, made=made: made, text, count=1)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    else:
        unittest.main()
