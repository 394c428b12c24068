// Makes a planning problem of a graph: its tensors without parameters, the memory of its layers,
// and the layers that keep raw data on the device.

#include "partition/graph_problem.h"

#include <algorithm>
#include <numeric>

namespace offcut::partition {
namespace {

double parameter_bytes(const Graph& graph, const Layer& layer) {
  if (layer.op == nullptr) {
    return layer.work.parameter_bytes;  // From a layer table.
  }
  double bytes = 0;
  for (const TensorId input : layer.inputs) {
    if (input != kAbsent && graph.tensor(input).is_parameter()) {
      bytes += static_cast<double>(graph.tensor(input).type.bytes());
    }
  }
  return bytes;
}

/// Returns the bytes of tensors that are alive while each layer runs: the running sum of sizes
/// added where tensors begin to live and subtracted after their end.
std::vector<double> alive_bytes(const Graph& graph) {
  const std::size_t layers = graph.layer_count();
  std::vector<double> change(layers + 1, 0);
  const auto& outputs = graph.outputs();
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.is_parameter() || layers == 0) {
      continue;
    }
    const LayerId begin = tensor.producer.value_or(0);
    LayerId last = tensor.consumers.empty() ? begin : tensor.consumers.back();
    if (std::find(outputs.begin(), outputs.end(), id) != outputs.end()) {
      last = layers - 1;
    }
    change[begin] += static_cast<double>(tensor.type.bytes());
    change[last + 1] -= static_cast<double>(tensor.type.bytes());
  }
  std::partial_sum(change.begin(), change.end(), change.begin());
  return change;
}

}  // namespace

Problem problem_of(const Graph& graph, std::vector<TierTimes> tiers, std::vector<Hop> hops) {
  Problem problem{{.hops = std::move(hops)}};
  for (TierTimes& tier : tiers) {
    problem.tiers.push_back(std::move(tier.name));
    problem.seconds.push_back(std::move(tier.seconds));
  }
  const std::vector<double> alive = alive_bytes(graph);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    problem.layers.push_back(graph.layer(id).name);
    problem.memory.push_back({Bytes(parameter_bytes(graph, graph.layer(id))), Bytes(alive[id])});
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

std::vector<LayerId> layers_that_keep_inputs(const Graph& graph) {
  std::vector<bool> is_raw(graph.tensor_count(), false);
  for (const TensorId input : graph.inputs()) {
    is_raw[input] = true;
  }
  std::vector<bool> stays(graph.layer_count(), false);
  for (LayerId id = 0; id < stays.size(); ++id) {
    const Layer& layer = graph.layer(id);
    for (const TensorId input : layer.inputs) {
      stays[id] = stays[id] || (input != kAbsent && is_raw[input]);
    }
    for (const TensorId output : layer.outputs) {
      is_raw[output] = stays[id] && layer.work.macs == 0;
    }
  }
  std::vector<LayerId> all;
  for (LayerId id = stays.size(); id-- > 0;) {
    for (const TensorId input : graph.layer(id).inputs) {
      if (stays[id] && input != kAbsent && graph.tensor(input).producer) {
        stays[*graph.tensor(input).producer] = true;
      }
    }
    if (stays[id]) {
      all.insert(all.begin(), id);
    }
  }
  return all;
}

}  // namespace offcut::partition
