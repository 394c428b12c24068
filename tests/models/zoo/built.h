#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/exec/segment.h"
#include "models/graph/random_input.h"
#include "models/zoo/network.h"

namespace offcut::zoo {

/// All operators and networks. Graphs that it builds point into it.
struct Zoo {
  Zoo() {
    ops::register_operators(operators);
    register_networks(networks);
  }
  Graph build(const std::string& name, std::uint64_t seed = 1) const {
    const Network* network = networks.find(name);
    if (network == nullptr) {
      throw std::invalid_argument("no network " + name);
    }
    return network->build(operators, seed);
  }

  Registry<ops::Operator> operators;
  Registry<Network> networks;
};

/// Returns values from 0 to 1 for an image or features, and valid values for other inputs.
inline Tensor ramp(const Graph& graph, TensorId input) {
  if (graph.tensor(input).type.type != DataType::float32) {
    return random_input(graph, input, random_stream(1, graph.tensor(input).name));
  }
  Tensor x(graph.tensor(input).type);
  const auto size = static_cast<float>(x.size());
  for (std::size_t i = 0; i < x.values<float>().size(); ++i) {
    x.values<float>()[i] = static_cast<float>(i) / size;
  }
  return x;
}

/// Returns the network's outputs, one by one, for inputs that go through all values from 0 to 1.
inline std::vector<std::vector<float>> answers(const Graph& graph) {
  exec::TensorMap inputs;
  for (const TensorId input : graph.inputs()) {
    inputs[input] = ramp(graph, input);
  }
  const auto tensors = exec::run(graph, exec::whole(graph), std::move(inputs));
  std::vector<std::vector<float>> all;
  for (const TensorId output : graph.outputs()) {
    const auto values = tensors.at(output).values<float>();
    all.emplace_back(values.begin(), values.end());
  }
  return all;
}

inline std::vector<float> answer(const Graph& graph) { return answers(graph).front(); }

inline bool all_finite(const std::vector<float>& values) {
  for (const float value : values) {
    if (!std::isfinite(value)) {
      return false;
    }
  }
  return true;
}

inline double sum(const std::vector<float>& values) {
  double total = 0;
  for (const float value : values) {
    total += value;
  }
  return total;
}

inline const TensorType& type_of(const Graph& graph, const std::string& tensor) {
  return graph.tensor(graph.find_tensor(tensor).value()).type;
}

}  // namespace offcut::zoo
