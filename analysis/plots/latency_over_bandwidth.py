#!/usr/bin/python3
"""Draw the mean latency of a chosen plan, of device-only and of cloud-only over the bandwidth of the uplink.

scenarios/sweep_alexnet.sh writes the CSV: a row for each bandwidth and plan, with the columns
uplink_bit_per_s, algorithm, latency_mean_s, planned_latency_s and cut_after (others are ignored). Shades show
where the chosen plan cuts. Its cut changes where the idle latencies of the neighbouring plans are equal.
"""

import argparse
import csv
import difflib
import itertools
import math
import os
import sys
from typing import NamedTuple

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

COLUMNS = ["uplink_bit_per_s", "algorithm", "latency_mean_s", "planned_latency_s", "cut_after"]
DEVICE_ONLY, CLOUD_ONLY = "device-only", "cloud-only"

# Colour-blind readers can tell these colours apart (Okabe and Ito, "Color Universal Design", 2008). Where the
# chosen plan equals one of the other two, the band has the colour of that plan.
COLOURS = {DEVICE_ONLY: "#0072B2", CLOUD_ONLY: "#D55E00"}
CHOSEN_COLOUR = "#000000"
CUT_COLOURS = ["#009E73", "#CC79A7", "#F0E442", "#56B4E9", "#E69F00"]

# The top of the picture, as a multiple of the chosen plan's latency. Slower lines, such as those of an
# overloaded uplink, leave the picture.
HIGHEST = 8
LABEL_WIDTH = 0.2  # The share of the picture's width that a label takes.


class BadInput(Exception):
    """The CSV cannot be drawn. The message has the place and the reason."""


class Point(NamedTuple):
    bandwidth: float  # In bit/s.
    mean: float  # Simulated, in s.
    planned: float  # In an idle system, in s.
    cut_after: str


class Band(NamedTuple):
    """Neighbouring bandwidths at which the chosen plan is cut after the same layer."""

    cut_after: str
    low: float  # In bit/s.
    high: float
    from_text: str  # Its beginning, as far as the points determine it.


def number(row, column, place):
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise BadInput(f"{place}: {column} is '{row[column]}', expected a number above 0")
    return value


