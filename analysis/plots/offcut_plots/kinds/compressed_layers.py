"""Sensitivity of layers, from offcut compress --sensitivity: the accuracy of the network when a pass is applied to one layer
alone, over the setting of the pass."""

from ..figures import add_legend, first_lines, grid_figure, line_handle, line_style, point_style, set_scale, set_ticks
from ..labels import distinct, shortened
from ..registry import Picture, kind
from ..sweeps import make_axis
from ..tables import some_numbers


@kind()
def draw(request):
    (result,) = request.results
    frame = result.table("sensitivity_of_layers.csv", ["pass", "layer", "setting", "accuracy"])
    frame["percent"] = 100 * some_numbers(frame, "accuracy", "nothing was judged")
    passes = list(frame.groupby("pass", sort=False))
    layers, title = first_lines(list(dict.fromkeys(frame["layer"])))
    figure, panels = grid_figure(request.width, len(passes), share=False)
    for panel, (name, rows) in zip(panels, passes):
        # A setting is a parameter and its value, such as rate=0.9.
        parameters = list(dict.fromkeys(text.rpartition("=")[0] for text in rows["setting"]))
        texts = [text.rpartition("=")[2] if len(parameters) == 1 else text for text in rows["setting"]]
        axis = make_axis(parameters[0] or "setting", texts)
        rows = rows.assign(at=[axis.value(text) for text in texts]).dropna(subset=["percent"])
        for layer, some in rows[rows["layer"].isin(layers)].groupby("layer", sort=False):
            style = {**line_style(layers.index(layer)), **point_style(layers.index(layer)), "linewidth": 0.9}
            some = some.sort_values("at", kind="stable")
            panel.plot(some["at"], some["percent"], label=layer, **style)
        if axis.is_number:
            set_scale(panel.xaxis, [])
        else:
            set_ticks(panel.xaxis, axis.values, distinct(axis.texts, 12))
        set_scale(panel.yaxis, [])
        panel.set_xlabel(shortened(f"{name}: {axis.name}" if len(parameters) == 1 else name))
    add_legend(figure, [(line_handle({**line_style(i), **point_style(i)}), layer) for i, layer in enumerate(distinct(layers))],
               title, ylabel="Accuracy (%)")
    return [Picture(figure)]
