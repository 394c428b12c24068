"""The kinds of plots. A kind is a file of the folder `kinds` with one function, which @kind registers under the name
of the file: latency_cdf.py is latency-cdf."""

import importlib
import pathlib
from typing import Callable, NamedTuple

KINDS = {}


class Picture(NamedTuple):
    figure: object
    part: str = ""  # Tells the pictures of a kind apart, in the names of their files.


class Request(NamedTuple):
    """What a kind draws."""
    results: list
    width: float  # Of the picture, in inches.
    figures: list  # Columns of summary.csv that --figure names; empty: the kind's own choice.


class Kind(NamedTuple):
    name: str
    joins: bool  # All results are in one picture; otherwise, each has one of its own.
    draw: Callable  # (Request) -> list of Pictures. Throws NotThere and BadInput.


def kind(joins=False):
    """Register a function that draws the results of a Request, all of which have what it needs, or throws NotThere."""
    def register(function):
        name = function.__module__.rpartition(".")[2].replace("_", "-")
        if name in KINDS:
            raise ValueError(f"{function.__module__} registers two functions")
        KINDS[name] = Kind(name, joins, function)
        return function
    return register


def load_kinds():
    """Return all kinds by name."""
    for file in sorted((pathlib.Path(__file__).resolve().parent / "kinds").glob("*.py")):
        if file.stem != "__init__":
            importlib.import_module(f"{__package__}.kinds.{file.stem}")
    return KINDS
