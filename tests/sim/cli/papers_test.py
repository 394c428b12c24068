#!/usr/bin/python3
"""The tables of docs/papers.md are what `offcut plan` and `offcut run` say of the papers' scenarios. With --update, the test writes the tables
instead: read the diff, and the sentences around it, before you believe it."""
import csv
import re
import sys
import tempfile
import unittest

from program import SOURCE, offcut

PAGE = SOURCE / "docs/papers.md"
TABLE = re.compile(r"(<!-- table (\w+): tests/sim/cli/papers_test.py --update -->\n)(.*?)(<!-- end -->)", re.DOTALL)

ALEXNET, RESNET, YOLO = ("scenarios/neurosurgeon-alexnet.yaml", "scenarios/papers/dads-resnet18.yaml",
                         "scenarios/papers/dads-tiny-yolo.yaml")
PROCESSOR = "tiers.device.is=jetson-tk1-cpu"
FLOAT = "model.input.wire=float32"


def line(name, up):
    """The papers know neither headers nor the stalls of TCP, and their radios are awake."""
    awake = "" if name == "cat1-iot" else ", radio: {promotion: {time: 0 s}}"
    return f"network.device-cloud={{is: {name}, up: {up} Mbit/s, transport: none, payload: 1{awake}}}"


# The case, the rate of the uplink, the published result, the scenario and its changes.
CASES = [
    ("AlexNet, TK1's GPU", "1.4 (3G)", "all on the device", ALEXNET, [line("3g", 1.4)]),
    ("AlexNet, TK1's GPU", "6.76 (LTE)", "all on the device", ALEXNET, [line("lte", 6.76)]),
    ("AlexNet, TK1's GPU", "12.8 (Wi-Fi)", "after pool5", ALEXNET, [line("wifi", 12.8)]),
    ("AlexNet, TK1's processor", "6.76 (LTE)", "all in the cloud", ALEXNET, [line("lte", 6.76), PROCESSOR]),
    ("AlexNet, TK1's processor", "12.8 (Wi-Fi)", "all in the cloud", ALEXNET, [line("wifi", 12.8), PROCESSOR]),
    ("ResNet-18, Pi 3B", "0.13 (Cat 1)", "1.46 and 2.8 times as fast", RESNET, [line("cat1-iot", 0.13)]),
    ("ResNet-18, Pi 3B", "1.1 (3G)", "4.14 and 1.4 times as fast", RESNET, [line("3g", 1.1)]),
    ("ResNet-18, Pi 3B", "5.85 (4G)", "7.23 and 1.1 times as fast", RESNET, [line("lte", 5.85)]),
    ("ResNet-18, Pi 3B", "18.88 (Wi-Fi)", "8.32 and 1 times as fast", RESNET, [line("wifi", 18.88)]),
    ("tiny YOLO, Pi 3B", "0.13 (Cat 1)", "", YOLO, [line("cat1-iot", 0.13)]),
    ("tiny YOLO, Pi 3B", "1.1 (3G)", "", YOLO, [line("3g", 1.1)]),
    ("tiny YOLO, Pi 3B", "4 (4G)", "after max5", YOLO, [line("lte", 4)]),
    ("tiny YOLO, Pi 3B", "5.85 (4G)", "", YOLO, [line("lte", 5.85)]),
    ("tiny YOLO, Pi 3B", "18.88 (Wi-Fi)", "all in the cloud, 0.59 s", YOLO, [line("wifi", 18.88)]),
    ("the same, input as float32", "4 (4G)", "after max5", YOLO, [line("lte", 4), FLOAT]),
    ("the same, input as float32", "18.88 (Wi-Fi)", "all in the cloud, 0.59 s", YOLO, [line("wifi", 18.88), FLOAT]),
]


# Jobs, the rate of the uplink.
BATCHES = [(10, 4), (10, 8), (10, 16), (10, 20), (10, 32), (10, 64), (2, 20), (100, 20)]
# Tiles, devices, the published result.
GRIDS = [("5x5", 1, ""), ("5x5", 2, "1.7 times as fast"), ("5x5", 4, ""), ("5x5", 6, "3.5 times as fast, below 23 MB"),
         ("3x3", 1, ""), ("3x3", 2, ""), ("3x3", 4, ""), ("3x3", 6, "")]

