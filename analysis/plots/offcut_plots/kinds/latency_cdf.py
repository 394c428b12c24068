"""The distribution of latency: for each plan, the share of its answers that took no longer."""

import numpy

from ..errors import NotThere
from ..figures import PANEL_HEIGHT, add_legend, first_lines, line_handle, line_style, new_figure, set_scale
from ..labels import distinct, scale, with_unit
from ..registry import Picture, kind
from ..tables import numbers


def chosen_algorithm(result):
    """Return the algorithm of the run whose requests are in requests.csv, if only they are."""
    try:
        return result.table("summary.csv", ["algorithm"])["algorithm"].iloc[0]
    except NotThere:
        return "chosen plan"


def latencies(results):
    """Return pairs of a plan's name and its sorted latencies in seconds."""
    found = []
    for result in results:
        frame = result.table("requests.csv", ["latency_s"], ["algorithm"])
        frame["value"] = numbers(frame, "latency_s")
        if "algorithm" not in frame:
            frame["algorithm"] = chosen_algorithm(result)
        for algorithm, rows in frame.dropna(subset=["value"]).groupby("algorithm", sort=False):
            found.append((algorithm if len(results) == 1 else f"{result.name}: {algorithm}", numpy.sort(rows["value"])))
        if frame["value"].isna().all():
            raise NotThere(result.path_of("requests.csv"), "column 'latency_s' is empty: no request was answered")
    return found


@kind(joins=True)
def draw(request):
    plans, title = first_lines(latencies(request.results))
    values = numpy.concatenate([sorted_values for _, sorted_values in plans])
    unit = scale("s", values)
    figure, (panel,) = new_figure(request.width, [PANEL_HEIGHT])
    entries = []
    for index, (name, (_, latency)) in enumerate(zip(distinct([name for name, _ in plans]), plans)):
        steps = numpy.concatenate([latency[:1], latency]) * unit.times
        panel.plot(steps, numpy.arange(len(steps)) / len(latency), drawstyle="steps-post", label=name, **line_style(index))
        entries.append((line_handle(line_style(index)), name))
    set_scale(panel.xaxis, values * unit.times)
    panel.set(xlabel=with_unit("Latency", unit), ylabel="Share of answers", ylim=(0, 1.01))
    add_legend(figure, entries, title)
    return [Picture(figure)]
