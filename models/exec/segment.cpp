// Cuts segments out of a graph and runs them with the reference operators. A count of the
// readers that are still to come tells when a tensor can be freed.

#include "models/exec/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <stdexcept>

#include "models/graph/parameter_value.h"

namespace offcut::exec {
namespace {

bool contains(const std::vector<LayerId>& sorted, LayerId id) {
  return std::binary_search(sorted.begin(), sorted.end(), id);
}

/// Counts how often each tensor is still to be read inside the segment; leaving counts as one read.
std::map<TensorId, std::size_t> count_readers(const Graph& graph, const Segment& segment) {
  std::map<TensorId, std::size_t> readers;
  for (const LayerId layer : segment.layers) {
    for (const TensorId input : graph.layer(layer).inputs) {
      ++readers[input];
    }
  }
  for (const TensorId id : segment.leaves) {
    ++readers[id];
  }
  return readers;
}

}  // namespace

Segment segment_of(const Graph& graph, std::vector<LayerId> layers) {
  std::sort(layers.begin(), layers.end());
  std::set<TensorId> enters;
  std::set<TensorId> leaves;
  const std::set<TensorId> outputs(graph.outputs().begin(), graph.outputs().end());
  for (const LayerId id : layers) {
    for (const TensorId input : graph.layer(id).inputs) {
      if (input == kAbsent || graph.tensor(input).is_parameter()) {
        continue;
      }
      const auto& producer = graph.tensor(input).producer;
      if (!producer || !contains(layers, *producer)) {
        enters.insert(input);
      }
    }
    for (const TensorId output : graph.layer(id).outputs) {
      const auto& readers = graph.tensor(output).consumers;
      if (outputs.contains(output) || std::any_of(readers.begin(), readers.end(), [&](LayerId r) {
            return !contains(layers, r);
          })) {
        leaves.insert(output);
      }
    }
  }
  return {std::move(layers), {enters.begin(), enters.end()}, {leaves.begin(), leaves.end()}};
}

Segment whole(const Graph& graph) {
  std::vector<LayerId> layers(graph.layer_count());
  std::iota(layers.begin(), layers.end(), LayerId{0});
  return segment_of(graph, std::move(layers));
}

void check_inputs(const Graph& graph, const Segment& segment, const TensorMap& inputs) {
  for (const TensorId id : segment.enters) {
    const TensorNode& tensor = graph.tensor(id);
    const auto given = inputs.find(id);
    if (given == inputs.end()) {
      throw std::invalid_argument(fmt::format("tensor '{}' is missing", tensor.name));
    }
    if (given->second.type() != tensor.type) {
      throw std::invalid_argument(fmt::format("tensor '{}' is {}, expected {}", tensor.name,
                                              to_text(given->second.type()), to_text(tensor.type)));
    }
  }
}

TensorMap run(const Graph& graph, const Segment& segment, TensorMap tensors) {
  check_inputs(graph, segment, tensors);
  std::map<TensorId, std::size_t> readers = count_readers(graph, segment);
  std::vector<Tensor> arguments;
  for (const LayerId id : segment.layers) {
    const Layer& layer = graph.layer(id);
    arguments.clear();
    for (const TensorId input : layer.inputs) {
      if (input == kAbsent) {
        arguments.emplace_back();
      } else if (graph.tensor(input).is_parameter()) {
        arguments.push_back(parameter_value(graph.tensor(input)));
      } else {
        arguments.push_back(tensors.at(input));
      }
    }
    std::vector<Tensor> results = ops::compute(graph, id, arguments);
    arguments.clear();
    for (const TensorId input : layer.inputs) {
      if (--readers[input] == 0) {
        tensors.erase(input);
      }
    }
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      if (readers.contains(layer.outputs[i])) {
        tensors[layer.outputs[i]] = std::move(results[i]);
      }
    }
  }
  TensorMap left;
  for (const TensorId id : segment.leaves) {
    left[id] = tensors.at(id);
  }
  return left;
}

}  // namespace offcut::exec
