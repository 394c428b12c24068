"""Energy of each plan's run on each tier, made up of the states of its machines and radios."""

from ..bars import draw_stack, height_of
from ..errors import NotThere
from ..figures import GREY, add_legend, bar_style, fill_style, new_figure
from ..labels import scale, shortened, with_unit
from ..registry import Picture, kind
from ..tables import some_numbers

STYLES = {
    "busy": fill_style("#0072B2"),
    "idle": fill_style("#56B4E9", "////"),
    "radio: transfer": fill_style("#D55E00", "...."),
    "radio: promotion": fill_style("#CC79A7", "----"),
    "radio: waiting": fill_style("#E69F00", "\\\\\\\\"),
    "radio: tails": fill_style("#F0E442", "xxxx"),
    "radio: idle": fill_style(GREY, "oo"),
}


def state_name(part, state):
    if part == "machines":
        return state
    return "radio: tails" if state.startswith("tail") else f"radio: {state}"


def tables_of(results):
    """Return {tier: {state: {plan: joules}}}, in the order of the files, and the names of all plans."""
    tiers, plans = {}, []
    for result in results:
        frame = result.table("energy.csv", ["algorithm", "tier", "part", "state", "energy_j"])
        frame["joules"] = some_numbers(frame, "energy_j", "no power draw is known")
        for row in frame.dropna(subset=["joules"]).itertuples():
            plan = row.algorithm if len(results) == 1 else f"{result.name}: {row.algorithm}"
            if plan not in plans:
                plans.append(plan)
            states = tiers.setdefault(row.tier, {}).setdefault(state_name(row.part, row.state), {})
            states[plan] = states.get(plan, 0) + row.joules
    return tiers, plans


@kind(joins=True)
def draw(request):
    tiers, plans = tables_of(request.results)
    drawn = {tier: {state: plan_values for state, plan_values in states.items() if any(plan_values.values())}
             for tier, states in tiers.items()}
    drawn = {tier: states for tier, states in drawn.items() if states}
    if not drawn:
        raise NotThere(request.results[0].path_of("energy.csv"), "all energies are 0")
    states = list(dict.fromkeys(state for tier in drawn.values() for state in tier))
    order = [state for state in STYLES if state in states] + [state for state in states if state not in STYLES]
    styles = {state: STYLES.get(state) or bar_style(index) for index, state in enumerate(order)}
    figure, panels = new_figure(request.width, [height_of(len(plans)) + 0.17] * len(drawn))
    entries = {}
    for panel, (tier, values) in zip(panels, drawn.items()):
        parts = [(state, [values[state].get(plan, 0) for plan in plans]) for state in order if state in values]
        unit = scale("J", [sum(joules) for joules in zip(*[values for _, values in parts])])
        entries.update({text: handle for handle, text in draw_stack(panel, plans, parts, styles, unit.times)})
        panel.set_title(shortened(tier), loc="left", pad=3)
        panel.set_xlabel(with_unit("Energy of the run", unit))
    add_legend(figure, [(entries[state], state) for state in order])
    return [Picture(figure)]
