#include "sim/scenario/sections/engine_section.h"

#include <fmt/format.h>

namespace offcut::scenario {
namespace {

constexpr KeySpec kEngine[] = {
    {.name = "own-links",
     .kind = ValueKind::flag,
     .fallback = "true",
     .doc = "Lets offcut itself serve the links and the processor sharing for which it gives the "
            "same results as SimGrid, and faster. `false` leaves all of them to SimGrid.",
     .example = "own-links: false"},
};

}  // namespace

constinit const KeyTable kEngineKeys{.doc = "Settings of the engine.", .keys = kEngine};

void read_engine_section(MapReader& top, ReadSoFar& so_far) {
  MapReader engine = top.map("engine");
  so_far.scenario.own_links = engine.flag("own-links");
  for (const HopChoice& hop : so_far.scenario.hops) {
    const char* const key = hop.cell ? "cell" : hop.burst > Bytes(0) ? "burst" : nullptr;
    if (key != nullptr && !so_far.scenario.own_links) {
      engine.error("own-links", fmt::format("SimGrid's links serve no {}: expected true, or no "
                                            "{}.{}",
                                            key, hop.section, key));
      break;
    }
  }
  engine.done();
}

}  // namespace offcut::scenario
