"""Stacked bars, one below the other, so that long names stay readable."""

from .figures import bar_handle
from .labels import distinct

BAR_HEIGHT = 0.2  # Inches.
FRAME_HEIGHT = 0.42  # Of the axis and its label.


def height_of(bars):
    return FRAME_HEIGHT + BAR_HEIGHT * max(2, bars)


def draw_stack(panel, names, parts, styles, times=1):
    """Draw a bar for each name, made up of parts: pairs of a part's name and its values, one for each bar. Each bar has its sum
    at its end. Return the entries of the legend."""
    left = [0.0] * len(names)
    for part, values in parts:
        widths = [value * times for value in values]
        panel.barh(range(len(names)), widths, left=left, height=0.7, label=part, **styles[part])
        left = [a + b for a, b in zip(left, widths)]
    for place, total in enumerate(left):
        panel.annotate(f"{total:.3g}" if total < 1000 else f"{total:.0f}", (total, place), (2, 0), textcoords="offset points",
                       va="center", fontsize=6)
    panel.set_yticks(range(len(names)), distinct(names, 24))
    panel.set_ylim(len(names) - 0.4, -0.6)
    panel.set_xlim(0, max(left) * 1.13 or 1)
    panel.grid(axis="y", visible=False)
    panel.tick_params(axis="y", length=0)
    return [(bar_handle(styles[part]), part) for part, _ in parts]
