"""Accuracy of the trained network over simulated time, or the test loss where there is no accuracy."""

from ..errors import NotThere
from ..figures import PANEL_HEIGHT, add_legend, first_lines, line_handle, line_style, new_figure, set_scale
from ..labels import distinct, short_time_unit
from ..registry import Picture, kind
from ..tables import numbers


def judgements(results):
    """Return (column, [(name, times, values)]) of the rounds after which the model was judged."""
    frames = []
    for result in results:
        frame = result.table("rounds.csv", ["end_s", "accuracy", "test_loss"])
        for column in ["end_s", "accuracy", "test_loss"]:
            frame[column] = numbers(frame, column)
        frames.append((result, frame))
    column = "test_loss" if all(frame["accuracy"].isna().all() for _, frame in frames) else "accuracy"
    lines = []
    for result, frame in frames:
        judged = frame.dropna(subset=[column, "end_s"])
        if judged.empty:
            raise NotThere(result.path_of("rounds.csv"), f"column '{column}' is empty")
        lines.append((result.name, judged["end_s"].to_numpy(), judged[column].to_numpy()))
    return column, lines


@kind(joins=True)
def draw(request):
    column, lines = judgements(request.results)
    lines, title = first_lines(lines)
    unit = short_time_unit(max(times[-1] for _, times, _ in lines))
    factor = 100 if column == "accuracy" else 1
    figure, (panel,) = new_figure(request.width, [PANEL_HEIGHT])
    entries = []
    for index, (name, (_, times, values)) in enumerate(zip(distinct([name for name, _, _ in lines]), lines)):
        marker = "o" if len(times) <= 30 else None
        panel.plot(times * unit.times, values * factor, label=name, marker=marker, markersize=2.5, **line_style(index))
        entries.append((line_handle(line_style(index), marker, markersize=2.5), name))
    set_scale(panel.xaxis, [])
    set_scale(panel.yaxis, [])
    panel.set(xlabel=f"Simulated time ({unit.name})", ylabel="Accuracy (%)" if column == "accuracy" else "Test loss")
    panel.set_xlim(left=0)
    add_legend(figure, entries if len(entries) > 1 else [], title)
    return [Picture(figure)]
