"""The Pareto front of plan --pareto: its plans in two objectives, beside the plans of all algorithms (plans.csv) that are
judged by the same latency."""

from ..errors import NotThere
from ..figures import GREY, PANEL_HEIGHT, add_legend, first_lines, line_handle, new_figure, point_style, set_scale
from ..labels import Unit, base_unit, distinct, scale, shortened, title, with_unit
from ..registry import Picture, kind
from ..tables import numbers

OBJECTIVES = ["latency_s", "energy_j", "money", "bottleneck_s", "accuracy_loss", "memory_bytes"]


def unit_of(objective, values):
    return Unit("%", 100) if objective == "accuracy_loss" else scale(base_unit(objective), values)


def other_plans(result, objectives):
    """Return the rows of plans.csv with these objectives; nothing without such columns."""
    try:
        frame = result.table("plans.csv", [*objectives, "measure"], ["model"])
    except NotThere:
        return None
    frame = frame[frame["measure"] == "latency"].copy()  # Of one request; not the mean over several, or over exits.
    for objective in objectives:
        frame[objective] = numbers(frame, objective)
    frame = frame.dropna(subset=objectives)
    return None if frame.empty else frame


def draw_front(panel, front, others, objectives, plans, joined):
    """Draw the front in two objectives: its line if they are all, its plans, and the others in grey."""
    x, y = objectives
    known = {objective: [*front[objective], *(others[objective] if others is not None else [])] for objective in objectives}
    units = [unit_of(objective, values) for objective, values in known.items()]
    if others is not None:
        panel.plot(others[x] * units[0].times, others[y] * units[1].times, linestyle="none", marker="o", color=GREY,
                   markersize=2.5, zorder=2, label="other plans")
    ordered = front.sort_values([x, y], kind="stable")
    front_x, front_y = ordered[x] * units[0].times, ordered[y] * units[1].times
    if joined:
        panel.plot(front_x, front_y, color="black", linewidth=0.7, drawstyle="steps-post", zorder=3, label="front")
    for row in ordered.itertuples():
        if row.plan in plans:
            panel.plot(getattr(row, x) * units[0].times, getattr(row, y) * units[1].times, linestyle="none", markersize=5,
                       zorder=4, label=row.plan, **point_style(plans.index(row.plan)))
    for axis, unit, objective in zip((panel.xaxis, panel.yaxis), units, objectives):
        set_scale(axis, [value * unit.times for value in known[objective]])
        axis.set_label_text(with_unit(title(objective), unit))
    panel.margins(0.08)


@kind()
def draw(request):
    (result,) = request.results
    header = result.table("pareto.csv", ["cut"], [*OBJECTIVES, "precisions", "model"])
    objectives = [objective for objective in OBJECTIVES if objective in header]
    if len(objectives) < 2:
        raise NotThere(result.path_of("pareto.csv"), f"a front has two objectives among {', '.join(OBJECTIVES)}")
    front = header
    for objective in objectives:
        front[objective] = numbers(front, objective)
    front["plan"] = front["cut"] + (", " + front["precisions"] if "precisions" in front else "")
    pictures = []
    for model, rows in front.groupby("model", sort=False) if "model" in front else [("", front)]:
        plans, legend_title = first_lines(list(dict.fromkeys(rows["plan"])))
        figure, panels = new_figure(request.width, [PANEL_HEIGHT] * (len(objectives) - 1))
        for panel, objective in zip(panels, objectives[1:]):
            others = other_plans(result, [objectives[0], objective])
            if others is not None and model:
                others = others[others["model"] == model] if "model" in others else None
            draw_front(panel, rows, others, (objectives[0], objective), plans, len(objectives) == 2)
        if model:
            panels[0].set_title(shortened(model), loc="left", pad=3, fontsize=7)
        entries = [(line_handle({"linestyle": "none", **point_style(i)}, markersize=5), name)
                   for i, name in enumerate(distinct(plans, 54))]
        if any(panel.get_lines()[0].get_label() == "other plans" for panel in panels):
            entries.append((line_handle({"linestyle": "none", "color": GREY}, "o", markersize=2.5), "plans of other algorithms"))
        add_legend(figure, entries, legend_title)
        pictures.append(Picture(figure, model))
    return pictures
