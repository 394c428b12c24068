#include "sim/engine/core/cell_rules.h"

#include <algorithm>

namespace offcut::engine {

void check_cell(const Simulation& simulation, std::size_t number, Findings& findings) {
  const Link& hop = simulation.hops[number];
  if (!hop.cell) {
    return;
  }
  findings.require(number < simulation.groups && !hop.shared && !hop.site,
                   "only devices' own links, without uplinks, can be stations of a cell");
  findings.require(simulation.own_links, "only the engine's own links serve cells");
  const auto leaves_devices = [](const std::vector<std::size_t>& leg) { return leg.front() == 0; };
  findings.require(
      std::none_of(simulation.long_legs.begin(), simulation.long_legs.end(), leaves_devices),
      "messages must not pass a tier as packets after a cell");
  const auto is_constant = [](const network::Rate& rate) { return rate.is_constant(); };
  findings.require(hop.rates(true).all(is_constant) && hop.rates(false).all(is_constant),
                   "the rates of stations must be constant");
}

}  // namespace offcut::engine