# The methods that plan more than one assignment for all requests: the name, the paper's scenario.
METHODS = [("jps", "jps-alexnet"), ("iao", "iao-alexnet"), ("pipeline", "pipeedge-vit"), ("spatial", "deepthings-yolov2"),
           ("tensor-parallel", "modnn-vgg16"), ("edgent", "edgent-branchy")]


def plan(scenario, changes):
    """Returns the rows of plans.csv by algorithm, and the figures of the scenario's own algorithm."""
    with tempfile.TemporaryDirectory(prefix="offcut-papers-") as folder:
        result = offcut("plan", scenario, *(part for change in changes for part in ("--set", change)), "--out", folder)
        if result.returncode != 0:
            raise AssertionError(result.stderr)
        figures = re.findall(r"(?m)^(?:jps|spatial): (.+) (\S+)$", result.stdout)
        with open(folder + "/plans.csv", encoding="utf-8", newline="") as file:
            return {row["algorithm"]: row for row in csv.DictReader(file)}, figures


def cut_row(case, rate, published, scenario, changes):
    found, _ = plan(scenario, changes)
    best, device, cloud = (float(found[name]["latency_s"]) for name in ("multi-tier", "device-only", "cloud-only"))
    return (case, rate, published or "-", found["multi-tier"]["cut"], ms(best), f"{device / best:.2f}",
            f"{cloud / best:.2f}")


def jobs_text(figure, cut):
    first, _, last = figure.split()[1].partition("..")
    return f"{int(last or first) - int(first) + 1} {cut}"


def batch_row(jobs, rate):
    found, figures = plan("scenarios/papers/jps-alexnet.yaml", [f"plan.jobs={jobs}", line("wifi", rate)])
    values = dict(figures)
    mix, single = (float(values[name]) for name in ("makespan_s", "single_cut_makespan_s"))
    cuts = ", ".join(jobs_text(figure, cut) for figure, cut in figures if figure.startswith("job"))
    device = jobs * float(found["device-only"]["compute_s"])
    return (jobs, rate, cuts, ms(mix), f"{single / mix:.3f}", f"{device / mix:.2f}")


def grid_row(grid, devices, published):
    rows, columns = grid.split("x")
    found, figures = plan("scenarios/papers/deepthings-yolov2.yaml",
                          [f"plan.rows={rows}", f"plan.columns={columns}", f"plan.devices={devices}"])
    values = dict(figures)
    tiled = float(values["makespan_s"])
    front = float(found["device-only"]["compute_s"]) - (float(values["latency_s"]) - tiled)  # Untiled, on one device.
    return (grid, devices, published or "-", ms(tiled), f"{front / tiled:.2f}",
            f"{float(values['work_of_untiled']):.2f}", f"{float(values['memory_bytes']) / 1e6:.3g}")


def summary_of(scenario, *changes):
    """Returns the rows of a run's summary.csv by algorithm."""
    with tempfile.TemporaryDirectory(prefix="offcut-papers-") as folder:
        result = offcut("run", scenario, *(part for change in changes for part in ("--set", change)), "--out", folder)
        if result.returncode != 0:
            raise AssertionError(result.stderr)
        with open(folder + "/summary.csv", encoding="utf-8", newline="") as file:
            return {row["algorithm"]: row for row in csv.DictReader(file)}


def method_row(method, scenario):
    """The last column says what the whole network on one device takes, by the same figure."""
    path = f"scenarios/papers/{scenario}.yaml"
    rows = summary_of(path, "plan.compare=[device-only]")
    planned, simulated = (float(rows[method][f"measure_{kind}_s"]) for kind in ("planned", "simulated"))
    measure = rows[method]["measure"]
    column = {"latency": "latency_mean_s", "mean latency": "latency_mean_s", "longest latency": "latency_max_s",
              "makespan": "makespan_s", "period": "period_s"}[measure]
    alone = float(rows["device-only"][column])
    gap = abs(simulated - planned) / planned
    return (method, f"[{scenario}](../{path})", measure, ms(planned), ms(simulated),
            "below 1e-9" if gap < 1e-9 else f"{gap:.1e}", ms(alone))


# What the paper says for ResNet-18 over each uplink: how much longer the device and the cloud alone take.
DADS = {"0.13": "1.46, 2.8", "1.1": "4.14, 1.4", "5.85": "7.23, 1.1", "18.88": "8.32, 1"}
CATALOGUE, IMPLIED = "38.4 GFLOP/s", "2.05 GFLOP/s"  # The peaks of the Pi.


