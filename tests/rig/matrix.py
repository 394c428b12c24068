"""The cells that docs/validation.md compares: which networks, cuts, rates and loads are measured, and how often.

A cell is one run of `offcut serve` on a link of one rate. Its folder has measured.json and requests.csv of that command,
and rig.json, which is written last: a folder with it is complete.
"""
import csv
import dataclasses
import json
import math
import statistics

MAIN_RATES = ("5 Mbit/s", "20 Mbit/s", "100 Mbit/s")
CHOICE_RATES = ("4 Mbit/s", "8 Mbit/s", "16 Mbit/s", "32 Mbit/s", "64 Mbit/s", "128 Mbit/s")
PASSES = (1, 2)
# `full` asks for more than the bottleneck can do, which tells its capacity; shares are shares of that. It is less than one
# request after another suggests, since tiers that are busy at the same time slow each other down.
FULL_LOAD, FULL_FACTOR, FULL_REQUESTS = "full", 2, 80
FITTED_LOADS = ("closed", "65%")
PREDICTED_LOADS = ("50%", "80%")
CHOICE_LOAD = "choice"  # The same arrivals for all cuts and rates.
CHOICE_SHARE = 0.6  # Of what one tier could do that computes the whole network.
LONGEST_S = 25
MOST_REQUESTS, LEAST_REQUESTS = 300, 100
CLOSED_REQUESTS = 40
CHOICE_REQUESTS = 120
START_S = 3  # Until two tiers have loaded their parts. For the estimate of times only.


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    name: str
    whole_s: float  # Roughly, on one core. For the estimate of times only, like the bytes of the cuts.
    cuts: dict  # Bytes that cross, by the layer after which the network is cut.
    main_cuts: tuple


NETWORKS = (
    Network("alexnet", 0.0225, {"pool2": 173056, "pool5": 36864, "relu6": 16384, "fc8": 4000}, ("pool5", "relu6")),
    Network("squeezenet", 0.012, {"fire4_squeeze1x1_relu": 100352, "fire6_squeeze1x1_relu": 37632,
                                  "fire8_squeeze1x1_relu": 50176, "pool10": 4000},
            ("fire4_squeeze1x1_relu", "fire6_squeeze1x1_relu")),
)


@dataclasses.dataclass(frozen=True)
class Cell:
    network: Network
    cut: str
    rate: str
    load: str
    number: int  # Of the pass.

    def folder(self, root):
        rate = self.rate.replace(" ", "").replace("/", "p")
        return root / self.network.name / self.cut / rate / f"{self.load.replace('%', '')}-{self.number}"

    def is_complete(self, root):
        return (self.folder(root) / "rig.json").exists()

    def share(self):
        return float(self.load[:-1]) / 100

    def bottleneck_s(self):
        """The time between two answers at best, roughly: of the link, or of half of the network."""
        return max(self.network.cuts[self.cut] * 8 / 0.956 / _bits(self.rate), 0.7 * self.network.whole_s)

    def requests(self):
        if self.load == "closed":
            return CLOSED_REQUESTS
        if self.load == CHOICE_LOAD:
            return CHOICE_REQUESTS
        if self.load == FULL_LOAD:
            return FULL_REQUESTS
        return max(LEAST_REQUESTS, min(MOST_REQUESTS, int(LONGEST_S * self.share() / self.bottleneck_s())))

    def seconds(self):
        """How long it takes, roughly."""
        if self.load == "closed":
            return START_S + CLOSED_REQUESTS * (self.bottleneck_s() + self.network.whole_s)
        if self.load == FULL_LOAD:
            between = self.bottleneck_s()
        elif self.load == CHOICE_LOAD:
            between = max(self.bottleneck_s(), self.network.whole_s / CHOICE_SHARE)
        else:
            between = self.bottleneck_s() / self.share()
        return START_S + self.requests() * between


def main_cells(networks=NETWORKS, rates=MAIN_RATES, passes=PASSES):
    """Those of the errors: two cuts, three rates, two loads that are predicted; and those that a calibration needs."""
    return [Cell(network, cut, rate, load, number)
            for number in passes for network in networks for cut in network.main_cuts for rate in rates
            for load in ("closed", FULL_LOAD, "65%", *PREDICTED_LOADS)
            if number == 1 or load in PREDICTED_LOADS]


def choice_cells(networks=NETWORKS, rates=CHOICE_RATES, passes=PASSES):
    """Those of the best cut: four cuts, six rates, one load."""
    return [Cell(network, cut, rate, CHOICE_LOAD, number)
            for number in passes for network in networks for cut in network.cuts for rate in rates]


def requests(folder):
    """The rows of requests.csv, in order of arrival."""
    with open(folder / "requests.csv", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: float(row["arrival_s"]))


def latencies(folder):
    return [float(row["latency_s"]) for row in requests(folder) if row["outcome"] == "completed"]


def rig_of(folder):
    return json.loads((folder / "rig.json").read_text())


def quantile(values, share):
    """The least value that is not below this share of them."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def serial_capacity_per_s(folder):
    """What the busiest of tiers and link could do, by a closed run; its first requests are warm-up."""
    rows = [row for row in requests(folder) if row["outcome"] == "completed"][5:]

    def mean(first, last):
        return statistics.mean(float(row[last]) - float(row[first]) for row in rows)
    return 1 / max(mean("device.start_s", "device.end_s"), mean("cloud.start_s", "cloud.end_s"),
                   mean("cloud.first_byte_s", "cloud.last_byte_s"))


def capacity_per_s(folder):
    """The answers per second of a run under full load, from the first request to the last answer."""
    rows = [row for row in requests(folder) if row["outcome"] == "completed"]
    return len(rows) / (max(float(row["completion_s"]) for row in rows) - float(rows[0]["arrival_s"]))


def compute_s(folder):
    """The computation of a request on all tiers, by a closed run."""
    return statistics.median(sum(float(row[f"{tier}.end_s"]) - float(row[f"{tier}.start_s"])
                                 for tier in ("device", "cloud")) for row in requests(folder)[5:])


def _bits(rate):
    return float(rate.split()[0]) * 1e6
