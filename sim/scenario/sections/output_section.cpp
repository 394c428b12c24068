#include "sim/scenario/sections/output_section.h"

namespace offcut::scenario {

void read_output_section(MapReader& top, ReadSoFar& so_far) {
  MapReader output = top.map("output", false);
  so_far.scenario.write_requests = output.flag("requests", true);
  output.done();
}

}  // namespace offcut::scenario
