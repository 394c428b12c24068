#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "models/base/random.h"
#include "models/graph/graph.h"

namespace offcut {

/// Adds a layer without an operator to a graph that is never run.
inline LayerId add_plain_layer(Graph& graph, const std::string& name, std::vector<TensorId> inputs,
                               std::size_t outputs = 1) {
  std::vector<TensorNode> tensors;
  for (std::size_t i = 0; i < outputs; ++i) {
    tensors.push_back({.name = fmt::format("{}:{}", name, i), .type = {DataType::float32, {4}}});
  }
  return graph.add_layer({.name = name, .inputs = std::move(inputs)}, std::move(tensors));
}

/// Returns a graph of up to `most` layers with one or two inputs and a parameter. Each layer reads
/// up to three tensors, one perhaps twice, and makes one or two; a few read no activation at all.
/// Tensors that no layer reads are outputs.
inline Graph random_graph(RandomStream& random, std::size_t most) {
  Graph graph("random");
  std::vector<TensorId> tensors;
  for (std::size_t i = 0; i < 1 + random(2); ++i) {
    tensors.push_back(
        graph.add_input(fmt::format("in{}", i), {DataType::float32, {4}}, DataType::float32));
  }
  const TensorId weights = graph.add_parameter(
      "weights", {DataType::float32, {4}}, std::make_shared<Parameter>([] { return Tensor(); }));
  const std::size_t layers = 1 + random(static_cast<std::uint32_t>(most));
  for (std::size_t i = 0; i < layers; ++i) {
    std::vector<TensorId> inputs;
    const std::size_t reads = random(8) == 0 ? 0 : 1 + random(3);
    for (std::size_t k = 0; k < reads; ++k) {
      // Mostly recent tensors, so that the graphs are more than one level deep.
      const std::size_t back = 1 + random(random(2) == 0 ? 3 : tensors.size());
      inputs.push_back(tensors[tensors.size() - std::min(back, tensors.size())]);
    }
    inputs.push_back(random(2) == 0 ? weights : kAbsent);
    const LayerId id = add_plain_layer(graph, fmt::format("l{}", i), inputs, 1 + random(2));
    tensors.insert(tensors.end(), graph.layer(id).outputs.begin(), graph.layer(id).outputs.end());
  }
  for (const TensorId id : tensors) {
    if (graph.tensor(id).producer && graph.tensor(id).consumers.empty()) {
      graph.add_output(id);
    }
  }
  return graph;
}

}  // namespace offcut
