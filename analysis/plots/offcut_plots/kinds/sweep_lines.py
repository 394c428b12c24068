"""Figures of a sweep over its parameters, with their intervals over replications; saturated points are marked."""

from ..figures import (GREY, add_legend, first_lines, grid_figure, line_handle, line_style,
                       point_style, set_scale, set_ticks)
from ..labels import distinct
from ..registry import Picture, kind
from ..sweeps import figure_label, figure_unit, fixed_text, grouped, read_points

MOST_IN_PANEL = 8  # Lines of several variants and values. With more, each value gets a panel of its own.
MOST_PANELS = 12


def panels_of(points):
    """Return [(x axis, title, [(name, rows)], joined)], a panel each. The lines of a panel are variants, or variants at the
    values of the other parameters. Points that are not a grid are not joined, and each parameter has a panel."""
    x, *others = points.axes
    names = [axis.name for axis in others]
    by_others = grouped(points.frame, names)
    repeated = points.frame.duplicated([axis.name for axis in points.axes] + ["series"]).any()
    if names and (repeated or len(by_others) > MOST_PANELS):
        return [(axis, "", list(points.frame.groupby("series", sort=False)), False) for axis in points.axes[:MOST_PANELS]]
    groups = []
    for values, rows in by_others:
        groups.append((fixed_text(zip(names, values)), list(rows.groupby("series", sort=False))))
    groups.sort(key=lambda group: [axis.value(group[1][0][1][axis.name].iloc[0]) for axis in others])
    if len(groups) == 1 or len(groups) * len(points.series) > MOST_IN_PANEL:
        return [(x, text, lines, True) for text, lines in groups]
    if len(points.series) == 1:
        return [(x, "", [(text, rows) for text, ((_, rows),) in groups], True)]
    return [(x, "", [(f"{name}, {text}", rows) for text, lines in groups for name, rows in lines], True)]


def draw_line(panel, style, x, rows, figure, unit, joined):
    """Draw a line's means with their intervals, those of partly saturated points hollow. Return whether there are any."""
    known = rows.dropna(subset=[figure])
    panel.errorbar(known["at"], known[figure] * unit.times, yerr=known[f"{figure}_half_width"].fillna(0) * unit.times,
                   capsize=1.5, elinewidth=0.6, capthick=0.6, zorder=3,
                   **{**style, "linestyle": style["linestyle"] if joined else "none"})
    partly = known[known["saturated"] > 0]
    panel.plot(partly["at"], partly[figure] * unit.times, linestyle="none", marker=style["marker"], color=style["color"],
               markerfacecolor="white", zorder=4)
    return len(partly) > 0


def mark_saturated(panel, lines):
    """Mark the points without a mean above the panel's data, a row for each of LINES: pairs of a style and places on x."""
    for row, (style, places) in enumerate(lines):
        panel.plot(places, [1.03 + 0.05 * row] * len(places), linestyle="none", marker="x", color=style["color"], clip_on=False,
                   transform=panel.get_xaxis_transform(), zorder=4)


def draw_panel(panel, x, lines, names, figure, unit, joined):
    """Return whether some points are partly, and whether some are fully saturated."""
    is_partly, saturated = False, []
    for name, rows in lines:
        if name not in names:
            continue
        style = {**line_style(names.index(name)), **point_style(names.index(name))}
        rows = rows.assign(at=[x.value(text) for text in rows[x.name]]).sort_values("at", kind="stable")
        is_partly = draw_line(panel, style, x, rows, figure, unit, joined) or is_partly
        fully = rows[rows[figure].isna() & (rows["saturated"] > 0)]
        saturated += [(style, list(fully["at"]))] if len(fully) else []
    mark_saturated(panel, saturated)
    return is_partly, len(saturated)


def draw_figure(points, figure, width):
    panels = panels_of(points)
    names, title = first_lines(list(dict.fromkeys(name for _, _, lines, _ in panels for name, _ in lines)))
    shown = panels[:MOST_PANELS]
    joined = shown[0][3]
    picture, axes = grid_figure(width, len(shown), share=joined)
    unit = figure_unit(figure, points.frame[figure])
    is_partly = is_fully = False
    for panel, (x, text, lines, _) in zip(axes, shown):
        partly, rows = draw_panel(panel, x, lines, names, figure, unit, joined)
        is_partly, is_fully = is_partly or partly, is_fully or rows > 0
        set_scale(panel.xaxis, x.values if x.is_number else [])
        if not x.is_number:
            set_ticks(panel.xaxis, x.values, distinct(x.texts, 14))
            panel.tick_params(axis="x", rotation=30 if len(x.texts) > 3 else 0)
        set_scale(panel.yaxis, points.frame[figure].dropna() * unit.times)
        if not joined:
            panel.set_xlabel(x.label(), fontsize=7)
        panel.set_title(text, loc="left", pad=3 + 6 * rows, fontsize=7)
    entries = [(line_handle({**line_style(i), **point_style(i)}), name) for i, name in enumerate(distinct(names))]
    if is_partly:
        entries.append((line_handle({"color": GREY, "linestyle": "none"}, "o", markerfacecolor="white"), "some runs saturated"))
    if is_fully:
        entries.append((line_handle({"color": GREY, "linestyle": "none"}, "x"), "all runs saturated"))
    add_legend(picture, entries if len(entries) > 1 or names[0] != "scenario" else [], title,
               shown[0][0].label() if joined else "", figure_label(figure, unit))
    return Picture(picture, figure)


@kind()
def draw(request):
    points = read_points(request.results[0], request.figures)
    return [draw_figure(points, figure, request.width) for figure in points.figures]
