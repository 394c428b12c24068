// The graph of a network as nodes and edges, without its weights.

#include "analysis/page/page_network.h"

#include <map>

namespace offcut::analysis {

nlohmann::ordered_json page_network(const experiment::PreparedModel& model) {
  using Json = nlohmann::ordered_json;
  const Graph& graph = model.graph;
  Json nodes = Json::array(), edges = Json::array();
  std::map<TensorId, std::size_t> input_node;
  for (const TensorId input : graph.inputs()) {
    input_node.emplace(input, nodes.size());
    nodes.push_back({graph.tensor(input).name, "input"});
  }
  const std::size_t first_layer = nodes.size();
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    nodes.push_back({graph.layer(id).name, graph.layer(id).op_name});
  }
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    const auto input = input_node.find(id);
    if (!tensor.producer && input == input_node.end()) {
      continue;  // Weights.
    }
    const std::size_t from = tensor.producer ? first_layer + *tensor.producer : input->second;
    for (const LayerId consumer : tensor.consumers) {
      edges.push_back({from, first_layer + consumer, tensor.name, to_text(tensor.type),
                       graph.wire_bytes(id)});
    }
  }
  return {{"model", model.name},
          {"group", model.group_name},
          {"name", graph.name()},
          {"nodes", std::move(nodes)},
          {"edges", std::move(edges)}};
}

}  // namespace offcut::analysis
