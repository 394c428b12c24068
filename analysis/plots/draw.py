#!/usr/bin/python3
"""Draws results as pictures: the part of `offcut plot` that needs matplotlib. The command checks its arguments, and calls
this program with them. All pictures are drawn before the first one is written."""

import argparse
import io
import os
import pathlib
import signal
import sys
import tempfile

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from offcut_plots.labels import printable  # noqa: E402  # pylint: disable=wrong-import-position

FAILURE, BAD_INPUT = 1, 2
PACKAGES = {"matplotlib": "python3-matplotlib", "pandas": "python3-pandas", "numpy": "python3-numpy"}
NO_DATE = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}


def say_error(text):
    print(printable(str(text)), file=sys.stderr)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", nargs="+")
    parser.add_argument("--kind", action="append", default=[])
    parser.add_argument("--figure", action="append", default=[])
    parser.add_argument("--format", action="append", default=[])
    parser.add_argument("--width", default="single")
    parser.add_argument("--out", required=True)
    parser.add_argument("--quiet", action="store_true")
    return parser.parse_args()


def draw_kind(kind, results, arguments, must_apply):
    """Return pairs of a file's name without its ending and a figure. Throws NotThere only if MUST_APPLY."""
    from offcut_plots.errors import NotThere
    from offcut_plots.figures import WIDTHS
    from offcut_plots.labels import file_part
    from offcut_plots.registry import Request

    pictures = []
    for group in [results] if kind.joins else [[result] for result in results]:
        if kind.joins and not must_apply and len(results) > 1:
            group = [result for result in results if applies(kind, result, arguments)]
            if not group:
                continue
        try:
            drawn = kind.draw(Request(group, WIDTHS[arguments.width], arguments.figure))
        except NotThere:
            if must_apply:
                raise
            continue
        for picture in drawn:
            parts = [group[0].name] if len(results) > 1 and not kind.joins else []
            parts += [picture.part] if picture.part else []
            pictures.append(("-".join([kind.name, *map(file_part, parts)]), picture.figure))
    return pictures


def applies(kind, result, arguments):
    from offcut_plots.errors import NotThere
    from offcut_plots.registry import Request

    try:
        kind.draw(Request([result], 3.5, arguments.figure))
    except NotThere:
        return False
    return True


def draw_all(arguments):
    """Return the pictures' files by name, as bytes."""
    from offcut_plots.errors import NotThere
    from offcut_plots.registry import load_kinds
    from offcut_plots.tables import make_results

    kinds = load_kinds()
    results = make_results(arguments.results)
    chosen = list(dict.fromkeys(arguments.kind)) or list(kinds)
    files = {}
    for name in chosen:
        for stem, figure in draw_kind(kinds[name], results, arguments, bool(arguments.kind)):
            for ending in dict.fromkeys(arguments.format or ["svg"]):
                while f"{stem}.{ending}" in files:
                    stem += "-2"
                buffer = io.BytesIO()
                figure.savefig(buffer, format=ending, metadata=NO_DATE[ending])
                files[f"{stem}.{ending}"] = buffer.getvalue()
    if not files:
        raise NotThere(", ".join(arguments.results), "no kind of plot applies; expected results of run, sweep, plan, codecs "
                       "or compress. `--kind` says what a kind lacks")
    return files


def write_files(folder, files):
    """Write all files under hidden names, then put them into place, undisturbed by signals. Throws OSError."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    hidden = {}
    try:
        for name, content in files.items():
            hidden[name] = os.path.join(folder, f".{name}.{os.getpid()}")
            with open(hidden[name], "wb") as file:
                file.write(content)
        for name in files:
            os.replace(hidden.pop(name), os.path.join(folder, name))
    finally:
        for path in hidden.values():
            if os.path.exists(path):
                os.remove(path)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def main():
    arguments = read_arguments()
    try:
        import offcut_plots  # noqa: F401  It sets up matplotlib, which is imported below.
        import matplotlib  # noqa: F401
        import pandas  # noqa: F401
    except ModuleNotFoundError as error:
        package = PACKAGES.get((error.name or "").partition(".")[0])
        if package is None:
            raise
        say_error(f"offcut plot: error: Python has no module '{error.name}': install Debian's package {package}")
        return BAD_INPUT
    from offcut_plots.errors import PlotError

    try:
        files = draw_all(arguments)
    except PlotError as error:
        say_error(error)
        return BAD_INPUT
    try:
        os.makedirs(arguments.out, exist_ok=True)
        os.rmdir(tempfile.mkdtemp(dir=arguments.out))
    except OSError as error:
        say_error(f"{arguments.out}: error: can't be used as a folder for plots: {error.strerror}")
        return BAD_INPUT
    try:
        write_files(arguments.out, files)
    except OSError as error:
        say_error(f"{arguments.out}: error: cannot be written: {error.strerror}")
        return FAILURE
    return 0 if arguments.quiet else say(f"plots: {os.path.join(arguments.out, '')}{', '.join(files)}")


def say(text):
    """Print a line. Return the exit code."""
    try:
        print(printable(text), flush=True)
        return 0
    except OSError as error:
        say_error(f"standard output: error: cannot be written: {error.strerror}")
        os._exit(FAILURE)  # Otherwise Python tries to write it once more.


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:  # pylint: disable=broad-except  # A user is told what, and never where in the program.
        say_error(f"offcut plot failed: {type(error).__name__}: {' '.join(str(error).split())}")
        os._exit(FAILURE)
