// Removes dead layers. Liveness goes backwards from the outputs over the layers, which are in
// topological order; a graph with dead layers is then copied without them. O(layers + tensors).
#include "models/graph/prune.h"

#include <algorithm>
#include <utility>

namespace offcut {
namespace {

struct Liveness {
  std::vector<bool> layers, tensors;
};

Liveness liveness_of(const Graph& graph) {
  Liveness live{std::vector<bool>(graph.layer_count(), false),
                std::vector<bool>(graph.tensor_count(), false)};
  for (const TensorId output : graph.outputs()) {
    live.tensors[output] = true;
  }
  for (LayerId id = graph.layer_count(); id-- > 0;) {
    const Layer& layer = graph.layer(id);
    live.layers[id] = std::any_of(layer.outputs.begin(), layer.outputs.end(),
                                  [&](TensorId output) { return live.tensors[output]; });
    for (const TensorId input : layer.inputs) {
      if (live.layers[id] && input != kAbsent) {
        live.tensors[input] = true;
      }
    }
  }
  return live;
}

/// Copies the live part. Tensors are added in their old order.
Graph live_part(const Graph& graph, const Liveness& live) {
  Graph part(graph.name());
  std::vector<TensorId> ids(graph.tensor_count(), kAbsent);
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.is_parameter()) {
      if (live.tensors[id]) {
        ids[id] = part.add_parameter(tensor.name, tensor.type, tensor.parameter);
      }
    } else if (!tensor.producer) {
      ids[id] = part.add_input(tensor.name, tensor.type, graph.wire_type(id));
    } else if (const LayerId maker = *tensor.producer;
               live.layers[maker] && graph.layer(maker).outputs.front() == id) {
      Layer layer = graph.layer(maker);
      for (TensorId& input : layer.inputs) {
        input = input == kAbsent ? kAbsent : ids[input];
      }
      std::vector<TensorNode> outputs;
      for (const TensorId output : std::exchange(layer.outputs, {})) {
        outputs.push_back({.name = graph.tensor(output).name, .type = graph.tensor(output).type});
      }
      const Layer& added = part.layer(part.add_layer(std::move(layer), std::move(outputs)));
      for (std::size_t i = 0; i < added.outputs.size(); ++i) {
        ids[graph.layer(maker).outputs[i]] = added.outputs[i];
      }
    }
  }
  for (const TensorId output : graph.outputs()) {
    part.add_output(ids[output]);
  }
  return part;
}

}  // namespace

Graph without_dead_layers(Graph graph) {
  const Liveness live = liveness_of(graph);
  const bool all = std::all_of(live.layers.begin(), live.layers.end(), [](bool l) { return l; });
  return all ? std::move(graph) : live_part(graph, live);
}

}  // namespace offcut
