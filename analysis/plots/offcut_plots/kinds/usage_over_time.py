"""Use of tiers over simulated time: busy cores and waiting requests, and the messages on the hops between."""

import math

import numpy

from ..errors import NotThere
from ..figures import add_legend, first_lines, line_handle, line_style, new_figure, set_scale, set_whole_scale
from ..labels import distinct, short_time_unit
from ..registry import Picture, kind
from ..tables import numbers

MOST_POINTS = 150  # More samples are drawn as means of neighbours, with the range of these as a shade.
AT_SAMPLES = "Values at the time of each sample"
HEIGHT = 1.15


def cores_of(result):
    """Return the cores of each tier in the run of the chosen plan, which comes first."""
    frame = result.table("tiers.csv", ["algorithm", "tier", "servers"])
    chosen = frame[frame["algorithm"] == frame["algorithm"].iloc[0]]
    return dict(zip(chosen["tier"], numbers(chosen, "servers")))


def samples_of(result):
    """Return (panels, seconds): a list of (label of the axis, {place: (times, values)}), all values known."""
    columns = ["time_s", "where", "present", "waiting", "busy_cores"]
    frame = result.table("series.csv", columns)
    for column in columns:
        if column != "where":
            frame[column] = numbers(frame, column)
    cores = cores_of(result)
    tiers = frame.dropna(subset=["busy_cores"])
    if tiers.empty:
        raise NotThere(result.path_of("series.csv"), "column 'busy_cores' is empty")
    hops = frame[frame["busy_cores"].isna() & (frame["where"] != "all")]
    busy, waiting = {}, {}
    for tier, rows in tiers.groupby("where", sort=False):
        if not cores.get(tier):
            raise NotThere(result.path_of("tiers.csv"), f"there is no row of tier '{tier}'")
        busy[tier] = (rows["time_s"].to_numpy(), 100 * rows["busy_cores"].to_numpy() / cores[tier])
        waiting[tier] = (rows["time_s"].to_numpy(), rows["waiting"].to_numpy())
    messages = {hop: (rows["time_s"].to_numpy(), rows["present"].to_numpy())
                for hop, rows in hops.groupby("where", sort=False)}
    panels = [("Busy cores (%)", busy), ("Waiting requests", waiting), ("Messages on hop", messages)]
    return [(label, lines) for label, lines in panels if lines]


def neighbours(values, group):
    """Return means, least and greatest values of groups of neighbours."""
    parts = [values[begin:begin + group] for begin in range(0, len(values), group)]
    return [numpy.array([f(part) for part in parts]) for f in (numpy.mean, numpy.min, numpy.max)]


@kind()
def draw(request):
    (result,) = request.results
    samples = samples_of(result)
    places, title = first_lines(list(dict.fromkeys(place for _, lines in samples for place in lines)))
    unit = short_time_unit(max(times[-1] for _, lines in samples for times, _ in lines.values()))
    figure, panels = new_figure(request.width, [HEIGHT] * len(samples), share_x=True)
    most = 1  # Samples of a point.
    for panel, (label, lines) in zip(panels, samples):
        for place, (times, values) in lines.items():
            if place not in places:
                continue
            style = line_style(places.index(place))
            group = math.ceil(len(times) / MOST_POINTS)
            most = max(most, group)
            mean, least, greatest = neighbours(values, group)
            at = neighbours(times * unit.times, group)[0]
            panel.plot(at, mean, label=place, **{**style, "linewidth": 1}, marker="o" if len(at) == 1 else None)
            if group > 1 and lines is not samples[0][1]:  # A core is busy or not: its range says nothing.
                panel.fill_between(at, least, greatest, color=style["color"], alpha=0.15, linewidth=0)
        panel.set_ylabel(label)
        set_whole_scale(panel.yaxis)
        panel.set_ylim(bottom=0)
        if panel.get_ylim()[1] < 1:
            panel.set_ylim(top=1)
    set_scale(panels[-1].xaxis, [])
    said = AT_SAMPLES if most == 1 else f"Lines: means of {most} samples. Shades: least to greatest"
    panels[-1].set_xlabel(f"Simulated time ({unit.name})\n{said}")
    figure.align_ylabels(panels)
    names = distinct(places)
    add_legend(figure, [(line_handle(line_style(index)), name) for index, name in enumerate(names)], title)
    return [Picture(figure)]
