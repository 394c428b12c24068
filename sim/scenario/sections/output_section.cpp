#include "sim/scenario/sections/output_section.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kOutput[] = {
    {.name = "requests",
     .kind = ValueKind::choice,
     .choices = "true, false, all",
     .noun = "list of requests",
     .fallback = "true",
     .doc = "Writes `requests.csv`, a row per request of the chosen plan, or with `all` of every "
            "compared plan, with a last column `algorithm`.",
     .example = "requests: all"},
};

}  // namespace

constinit const KeyTable kOutputKeys{.doc = "The files of results.", .keys = kOutput};

void read_output_section(MapReader& top, ReadSoFar& so_far) {
  MapReader output = top.map("output");
  const auto requests = output.choice("requests");
  so_far.scenario.write_requests = requests == "all"     ? WrittenRequests::all
                                   : requests == "false" ? WrittenRequests::none
                                                         : WrittenRequests::chosen;
  output.done();
}

}  // namespace offcut::scenario
