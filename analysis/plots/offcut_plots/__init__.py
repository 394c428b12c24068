"""The library of `offcut plot`: tables of results, figures in the style of a paper, and a file per kind of plot.

matplotlib reads its settings when it is imported. Variables of the user's would make another picture, or none; so would
files of the user's, whose settings figures.py replaces.
"""

import logging
import os
import pathlib
import warnings

STYLE = pathlib.Path(__file__).resolve().parent / "matplotlibrc"
os.environ["MATPLOTLIBRC"] = str(STYLE)
os.environ["MPLBACKEND"] = "agg"
logging.getLogger("matplotlib").setLevel(logging.CRITICAL)  # A home that cannot be written slows it down, no more.
warnings.simplefilter("ignore")  # As of letters that the font does not have: it draws a box in place of each.
