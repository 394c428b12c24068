"""Codecs of offcut codecs: the encoded size of what crosses a cut, and the accuracy that it costs. The line is the front: no
codec with fewer bytes costs less."""

from ..errors import NotThere
from ..figures import add_legend, first_lines, grid_figure, line_handle, point_style, set_scale
from ..labels import distinct, scale, shortened, with_unit
from ..registry import Picture, kind
from ..tables import numbers, some_numbers

MOST_CUTS = 6  # With more, one panel has the codecs of all cuts.
ZSTD = "+zstd"


def loss_of(frame):
    """Return the label of a column, and its values in percent."""
    loss = numbers(frame, "accuracy_loss")
    if loss.notna().any():
        return "Loss of accuracy (%)", 100 * loss
    return "Changed answers (%)", 100 - 100 * some_numbers(frame, "agreement", "nothing was measured")


def front_of(rows):
    """Return the rows that cost less than all rows with at most as many bytes."""
    ordered = rows.sort_values(["bytes", "loss"], kind="stable")
    return ordered[ordered["loss"] < ordered["loss"].cummin().shift(fill_value=float("inf"))]


def draw_codecs(panel, rows, kinds, unit):
    for name, some in rows.groupby("codec", sort=False):
        style = point_style(kinds.index(name.replace(ZSTD, "")))
        panel.plot(some["bytes"] * unit.times, some["loss"], linestyle="none", label=name, markersize=4, zorder=3, **style,
                   markerfacecolor="white" if ZSTD in name else style["color"], markeredgewidth=0.8)
    front = front_of(rows)
    panel.plot(front["bytes"] * unit.times, front["loss"], color="#707070", linewidth=0.7, drawstyle="steps-post", zorder=2,
               label="front")


@kind()
def draw(request):
    (result,) = request.results
    frame = result.table("codecs.csv", ["cut", "codec", "bytes_mean", "accuracy_loss", "agreement"])
    frame["bytes"] = some_numbers(frame, "bytes_mean", "nothing was measured")
    label, frame["loss"] = loss_of(frame)
    frame = frame.dropna(subset=["bytes", "loss"])
    if frame.empty:
        raise NotThere(result.path_of("codecs.csv"), "no row has both a size and a loss")
    kinds, title = first_lines(list(dict.fromkeys(codec.replace(ZSTD, "") for codec in frame["codec"])))
    frame = frame[[codec.replace(ZSTD, "") in kinds for codec in frame["codec"]]]
    cuts = list(frame.groupby("cut", sort=False))
    if len(cuts) > MOST_CUTS:
        cuts = [(f"{len(cuts)} cuts", frame)]
    figure, panels = grid_figure(request.width, len(cuts), share=False)
    unit = scale("B", frame["bytes"])
    for panel, (cut, rows) in zip(panels, cuts):
        draw_codecs(panel, rows, kinds, unit)
        set_scale(panel.xaxis, rows["bytes"] * unit.times)
        set_scale(panel.yaxis, [])
        panel.margins(y=0.08)
        if rows["loss"].max() < 1 and rows["loss"].min() > -1:
            panel.set_ylim(min(-0.08, rows["loss"].min() - 0.08), 1)  # Losses of no weight look like none.
        panel.set_title(cut if cut.endswith("cuts") else f"cut after {shortened(cut, 24)}", loc="left", pad=3, fontsize=7)
    entries = [(line_handle({"linestyle": "none", **point_style(i)}, markersize=4), name)
               for i, name in enumerate(distinct(kinds, 28))]
    if frame["codec"].str.contains(ZSTD, regex=False).any():
        entries.append((line_handle({"linestyle": "none", "color": "black"}, "o", markerfacecolor="white", markersize=4), "with zstd"))
    add_legend(figure, [*entries, (line_handle({"color": "#707070", "linewidth": 0.7}), "front")], title,
               with_unit("Encoded size", unit), label)
    return [Picture(figure)]
