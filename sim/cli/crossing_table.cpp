#include "sim/cli/crossing_table.h"

#include <fmt/format.h>

#include "models/base/units.h"

namespace offcut::cli {

TextTable crossing_table(const Graph& graph, const partition::Placement& placement) {
  TextTable table({"crosses", "from", "to", "type", ">bytes"});
  for (const partition::CutTensor& crossing : partition::crossings(graph, placement)) {
    const TensorNode& tensor = graph.tensor(crossing.tensor);
    std::string to;
    for (const std::size_t tier : crossing.to) {
      to += (to.empty() ? "" : ", ") + placement.tiers[tier];
    }
    const TensorType on_wire{tensor.producer ? tensor.type.type : graph.wire_type(crossing.tensor),
                             tensor.type.shape};
    table.add({tensor.name, placement.tiers[crossing.from], to, to_text(on_wire),
               fmt::format("{:.0f}", graph.wire_bytes(crossing.tensor))});
  }
  return table;
}

std::string layer_range(const Graph& graph, const std::vector<LayerId>& layers) {
  if (layers.empty()) {
    return "none";
  }
  const std::string& first = graph.layer(layers.front()).name;
  return layers.size() == 1
             ? first
             : fmt::format("{}..{} ({})", first, graph.layer(layers.back()).name, layers.size());
}

}  // namespace offcut::cli
