"""Reads the CSV files of results into data frames of pandas, with the line of each row as its index.

The csv module reads the rows: unlike pandas, it knows their lines, and refuses rows with missing fields.
"""

import csv
import difflib
import pathlib
import sys

import numpy
import pandas

from .errors import BadInput, NotThere

# Files whose names the user chooses are recognised by their first columns, which never change.
HEADERS = {
    "codecs.csv": ["cut", "tensors", "codec"],
    "compression.csv": ["step", "epochs", "file_bytes"],
    "sensitivity_of_layers.csv": ["pass", "layer", "weights", "setting"],
}


class Result:
    """A folder of results, or one file of a table. Names in pictures are those of RESULTS on the command line."""

    def __init__(self, path, name):
        self.path, self.name = pathlib.Path(path), name
        self.is_file = self.path.is_file()

    def path_of(self, table):
        """Return the path of a table that is there. Throws NotThere."""
        if self.is_file:
            first = HEADERS.get(table)
            if self.path.name != table and (not first or header_of(self.path)[:len(first)] != first):
                raise NotThere(self.path, f"is not a {table}")
            return self.path
        if not (self.path / table).is_file():
            raise NotThere(self.path, f"there is no {table}")
        return self.path / table

    def has(self, table):
        try:
            return bool(self.path_of(table))
        except NotThere:
            return False

    def table(self, table, columns, optional=()):
        """Return the columns as texts. Throws NotThere for a missing file, column or row, and BadInput."""
        return read_table(self.path_of(table), columns, optional)


def make_results(paths):
    """Return the results, named by the last part of their paths if these differ, otherwise by their paths."""
    names = [pathlib.Path(path).resolve().name for path in paths]
    return [Result(path, name if names.count(name) == 1 else str(path)) for path, name in zip(paths, names)]


def open_rows(path, file):
    """Yield (line, fields) for each row. Throws BadInput."""
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(file, strict=True)
    line = 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInput(f"{path}:{line}", f"not a CSV file in UTF-8: {error}") from error


def header_of(path):
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return next(open_rows(path, file), (1, []))[1]
    except OSError as error:
        raise BadInput(path, f"cannot be read: {error.strerror}") from error


def read_table(path, columns, optional=()):
    header = header_of(path)
    for column in columns:
        if column not in header:
            near = difflib.get_close_matches(column, header, 1)
            raise NotThere(path, f"there is no column '{column}'" + (f"; did you mean '{near[0]}'?" if near else ""))
    chosen = [column for column in [*columns, *optional] if column in header]
    places = [header.index(column) for column in chosen]
    lines, rows = [], []
    with open(path, newline="", encoding="utf-8") as file:
        for line, fields in open_rows(path, file):
            if len(fields) != len(header):
                raise BadInput(f"{path}:{line}", f"expected the {len(header)} fields of the header, got {len(fields)}")
            lines.append(line)
            rows.append([fields[place] for place in places])
    if len(rows) < 2:
        raise NotThere(path, "there is no row below the header")
    frame = pandas.DataFrame(rows[1:], columns=chosen, index=lines[1:], dtype=str)
    frame.attrs["path"] = str(path)
    return frame


def numbers(frame, column):
    """Return a column as numbers, NaN for empty fields. Throws BadInput."""
    texts = frame[column]
    values = pandas.to_numeric(texts.where(texts != ""), errors="coerce")
    wrong = (texts != "") & ~numpy.isfinite(values)
    if wrong.any():
        line = wrong.idxmax()
        raise BadInput(f"{frame.attrs['path']}:{line}", f"{column} is '{texts[line]}', expected a number")
    return values.astype(float)


def some_numbers(frame, column, why):
    """The same, but throws NotThere if all fields are empty."""
    values = numbers(frame, column)
    if values.isna().all():
        raise NotThere(frame.attrs["path"], f"column '{column}' is empty: {why}")
    return values
