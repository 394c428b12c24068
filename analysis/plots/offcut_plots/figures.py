"""Figures in the style of a paper: panels of a column's width, lines and bars that differ without colour, and a legend
below the panels, where it hides nothing."""

import math

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from . import STYLE

matplotlib.rc_file(STYLE)  # Of settings, a file in the current folder comes before all others.

WIDTHS = {"single": 3.5, "double": 7.16}  # Inches, as in the two-column style of the IEEE.
PANEL_HEIGHT = 2.0
LABEL_HEIGHT = 0.15

# Colour-blind readers can tell these apart (Okabe and Ito, "Color Universal Design", 2008). Yellow comes last: it is
# pale on white paper.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#000000", "#CC79A7", "#56B4E9", "#E69F00", "#F0E442"]
GREY = "#999999"
LINE_COLOURS = [*COLOURS[:-1], "#777777"]  # A yellow line is too pale.
# Lines and bars that look alike have other colours, so that a print in black and white tells eight apart.
DASHES = ["-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (5, 1.2, 1, 1.2)), (0, (2.2, 1.2)), (0, (7, 2)), (0, (3, 1, 1, 1, 1, 1)),
          (0, (1, 2.5))]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]
HATCHES = ["", "////", "....", "\\\\\\\\", "xxxx", "----", "++++", "oo"]
MOST_LINES = 16  # Colours and dashes repeat after that, and nobody can read more.


def line_style(index):
    """Return the looks of a line, different for the first 64."""
    shift = index // len(COLOURS)
    return {"color": LINE_COLOURS[index % len(COLOURS)], "linestyle": DASHES[(index + 3 * shift) % len(DASHES)]}


def point_style(index):
    shift = index // len(COLOURS)
    return {"color": LINE_COLOURS[index % len(COLOURS)], "marker": MARKERS[(index + 3 * shift) % len(MARKERS)]}


def bar_style(index):
    shift = index // len(COLOURS)
    return fill_style(COLOURS[index % len(COLOURS)], HATCHES[(index + 3 * shift) % len(HATCHES)])


def fill_style(colour, hatch=""):
    return {"facecolor": colour, "hatch": hatch, "edgecolor": "white" if colour == "#000000" else "black"}


def new_figure(width, heights, share_x=False, share_y=False, columns=1, ratios=None):
    """Return a figure with panels of these heights (in inches, one for each row), and the panels row by row."""
    figure = Figure(figsize=(width, sum(heights)), layout="constrained")
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03)
    panels = figure.subplots(len(heights), columns, squeeze=False, sharex=share_x, sharey=share_y,
                             gridspec_kw={"height_ratios": heights, "width_ratios": ratios})
    return figure, list(panels.flat)


def grid_figure(width, count, share):
    """Return a figure with so many panels, beside each other where the width allows it. If they share their axes, only the
    outer ones have numbers."""
    columns = 1 if count == 1 else max(1, min(count, 2 if width < 5 else 3))
    rows = math.ceil(count / columns)
    figure, panels = new_figure(width, [PANEL_HEIGHT if rows == 1 else 1.5] * rows, share, share, columns)
    for place, panel in enumerate(panels[:count]):
        panel.tick_params(labelbottom=not share or place + columns >= count, labelleft=not share or place % columns == 0)
    for panel in panels[count:]:
        panel.remove()
    return figure, panels[:count]


def add_legend(figure, entries, title=None, xlabel="", ylabel=""):
    """Draw a legend of (handle, text) below the panels, in as many columns as fit, and make the figure higher by it. The labels
    are those that all panels share."""
    legend = draw_legend(figure, entries, title) if entries else 0
    below = legend + (LABEL_HEIGHT if xlabel else 0)
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + below)
    share = below / (height + below)
    figure.get_layout_engine().set(rect=(0, share, 1, 1 - share))
    if xlabel:
        figure.supxlabel(xlabel, y=legend / (height + below), va="bottom", fontsize=8)
    if ylabel:
        figure.supylabel(ylabel, y=(1 + share) / 2, fontsize=8)


def draw_legend(figure, entries, title):
    """Draw a legend at the foot of the figure. Return its height in inches."""
    # matplotlib leaves out texts that begin with an underscore.
    handles, texts = [handle for handle, _ in entries], [f"\u200b{text}" if text[0] == "_" else text for _, text in entries]
    width = figure.get_figwidth()
    for most_columns in range(min(4, len(entries)), 0, -1):
        columns = math.ceil(len(entries) / math.ceil(len(entries) / most_columns))
        legend = figure.legend(handles, texts, loc="lower center", ncol=columns, title=title)
        box = legend.get_window_extent(figure.canvas.get_renderer())
        if box.width <= width * figure.dpi or columns == 1:
            break
        legend.remove()
    return box.height / figure.dpi + 0.04


def line_handle(label_style, marker=None, **more):
    return Line2D([], [], **{**label_style, **({"marker": marker} if marker else {}), **more})


def bar_handle(style):
    return Patch(**style)


def first_lines(entries):
    """Return as many of the entries as a picture can hold, and a title for its legend that says if some are missing."""
    return entries[:MOST_LINES], f"the first {MOST_LINES} of {len(entries)}" if len(entries) > MOST_LINES else None


def is_wide(values, ratio=30):
    """Return whether the values are positive and spread so far that they need a logarithmic scale."""
    known = [value for value in values if math.isfinite(value)]
    return bool(known) and min(known) > 0 and max(known) / min(known) > ratio


def short_number(value, _=None):
    return f"{value:.10g}".replace("-", "−") if abs(value) < 1e6 else f"{value:.3g}".replace("-", "−")


def set_scale(axis, values):
    """Scale an axis, panel.xaxis or panel.yaxis, by its values: linear, or logarithmic with plain numbers."""
    if not is_wide(values):
        axis.set_major_formatter(FuncFormatter(short_number))
        return
    name = axis.axis_name
    getattr(axis.axes, f"set_{name}scale")("log")
    known = [value for value in values if math.isfinite(value)]
    decades = math.log10(max(known) / min(known))
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2.5 else (1,), numticks=20))
    axis.set_major_formatter(FuncFormatter(short_number))
    axis.set_minor_formatter(NullFormatter())


def set_whole_scale(axis):
    """Scale an axis of counts."""
    axis.set_major_locator(MaxNLocator("auto", integer=True))
    axis.set_major_formatter(FuncFormatter(short_number))


def set_ticks(axis, positions, texts):
    axis.set_major_locator(FixedLocator(positions))
    axis.set_minor_locator(NullLocator())
    axis.set_ticklabels(texts)
