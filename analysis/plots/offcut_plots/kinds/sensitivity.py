"""The best plan's objective over a parameter, from plan --sensitivity: the lower envelope of all plans' costs, and the ranges in
which one plan is the best."""

import numpy

from ..figures import PANEL_HEIGHT, add_legend, first_lines, is_wide, line_handle, line_style, new_figure, set_scale
from ..labels import Unit, distinct, scale, shortened, with_unit
from ..registry import Picture, kind
from ..sweeps import grouped
from ..tables import some_numbers

INVERSE = ("up", "down", "bandwidth", "speed")  # A cost is linear in 1 / x of these, otherwise in x.
BYTES_PER_MBIT = 125e3


def parameter_unit(parameter, values):
    word = parameter.partition(" ")[0]
    if word in ("up", "down", "bandwidth"):
        return Unit("Mbit/s", 1 / BYTES_PER_MBIT)
    return scale("s", values) if word == "latency" else Unit("times", 1) if word in ("load", "speed") else Unit("SI unit", 1)


def curve(parameter, row, logarithmic):
    """Return the points of a range's curve in SI units. Costs are linear in the parameter, or in its inverse."""
    count = 50
    at = numpy.geomspace(row.start, row.end, count) if logarithmic else numpy.linspace(row.start, row.end, count)
    at[0], at[-1] = row.start, row.end
    if row.end == row.start:
        return at[:1], numpy.array([row.cost_start])
    if parameter.partition(" ")[0] in INVERSE and row.start > 0:
        share = (1 / row.start - 1 / at) / (1 / row.start - 1 / row.end)
    else:
        share = (at - row.start) / (row.end - row.start)
    return at, row.cost_start + share * (row.cost_end - row.cost_start)


@kind()
def draw(request):
    (result,) = request.results
    frame = result.table("sensitivity.csv", ["parameter", "from", "to", "objective_from", "objective_to", "cut"], ["model"])
    for name, column in [("start", "from"), ("end", "to"), ("cost_start", "objective_from"), ("cost_end", "objective_to")]:
        frame[name] = some_numbers(frame, column, "there is no range")
    groups = grouped(frame, [column for column in ("model", "parameter") if column in frame])
    cuts, title = first_lines(list(dict.fromkeys(frame["cut"])))
    figure, panels = new_figure(request.width, [PANEL_HEIGHT] * len(groups))
    for panel, (_, rows) in zip(panels, groups):
        parameter = rows["parameter"].iloc[0]
        unit = parameter_unit(parameter, rows["end"])
        ends = [*rows["start"] * unit.times, *rows["end"] * unit.times]
        costs = [*rows["cost_start"], *rows["cost_end"]]
        for row in rows[rows["cut"].isin(cuts)].itertuples():
            at, cost = curve(parameter, row, is_wide(ends))
            style = line_style(cuts.index(row.cut))
            panel.plot(at * unit.times, cost, label=row.cut, linewidth=1.8, **{"marker": "o" if len(at) == 1 else None, **style})
            panel.axvspan(row.start * unit.times, row.end * unit.times, color=style["color"], alpha=0.07, linewidth=0)
        for change in list(rows["start"])[1:]:
            panel.axvline(change * unit.times, color="#707070", linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
            panel.annotate(f"{change * unit.times:.3g}", (change * unit.times, 1), (0, 1), xycoords=("data", "axes fraction"),
                           textcoords="offset points", ha="center", va="bottom", fontsize=6)
        set_scale(panel.xaxis, ends)
        set_scale(panel.yaxis, costs)
        panel.set_xlim(min(ends), max(ends) if max(ends) > min(ends) else None)
        panel.set(xlabel=with_unit(shortened(parameter), unit), ylabel="Objective (SI unit)")
        if "model" in frame:
            panel.set_title(shortened(rows["model"].iloc[0]), loc="left", pad=8, fontsize=7)
    add_legend(figure, [(line_handle(line_style(i)), name) for i, name in enumerate(distinct(cuts, 54))], title)
    return [Picture(figure)]
