"""Reads points.csv of a sweep: its parameters as axes, and the figures of its variants."""

import difflib
import re
from typing import NamedTuple

import numpy

from .errors import BadInput, NotThere
from .labels import base_unit, scale, shortened, title, with_unit
from .tables import header_of, numbers

BITS = {"bit": 1 / 8, "kbit": 125, "Mbit": 125e3, "Gbit": 125e6, "Tbit": 125e9}
BYTES = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
SHORT_RATES = {"bps": 1 / 8, "kbps": 125, "Mbps": 125e3, "Gbps": 125e6, "Tbps": 125e9}
DATA = {**BITS, **BYTES}
# The units of scenarios, by dimension, in SI units.
DIMENSIONS = [
    {"": 1, "%": 0.01},
    {"s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60, "h": 3600, "d": 86400},
    DATA,
    {**{f"{unit}/s": size for unit, size in DATA.items()}, **SHORT_RATES},
    {"FLOP": 1, "kFLOP": 1e3, "MFLOP": 1e6, "GFLOP": 1e9, "TFLOP": 1e12},
    {"FLOP/s": 1, "kFLOP/s": 1e3, "MFLOP/s": 1e6, "GFLOP/s": 1e9, "TFLOP/s": 1e12},
    {"J": 1, "mJ": 1e-3, "uJ": 1e-6, "kJ": 1e3, "Wh": 3600, "mWh": 3.6},
    {"/s": 1, "/ms": 1e3, "/min": 1 / 60, "/h": 1 / 3600, "/d": 1 / 86400},
    {"W": 1, "mW": 1e-3, "kW": 1e3},
    {"m": 1, "km": 1e3},
    {"m/s": 1, "km/h": 1 / 3.6},
]
QUANTITY = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S*)")
FIRST_CHOICE = ["latency_mean_s", "latency_p95_s", "training_accuracy", "time_to_accuracy_s"]
HIGHER_IS_BETTER = {"throughput_per_s", "goodput_per_s", "accuracy", "requests_completed", "fairness", "latency_fairness",
                    "battery_life_s", "battery_left", "first_empty_s", "best_plan_share", "training_accuracy",
                    "training_best_accuracy"}


class Axis(NamedTuple):
    name: str
    unit: str
    texts: list  # The distinct values, in rising order if they are numbers.
    values: list  # Their places on the axis.
    is_number: bool

    def value(self, text):
        return self.values[self.texts.index(text)]

    def label(self, longest=None):
        """Return the text beside the axis. One that is longer than LONGEST lacks the first parts of the parameter's path."""
        text = with_unit(shortened(self.name), self.unit)
        if longest is None or len(text) <= longest:
            return text
        last = self.name.split(".")[-2:]
        names = (".".join(last), last[-1])
        return next((text for text in (with_unit(name, self.unit) for name in names) if len(text) <= longest),
                    shortened(with_unit(names[-1], self.unit), longest))


def make_axis(name, texts):
    """Return the axis of a parameter: numbers in the unit of the first value, otherwise the texts in their order."""
    distinct = list(dict.fromkeys(texts))
    matches = [QUANTITY.fullmatch(text.strip()) for text in distinct]
    if all(matches):
        units = [match[2] for match in matches]
        for sizes in DIMENSIONS:
            if all(unit in sizes for unit in units):
                values = [float(match[1]) * (sizes[match[2]] / sizes[units[0]]) for match in matches]
                order = sorted(range(len(values)), key=lambda i: values[i])
                return Axis(name, units[0], [distinct[i] for i in order], [values[i] for i in order], True)
    return Axis(name, "", distinct, list(range(len(distinct))), False)


class Points(NamedTuple):
    path: str
    frame: object  # A row per point and series, with the columns `series`, `saturated`, `used`, and the figures' means.
    axes: list  # Of the parameters with several values, those with the most values first.
    series: list  # The names of variants and algorithms, in their order.
    figures: list  # The columns that are drawn.


def series_name(row):
    names = [name for name in dict.fromkeys((row["variant"], row["algorithm"])) if name]
    return ": ".join(names) or "scenario"


def figures_of(path, header, chosen):
    """Return the columns to draw. Throws BadInput for a name that is none."""
    known = [name for name in header if f"{name}_half_width" in header]
    for name in chosen:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise BadInput("--figure", f"{path} has no figure '{shortened(name)}'"
                           + (f"; did you mean '{near[0]}'?" if near else ""))
    return list(dict.fromkeys(chosen)) or [name for name in FIRST_CHOICE if name in known]


def read_points(result, chosen):
    path = result.path_of("points.csv")
    header = header_of(path)
    if header[:1] != ["point"] or "variant" not in header:
        raise NotThere(path, "is not a table of a sweep: there are no columns 'point' and 'variant'")
    parameters = header[1:header.index("variant")]
    figures = figures_of(path, header, chosen)
    columns = [column for figure in figures for column in (figure, f"{figure}_half_width")]
    frame = result.table("points.csv", [*parameters, "variant", "algorithm", "saturated", "used", *columns])
    for column in ["saturated", "used", *columns]:
        frame[column] = numbers(frame, column)
    frame["series"] = [series_name(row) for _, row in frame.iterrows()]
    if (frame["variant"] != "").all() and (frame.groupby("variant")["algorithm"].nunique() == 1).all():
        frame["series"] = frame["variant"]  # It tells the algorithm, too.
    axes = [make_axis(name, frame[name]) for name in parameters]
    axes = sorted((axis for axis in axes if len(axis.texts) > 1), key=lambda axis: (not axis.is_number, -len(axis.texts)))
    if not axes:
        raise NotThere(path, "no parameter has several values")
    drawn = [figure for figure in figures if frame[figure].notna().any()]
    if not drawn:
        raise NotThere(path, f"no run has a figure among {', '.join(figures)}, or all were saturated")
    return Points(path, frame, axes, list(dict.fromkeys(frame["series"])), drawn)


def figure_unit(figure, values):
    return scale(base_unit(figure), [value for value in values if numpy.isfinite(value)])


def figure_label(figure, unit):
    return with_unit(title(figure), unit)


def grouped(frame, columns):
    """Return pairs of the values of COLUMNS, as a tuple, and the rows that have them, in the order of the rows."""
    if not columns:
        return [((), frame)]
    groups = frame.groupby(columns if len(columns) > 1 else columns[0], sort=False)
    return [(values if len(columns) > 1 else (values,), rows) for values, rows in groups]


def fixed_text(values):
    """Return what the panel of a sweep has in common: "rate = 2 /s"."""
    return ", ".join(f"{shortened(name.rpartition('.')[2], 20)} = {shortened(value, 20)}" for name, value in values)
