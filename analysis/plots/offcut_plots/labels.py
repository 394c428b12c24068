"""Texts of pictures: names that fit and cannot do harm, units in which numbers are short, and labels of columns."""

import math
import unicodedata
from typing import NamedTuple

LONGEST = 34


def printable(text):
    """Escape what garbles a picture: control characters, line ends, changes of direction, halves of pairs."""
    return "".join(c if not unicodedata.category(c).startswith(("C", "Zl", "Zp")) else f"\\u{ord(c):04x}" for c in text)


def shortened(text, longest=LONGEST):
    """Return a printable text, with the middle of a long one left out."""
    text = printable(text)
    if len(text) > longest:
        head = (longest - 1) * 2 // 3
        text = f"{text[:head]}…{text[len(text) - (longest - 1 - head):]}"
    return text or "(no name)"


def distinct(texts, longest=LONGEST):
    """Return shortened names that differ where the texts do."""
    known, names = {}, []
    for text in texts:
        if text not in known:
            short, count = shortened(text, longest), 1
            while short in known.values():
                count += 1
                short = f"{shortened(text, longest - 4)} ({count})"
            known[text] = short
        names.append(known[text])
    return names


def file_part(text):
    """Return a text that can be part of a file's name."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in text)
    return kept.strip("-.")[:60] or "unnamed"


class Unit(NamedTuple):
    name: str  # Empty for a plain number.
    times: float  # Drawn number = value * times.


PREFIXES = [(1e-9, "n"), (1e-6, "µ"), (1e-3, "m"), (1, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")]
# Units of columns by the ends of their names. The longest that fits counts.
ENDINGS = {"_bytes_per_s": "B/s", "_per_s": "/s", "_s": "s", "_bytes": "B", "_j": "J", "_w": "W", "_hours": "h"}
WITH_PREFIX = {"B/s", "bit/s", "s", "B", "J", "W"}
WHOLE = {"B", "B/s", "bit/s"}  # There are no thousandths of a byte.


def scale(base, values):
    """Return the unit in which the largest of the values has one to three digits before the point."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0)
    if base not in WITH_PREFIX or largest == 0:
        return Unit(base, 1)
    usable = [(size, prefix) for size, prefix in PREFIXES
              if not (base in WHOLE and size < 1) and not (base == "s" and size > 1)]
    size, prefix = max(((s, p) for s, p in usable if s <= largest * (1 + 1e-9)), default=usable[0])
    return Unit(prefix + base, 1 / size)


def base_unit(column):
    fitting = [ending for ending in ENDINGS if column.endswith(ending)]
    return ENDINGS[max(fitting, key=len)] if fitting else ""


TITLES = {"latency_mean_s": "Mean latency", "latency_max_s": "Longest latency", "accuracy_loss": "Loss of accuracy",
          "money": "Price (scenario's currency)", "bottleneck_s": "Longest stage", "memory_bytes": "Memory of the device",
          "training_accuracy": "Accuracy", "time_to_accuracy_s": "Time to the accuracy"}


def title(column):
    """Return what a column is called beside an axis, without its unit."""
    if column in TITLES:
        return TITLES[column]
    if column.startswith("latency_p") and column.endswith("_s") and column[9:-2].isdigit():
        digits = column[9:-2]
        return "Median latency" if digits == "50" else f"{digits[:2]}{'.' if digits[2:] else ''}{digits[2:]} % quantile of latency"
    fitting = [ending for ending in ENDINGS if column.endswith(ending)]
    words = (column[:-len(max(fitting, key=len))] if fitting else column).replace("_", " ")
    return shortened(words[:1].upper() + words[1:])


def with_unit(text, unit):
    name = unit.name if isinstance(unit, Unit) else unit
    return f"{text} ({name})" if name else text


def short_time_unit(longest):
    """Return the unit of an axis of simulated time up to so many seconds."""
    if longest < 1:
        return scale("s", [longest])
    steps = [(3 * 86400, 86400, "d"), (3 * 3600, 3600, "h"), (600, 60, "min")]
    return next((Unit(name, 1 / seconds) for least, seconds, name in steps if longest >= least), Unit("s", 1))
