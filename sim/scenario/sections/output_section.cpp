#include "sim/scenario/sections/output_section.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kOutput[] = {
    {.name = "requests",
     .kind = ValueKind::flag,
     .fallback = "true",
     .doc = "Writes `requests.csv`, a row per request of the chosen plan.",
     .example = "requests: false"},
};

}  // namespace

constinit const KeyTable kOutputKeys{.doc = "The files of results.", .keys = kOutput};

void read_output_section(MapReader& top, ReadSoFar& so_far) {
  MapReader output = top.map("output");
  so_far.scenario.write_requests = output.flag("requests");
  output.done();
}

}  // namespace offcut::scenario