def evaluation_rows():
    """The sweep that is the evaluation of DADS: all machines, networks, uplinks and algorithms by one command."""
    with tempfile.TemporaryDirectory(prefix="offcut-papers-") as folder:
        result = offcut("sweep", "scenarios/sweeps/dads.yaml", "--out", folder + "/dads", cwd=SOURCE)
        if result.returncode != 0:
            raise AssertionError(result.stderr)
        with open(folder + "/dads/points.csv", encoding="utf-8", newline="") as file:
            points = list(csv.DictReader(file))
    mean = {(row["model.zoo"], row["network.device-cloud.up"], row["tiers.device.peak"], row["variant"]):
            float(row["latency_mean_s"]) for row in points}
    for network, uplink in dict.fromkeys((row["model.zoo"], row["network.device-cloud.up"]) for row in points):
        rate = uplink.split()[0]
        cells = [network, rate, DADS.get(rate, "-") if network == "resnet18" else "-"]
        for machines in (CATALOGUE, IMPLIED):
            best, line, device, cloud = (mean[network, uplink, machines, variant]
                                         for variant in ("min-cut", "neurosurgeon", "device-only", "cloud-only"))
            cells += [ms(best), f"{device / best:.2f}, {cloud / best:.2f}"]
            if line < best * (1 - 1e-9):
                raise AssertionError(f"{network}, {uplink}: a cut of the order beats the minimum cut")
        yield cells


def ms(seconds):
    return f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:.0f}"


def table(head, rows):
    return "".join("| " + " | ".join(map(str, row)) + " |\n" for row in (head, ["---"] * len(head), *rows))


def tables():
    return {
        "cuts": table(("network, device", "Mbit/s up", "published", "ours", "ms", "device-only takes", "cloud-only takes"),
                      (cut_row(*case) for case in CASES)),
        "jobs": table(("jobs", "Mbit/s up", "ours: jobs and their cuts, in order", "ms", "one cut for all takes",
                       "device-only takes"), (batch_row(*case) for case in BATCHES)),
        "grid": table(("tiles", "devices", "published", "ours, ms", "times as fast", "work of the whole", "MB a tile"),
                      (grid_row(*case) for case in GRIDS)),
        "evaluation": table(("network", "Mbit/s up", "published", "catalogue, ms", "device, cloud",
                             "implied, ms", "device, cloud"), evaluation_rows()),
        "methods": table(("method", "scenario", "figure", "planned, ms", "simulated, ms", "difference", "one device, ms"),
                         (method_row(*case) for case in METHODS))}


class Papers(unittest.TestCase):
    maxDiff = None

    def test_the_tables_are_up_to_date(self):
        page = PAGE.read_text(encoding="utf-8")
        self.assertEqual({match.group(2): match.group(3) for match in TABLE.finditer(page)}, tables())


class Training(unittest.TestCase):
    """The trends of training over devices, each in one run of a seed; tests/bench/training_trends.py has the tables of the page."""

    def rounds(self, scenario, *settings):
        with tempfile.TemporaryDirectory(prefix="offcut-papers-") as folder:
            sets = [word for setting in settings for word in ("--set", setting)]
            result = offcut("run", f"scenarios/papers/{scenario}.yaml", "--out", folder + "/out", *sets, cwd=SOURCE)
            self.assertEqual(result.returncode, 0, result.stderr)
            with open(folder + "/out/summary.csv", encoding="utf-8", newline="") as file:
                row = next(csv.DictReader(file))
        self.assertEqual(row["training_end"], "accuracy")
        return int(row["rounds"])

    def test_more_local_work_needs_fewer_rounds(self):
        once, often = (self.rounds("federated-averaging", f"training.strategy.local-epochs={epochs}", "training.strategy.batch=0",
                                   "training.strategy.rate=1") for epochs in (1, 5))
        self.assertLess(often * 2, once)

    def test_control_variates_need_fewer_rounds(self):
        fedavg, scaffold = (self.rounds("scaffold-skew", f"training.strategy.name={name}") for name in ("fedavg", "scaffold"))
        self.assertLess(scaffold, fedavg)


if __name__ == "__main__":
    if "--update" in sys.argv:
        made = tables()
        PAGE.write_text(TABLE.sub(lambda match: match.group(1) + made[match.group(2)] + match.group(4), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        unittest.main()
