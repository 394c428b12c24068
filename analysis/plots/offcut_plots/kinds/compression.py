"""Passes of offcut compress --log: the size of the network in each form after every step, and its accuracy."""

from ..figures import add_legend, line_handle, line_style, new_figure, point_style, set_scale
from ..labels import distinct, scale, with_unit
from ..registry import Picture, kind
from ..tables import numbers, some_numbers

FORMS = {"file_bytes": "file", "dense_bytes": "dense", "sparse_bytes": "sparse", "codebook_bytes": "codebook",
         "huffman_bytes": "Huffman", "zstd_bytes": "zstd"}


@kind()
def draw(request):
    (result,) = request.results
    frame = result.table("compression.csv", ["step", *FORMS, "accuracy"])
    places = range(len(frame))
    sizes = {form: numbers(frame, form) for form in FORMS}
    some_numbers(frame, "dense_bytes", "nothing was measured")
    accuracy = numbers(frame, "accuracy") * 100
    has_accuracy = accuracy.notna().any()
    figure, panels = new_figure(request.width, [0.6 + 0.22 * max(4, len(frame))], share_y=True, columns=1 + has_accuracy,
                                ratios=[1.6, 1] if has_accuracy else None)
    unit = scale("B", [value for values in sizes.values() for value in values.dropna()])
    entries = []
    for index, (form, values) in enumerate(sizes.items()):
        style = {**line_style(index), **point_style(index), "linewidth": 0.8}
        panels[0].plot(values * unit.times, places, label=FORMS[form], **style)
        entries.append((line_handle(style), FORMS[form]))
    set_scale(panels[0].xaxis, [value * unit.times for values in sizes.values() for value in values.dropna()])
    panels[0].set_xlabel(with_unit("Size", unit))
    panels[0].set_yticks(places, distinct(frame["step"], 20))
    panels[0].set_ylim(len(frame) - 0.5, -0.5)
    if has_accuracy:
        panels[1].plot(accuracy, places, color="black", marker="o", linewidth=0.8, label="accuracy")
        set_scale(panels[1].xaxis, [])
        panels[1].set_xlabel("Accuracy (%)")
        panels[1].margins(x=0.12)
    add_legend(figure, entries)
    return [Picture(figure)]
