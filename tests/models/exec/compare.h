#pragma once

#include <cmath>
#include <cstring>

#include "models/exec/prepared.h"
#include "models/graph/random_input.h"
#include "models/zoo/network.h"

namespace offcut::exec {

/// Returns random values for all tensors that enter: numbers from 0 to 1, or valid indices.
inline TensorMap random_inputs(const Graph& graph, const Segment& segment, std::uint64_t seed = 1) {
  TensorMap inputs;
  for (const TensorId id : segment.enters) {
    inputs[id] = random_input(graph, id, random_stream(seed, "test input", id));
  }
  return inputs;
}

/// Returns the largest difference relative to the largest absolute value that is expected, or
/// infinity if types differ, if a value is not finite, or if other elements than float32 differ.
inline double error_of(const Tensor& got, const Tensor& expected) {
  if (got.type() != expected.type()) {
    return INFINITY;
  }
  if (got.type().type != DataType::float32) {
    return std::memcmp(got.bytes().data(), expected.bytes().data(), got.bytes().size()) == 0
               ? 0
               : INFINITY;
  }
  double largest = 0;
  double difference = 0;
  const auto a = got.values<float>();
  const auto b = expected.values<float>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i])) {
      return INFINITY;
    }
    largest = std::max<double>(largest, std::abs(b[i]));
    difference = std::max<double>(difference, std::abs(a[i] - b[i]));
  }
  return difference == 0 ? 0 : difference / largest;
}

/// Returns the largest error of all tensors.
inline double error_of(const TensorMap& got, const TensorMap& expected) {
  double error = got.size() == expected.size() ? 0 : INFINITY;
  for (const auto& [id, tensor] : expected) {
    error = std::max(error, got.contains(id) ? error_of(got.at(id), tensor) : INFINITY);
  }
  return error;
}

inline bool same_bits(const TensorMap& a, const TensorMap& b) {
  bool same = a.size() == b.size();
  for (const auto& [id, tensor] : a) {
    same = same && b.contains(id) && tensor.type() == b.at(id).type() &&
           std::memcmp(tensor.bytes().data(), b.at(id).bytes().data(), tensor.bytes().size()) == 0;
  }
  return same;
}

/// Returns the error of the graph, prepared as a whole.
inline double error_of_prepared(const Graph& graph, const PrepareOptions& options = {}) {
  const Segment all = whole(graph);
  const TensorMap inputs = random_inputs(graph, all);
  return error_of(prepare(graph, all, options).run(inputs), run(graph, all, inputs));
}

}  // namespace offcut::exec
