#include "sim/engine/links/cell_rules.h"

#include <algorithm>

#include "sim/engine/links/flows.h"

namespace offcut::engine {

void check_cell(const Simulation& simulation, std::size_t number, Findings& findings) {
  const Link& hop = simulation.hops[number];
  if (!hop.cell) {
    return;
  }
  findings.require(number < simulation.groups && !hop.shared && !hop.site,
                   "only devices' own links, without uplinks, can be stations of a cell");
  findings.require(simulation.own_links, "only the engine's own links serve cells");
  findings.require(!Flows::serves(simulation)[number],
                   "messages must not pass a tier as packets after a cell");
  const auto is_constant = [](const network::Rate& rate) { return rate.is_constant(); };
  findings.require(hop.rates(true).all(is_constant) && hop.rates(false).all(is_constant),
                   "the rates of stations must be constant");
}

}  // namespace offcut::engine
