#include "sim/scenario/sections/engine_section.h"

namespace offcut::scenario {

void read_engine_section(MapReader& top, ReadSoFar& so_far) {
  MapReader engine = top.map("engine", false);
  so_far.scenario.own_links = engine.flag("own-links", true);
  engine.done();
}

}  // namespace offcut::scenario
