"""The best variant of a sweep, such as a cut, over two of its parameters: a map of cells, each with the number of the best."""

from typing import NamedTuple

from matplotlib.patches import Rectangle

from ..errors import NotThere
from ..figures import add_legend, bar_handle, bar_style, new_figure, set_ticks
from ..labels import distinct, title
from ..registry import Picture, kind
from ..sweeps import HIGHER_IS_BETTER, fixed_text, grouped, read_points

MOST_PANELS = 12
CELL_HEIGHT = 0.24
LETTER_WIDTH = 0.07  # Inches, of a label's letter in the mean.


class Cell(NamedTuple):
    x: str
    y: str
    best: list  # Numbers of the variants with the best mean; empty if none has a mean.


def cells_of(points, figure, x, y, rows):
    cells = []
    for (at_x, at_y), variants in rows.groupby([x.name, y.name], sort=False):
        known = variants.dropna(subset=[figure])
        best = known[figure].max() if figure in HIGHER_IS_BETTER else known[figure].min()
        cells.append(Cell(at_x, at_y, [points.series.index(name) for name in known["series"][known[figure] == best]]))
    return cells


def draw_cell(panel, cell, column, row):
    style = bar_style(cell.best[0]) if cell.best else {"facecolor": "white", "edgecolor": "black"}
    panel.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, linewidth=0.5, **style))
    numbers = [str(number + 1) for number in cell.best]
    text = "×" if not numbers else ",".join(numbers) if len(numbers) < 4 else f"{numbers[0]}–{numbers[-1]}" \
        if cell.best == list(range(cell.best[0], cell.best[-1] + 1)) else f"{numbers[0]},…"
    panel.text(column, row, text, ha="center", va="center", fontsize=6,
               bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})


def draw_figure(points, figure, width):
    x, y = sorted(points.axes[:2], key=lambda axis: list(points.frame.columns).index(axis.name))
    others = [axis.name for axis in points.axes[2:]]
    groups = grouped(points.frame, others)
    if len(groups) > MOST_PANELS:
        raise NotThere(points.path, f"a map has two parameters; the others have {len(groups)} combinations, at most "
                       f"{MOST_PANELS} are drawn")
    height = CELL_HEIGHT * max(len(y.texts), 4)
    picture, panels = new_figure(width, [height + 0.6] * len(groups))
    used, is_empty, is_shared = set(), False, False
    for panel, (values, rows) in zip(panels, groups):
        for cell in cells_of(points, figure, x, y, rows):
            draw_cell(panel, cell, x.texts.index(cell.x), y.texts.index(cell.y))
            used.update(cell.best)
            is_empty = is_empty or not cell.best
            is_shared = is_shared or len(cell.best) > 1
        panel.grid(False)
        panel.set(xlim=(-0.5, len(x.texts) - 0.5), ylim=(-0.5, len(y.texts) - 0.5), xlabel=x.label(),
                  ylabel=y.label(int((height + 0.2) / LETTER_WIDTH)))
        for axis, parameter in ((panel.xaxis, x), (panel.yaxis, y)):
            texts = [f"{value:.4g}" for value in parameter.values] if parameter.is_number else distinct(parameter.texts, 14)
            set_ticks(axis, range(len(texts)), texts)
        panel.tick_params(length=0)
        panel.set_title(fixed_text(zip(others, values)), loc="left", pad=3,
                        fontsize=7)
    names = distinct(points.series)
    entries = [(bar_handle(bar_style(number)), f"{number + 1} {names[number]}") for number in sorted(used)]
    if is_shared:  # A handle without ink: it explains the numbers of cells, which have the colour of the first.
        entries.append((bar_handle({"facecolor": "none", "edgecolor": "none"}), "several numbers: equally good"))
    if is_empty:
        entries.append((bar_handle({"facecolor": "white", "edgecolor": "black"}), "× none is stable"))
    add_legend(picture, entries, f"{'highest' if figure in HIGHER_IS_BETTER else 'lowest'} {title(figure)[:1].lower()}{title(figure)[1:]}")
    return Picture(picture, figure)


@kind()
def draw(request):
    points = read_points(request.results[0], request.figures)
    if len(points.axes) < 2:
        raise NotThere(points.path, "a map needs two parameters with several values, there is one")
    if len(points.series) < 2:
        raise NotThere(points.path, "a map needs several variants or algorithms, there is one")
    return [draw_figure(points, figure, request.width) for figure in points.figures]
