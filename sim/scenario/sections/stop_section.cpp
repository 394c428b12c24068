#include "sim/scenario/sections/stop_section.h"

namespace offcut::scenario {

void read_stop(MapReader& top, ReadSoFar& so_far) {
  const std::size_t before = so_far.diagnostics.size();
  Scenario& scenario = so_far.scenario;
  scenario.stop_place = top.place("stop");
  MapReader stop = top.map("stop", true);
  if (stop.has("requests")) {
    if (stop.raw("after") != nullptr) {
      stop.error("after", "give 'requests' or 'after', not both");
    }
    scenario.stop.requests = stop.integer("requests", {}, {.least = 1, .most = kMostRequests});
  } else if (stop.has("after")) {
    stop.raw("requests");
    scenario.stop.after =
        stop.quantity<Seconds>("after", {}, {.least = 1e-9, .most = kMostSeconds});
  } else {
    stop.raw("requests");
    stop.raw("after");
    stop.missing({"requests", "after"}, "stop: 'requests' or 'after' is missing");
  }
  stop.done();
  so_far.length_known = stop.present() && so_far.diagnostics.size() == before;
}

}  // namespace offcut::scenario
