#include "sim/scenario/sections/stop_section.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kStop[] = {
    {.name = "requests",
     .kind = ValueKind::whole,
     .bounds = {1, kMostRequests},
     .absent = "required without `after`",
     .doc = "Ends the run after this many arrivals, once all of them are answered or dropped.",
     .example = "stop: {requests: 1000}"},
    {.name = "after",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {1e-9, kMostSeconds},
     .absent = "required without `requests`",
     .doc = "Ends the run at this time. Requests that are then in flight stay unanswered.",
     .example = "stop: {after: 10 min}"},
};

}  // namespace

constinit const KeyTable kStopKeys{
    .doc = "The end of the run.", .keys = kStop, .exactly_one = "requests, after"};

void read_stop(MapReader& top, ReadSoFar& so_far) {
  const std::size_t before = so_far.diagnostics.size();
  Scenario& scenario = so_far.scenario;
  scenario.stop_place = top.place("stop");
  if (top.raw("stop") == nullptr && top.has("training")) {
    return;
  }
  MapReader stop = top.map("stop", true);
  if (stop.has("requests")) {
    if (stop.raw("after") != nullptr) {
      stop.error("after", "give 'requests' or 'after', not both");
    }
    scenario.stop.requests = stop.integer("requests");
  } else if (stop.has("after")) {
    stop.raw("requests");
    scenario.stop.after = stop.quantity<Seconds>("after");
  } else {
    stop.raw("requests");
    stop.raw("after");
    stop.missing(split_list(kStopKeys.exactly_one), "stop: 'requests' or 'after' is missing");
  }
  stop.done();
  so_far.length_known = stop.present() && so_far.diagnostics.size() == before;
}

}  // namespace offcut::scenario
