"""Mean latency of each plan, made up of its waits, computations and transfers."""

from ..bars import draw_stack, height_of
from ..errors import NotThere
from ..figures import GREY, add_legend, fill_style, new_figure
from ..labels import scale, with_unit
from ..registry import Picture, kind
from ..tables import numbers, some_numbers

# Waits have the pale colours, and computing, sending and receiving the strong ones.
PARTS = {
    "device_wait_mean_s": ("device: wait", fill_style("#56B4E9", "////")),
    "device_compute_mean_s": ("device: compute", fill_style("#0072B2")),
    "upload_wait_mean_s": ("upload: wait", fill_style("#E69F00", "\\\\\\\\")),
    "upload_mean_s": ("upload", fill_style("#D55E00", "....")),
    "server_wait_mean_s": ("servers: wait", fill_style("#F0E442", "////")),
    "server_compute_mean_s": ("servers: compute", fill_style("#009E73", "xxxx")),
    "download_mean_s": ("download", fill_style("#CC79A7", "----")),
    "lost_mean_s": ("failures", fill_style("#000000", "....")),
    "team_mean_s": ("between devices", fill_style("white", "++++")),
    "handover_mean_s": ("handovers", fill_style(GREY, "oo")),
}


def rows_of(results):
    """Return the names of all plans with an answer, and for each part its seconds per plan."""
    names, seconds = [], {part: [] for part in PARTS}
    for result in results:
        columns = ["algorithm", "latency_mean_s", *[part for part in PARTS if part.split("_")[0] not in ("team", "handover")]]
        frame = result.table("summary.csv", columns, ["team_mean_s", "handover_mean_s", "verdict"])
        some_numbers(frame, "latency_mean_s", "no request was answered")
        answered = frame[frame["latency_mean_s"] != ""]
        for _, row in answered.iterrows():
            name = row["algorithm"] if len(results) == 1 else f"{result.name}: {row['algorithm']}"
            verdict = row.get("verdict", "")
            names.append(name if verdict in ("", "stable") else f"{name} ({verdict})")
        for part in PARTS:
            seconds[part] += list(numbers(answered, part).fillna(0)) if part in answered else [0] * len(answered)
    return names, seconds


@kind(joins=True)
def draw(request):
    names, seconds = rows_of(request.results)
    unit = scale("s", [sum(values) for values in zip(*seconds.values())])
    figure, (panel,) = new_figure(request.width, [height_of(len(names))])
    parts = [(PARTS[part][0], values) for part, values in seconds.items() if any(values)]
    if not parts:
        raise NotThere(request.results[0].path_of("summary.csv"), "all parts of the latency are 0")
    entries = draw_stack(panel, names, parts, dict(PARTS.values()), unit.times)
    panel.set_xlabel(with_unit("Mean latency", unit))
    add_legend(figure, entries)
    return [Picture(figure)]