def check_header(header, path):
    for column in COLUMNS:
        if column not in header:
            near = difflib.get_close_matches(column, header, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise BadInput(f"{path}:1: there is no column '{column}'{hint}")


def read_rows(path):
    """Yield (place, row) for each row. Every row has all of COLUMNS."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file, strict=True)
            check_header(reader.fieldnames or [], path)
            for row in reader:
                place = f"{path}:{reader.line_num}"
                if None in row or None in row.values():
                    raise BadInput(f"{place}: expected the {len(reader.fieldnames)} fields of the header")
                yield place, row
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: is not a CSV file in UTF-8: {error}") from error


def read_plans(path):
    """Return the points of each algorithm, by bandwidth. A declined plan has no latency and thus no point."""
    plans = {}
    for place, row in read_rows(path):
        points = plans.setdefault(row["algorithm"], {})
        bandwidth = number(row, "uplink_bit_per_s", place)
        if bandwidth in points:
            raise BadInput(f"{place}: {row['algorithm']} is already given at {bandwidth:.17g} bit/s")
        if row["latency_mean_s"]:
            mean, planned = number(row, "latency_mean_s", place), number(row, "planned_latency_s", place)
            points[bandwidth] = Point(bandwidth, mean, planned, row["cut_after"])
    return {algorithm: sorted(points.values()) for algorithm, points in plans.items() if points}


def choose(plans, chosen, path):
    """Return the name of the plan that is compared with device-only and cloud-only."""
    others = [name for name in plans if name not in COLOURS]
    if chosen is None and not others:
        raise BadInput(f"{path}: there is no plan other than {DEVICE_ONLY} and {CLOUD_ONLY}")
    chosen = chosen or others[0]
    for name in [DEVICE_ONLY, CLOUD_ONLY, chosen]:
        if len(plans.get(name, [])) < 2:
            raise BadInput(f"{path}: {name} has a latency at fewer than two bandwidths")
    return chosen


def line_over_inverse(points, nearest):
    """Return (a, b) of latency = a + b / bandwidth, the idle latency of a plan at every bandwidth."""
    first, second = sorted(points, key=lambda p: abs(math.log(p.bandwidth / nearest)))[:2]
    slope = (first.planned - second.planned) / (1 / first.bandwidth - 1 / second.bandwidth)
    return first.planned - slope / first.bandwidth, slope


def change_between(left, right):
    """Return (bandwidth, text) of the change from the plan on the left to the plan on the right."""
    low, high = left[-1].bandwidth, right[0].bandwidth
    middle = math.sqrt(low * high)
    if len(left) > 1 and len(right) > 1:
        (a, b), (c, d) = line_over_inverse(left, middle), line_over_inverse(right, middle)
        meet = (b - d) / (c - a) if c != a else 0
        if low <= meet <= high:
            return meet, f"{meet / 1e6:.3g} Mbit/s"
    return middle, f"{low / 1e6:.3g}–{high / 1e6:.3g} Mbit/s"


def bands_of(points):
    runs = [list(run) for _, run in itertools.groupby(points, key=lambda p: p.cut_after)]
    changes = [change_between(left, right) for left, right in zip(runs, runs[1:])]
    edges = [(points[0].bandwidth, ""), *changes, (points[-1].bandwidth, "")]
    return [Band(run[0].cut_after, low, high, text) for run, (low, text), (high, _) in zip(runs, edges, edges[1:])]


def extreme_of(band, plans):
    """Return DEVICE_ONLY or CLOUD_ONLY if the band has the same cut, else None."""
    same = [name for name in (DEVICE_ONLY, CLOUD_ONLY) if plans[name][0].cut_after == band.cut_after]
    return same[0] if same else None


def in_words(band, plans):
    words = {DEVICE_ONLY: "all on the device", CLOUD_ONLY: "all in the cloud"}
    return words.get(extreme_of(band, plans), f"cut after {band.cut_after}")


def draw_bands(axes, bands, plans):
    on_top = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    cut_colours = itertools.cycle(CUT_COLOURS)
    for band in bands:
        colour = COLOURS.get(extreme_of(band, plans)) or next(cut_colours)
        axes.axvspan(band.low, band.high, facecolor=colour, alpha=0.13, linewidth=0)
        axes.annotate(in_words(band, plans), (math.sqrt(band.low * band.high), 1), xytext=(0, 5),
                      ha="center", va="bottom", **on_top)
    for band in bands[1:]:
        axes.axvline(band.low, color="#707070", linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        axes.annotate(band.from_text, (band.low, 1), xytext=(4, -5), ha="left", va="top",
                      fontsize="small", color="#404040", **on_top)


def draw_lines(axes, plans, chosen):
    """Draw the chosen plan below the other two, wide enough to be seen beneath them."""
    for name, width, colour in [(chosen, 4.5, CHOSEN_COLOUR), *((n, 1.6, c) for n, c in COLOURS.items())]:
        axes.plot([p.bandwidth for p in plans[name]], [p.mean * 1e3 for p in plans[name]],
                  linewidth=width, color=colour, solid_capstyle="round", zorder=3)


def label_lines(axes, plans, chosen):
    """Write each line's name beside it. There is always room below and left of a falling line."""
    def label(name, text, point, xytext, va):
        axes.annotate(text, (point.bandwidth, point.mean * 1e3), xytext, textcoords="offset points", ha="right",
                      va=va, color=COLOURS.get(name, CHOSEN_COLOUR), fontweight="bold")

    def distance(point):  # To the nearer of the other two lines.
        others = [q.mean for name in COLOURS for q in plans[name] if q.bandwidth == point.bandwidth]
        return min((abs(math.log(mean / point.mean)) for mean in others), default=0)

    left, right = axes.get_xlim()
    leftmost = left * (right / left) ** LABEL_WIDTH
    roomy = [p for p in plans[chosen] if p.bandwidth >= leftmost]
    free = math.sqrt(plans[DEVICE_ONLY][0].mean * axes.get_ylim()[1] / 1e3)  # Between device-only and the top.
    nearest = min(plans[CLOUD_ONLY], key=lambda p: abs(math.log(p.mean / free)))
    label(chosen, f"{chosen}\n(chosen plan)", max(roomy, key=distance), (-5, -7), "top")
    label(CLOUD_ONLY, CLOUD_ONLY, nearest, (-7, -1), "top")
    label(DEVICE_ONLY, DEVICE_ONLY, plans[DEVICE_ONLY][-1], (-6, 5), "bottom")


def round_ticks(low, high):
    """Return the multiples by 1, 2 and 5 of powers of ten in [low, high]."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [tick for k in decades for tick in (10.0**k, 2 * 10.0**k, 5 * 10.0**k) if low <= tick <= high]


def scale_axes(axes, points):
    """Show all bandwidths on x and the chosen plan's latencies on y, with round numbers on both axes."""
    means = [p.mean * 1e3 for p in points]
    axes.set(xscale="log", yscale="log", xlim=(points[0].bandwidth, points[-1].bandwidth),
             ylim=(min(means) / 1.5, max(means) * HIGHEST),
             xlabel="Uplink bandwidth (Mbit/s)", ylabel="Mean latency of a request (ms)")
    axes.minorticks_off()
    x_ticks, y_ticks = round_ticks(*axes.get_xlim()), round_ticks(*axes.get_ylim())
    axes.set_xticks(x_ticks, [f"{tick / 1e6:g}" for tick in x_ticks])
    axes.set_yticks(y_ticks, [f"{tick:g}" for tick in y_ticks])
    axes.grid(axis="y", color="#C8C8C8", linewidth=0.5)


def draw(plans, chosen, size=(7.6, 4.2)):
    plt.rcParams.update({"svg.hashsalt": "offcut", "axes.spines.top": False, "axes.spines.right": False})
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    scale_axes(axes, plans[chosen])
    draw_bands(axes, bands_of(plans[chosen]), plans)
    draw_lines(axes, plans, chosen)
    label_lines(axes, plans, chosen)
    return figure


def write(figure, path):
    """Write the same bytes for the same figure, without date and version, first to a file beside PATH."""
    kind = path[-3:].lower()
    beside = f"{path}.partial-{os.getpid()}"
    try:
        figure.savefig(beside, format=kind, dpi=150, metadata={"Date" if kind == "svg" else "Software": None})
        os.replace(beside, path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        if os.path.exists(beside):
            os.remove(beside)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: latency_over_bandwidth.py results/sweep-alexnet/sweep.csv latency.svg")
    parser.add_argument("csv", metavar="CSV", help="the joined summaries of a sweep")
    parser.add_argument("picture", metavar="PICTURE", help="the file to write, .png or .svg")
    parser.add_argument("--chosen", metavar="ALGORITHM",
                        help="the plan to draw (default: the first that is neither device-only nor cloud-only)")
    arguments = parser.parse_args()
    if not arguments.picture.lower().endswith((".png", ".svg")):
        parser.error(f"{arguments.picture}: expected a name that ends in .png or .svg")
    return arguments


def main():
    arguments = parse_arguments()
    try:
        plans = read_plans(arguments.csv)
        write(draw(plans, choose(plans, arguments.chosen, arguments.csv)), arguments.picture)
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
