"""Mean latency of a chosen plan, of device-only and of cloud-only over an uplink's bandwidth, with its cuts as bands, from the
sweep.csv of scenarios/sweep_alexnet.sh. It is as wide as two columns."""

import latency_over_bandwidth as script

from ..errors import BadInput
from ..figures import WIDTHS
from ..registry import Picture, kind


@kind()
def draw(request):
    (result,) = request.results
    result.table("sweep.csv", script.COLUMNS)
    path = str(result.path_of("sweep.csv"))
    try:
        plans = script.read_plans(path)
        return [Picture(script.draw(plans, script.choose(plans, None, path), (WIDTHS["double"], 3.6)))]
    except script.BadInput as error:
        raise BadInput(*str(error).split(": ", 1)) from error
