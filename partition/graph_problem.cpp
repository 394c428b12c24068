#include "partition/graph_problem.h"

#include <algorithm>

namespace offcut {

Problem problem_of(const Graph& graph, std::vector<TierTimes> tiers, std::vector<Hop> hops) {
  Problem problem{.hops = std::move(hops)};
  for (TierTimes& tier : tiers) {
    problem.tiers.push_back(std::move(tier.name));
    problem.seconds.push_back(std::move(tier.seconds));
  }
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    problem.layers.push_back(graph.layer(id).name);
  }
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.is_parameter()) {
      continue;
    }
    const auto& outputs = graph.outputs();
    problem.tensors.push_back(
        {.name = tensor.name,
         .producer = tensor.producer,
         .consumers = tensor.consumers,
         .bytes = Bytes(graph.wire_bytes(id)),
         .is_output = std::find(outputs.begin(), outputs.end(), id) != outputs.end()});
  }
  problem.check();
  return problem;
}

}  // namespace offcut
