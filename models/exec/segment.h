#pragma once

#include <map>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::exec {

/// Tensors by id that enter or leave a segment.
using TensorMap = std::map<TensorId, Tensor>;

/// The part of a graph that runs in one place.
struct Segment {
  std::vector<LayerId> layers;   // Ascending.
  std::vector<TensorId> enters;  // Read but not made inside, without parameters; ascending.
  /// Made inside, and read outside or an output of the graph; ascending.
  std::vector<TensorId> leaves;
};

/// Returns the segment that holds exactly `layers`.
Segment segment_of(const Graph& graph, std::vector<LayerId> layers);

/// Returns the whole graph as one segment.
Segment whole(const Graph& graph);

/// Throws std::invalid_argument, which names the tensor, if `inputs` lacks a tensor that enters the
/// segment or has it with another type than the graph.
void check_inputs(const Graph& graph, const Segment& segment, const TensorMap& inputs);

/// Runs the segment's layers in topological order with the reference kernels. `inputs` must hold
/// the tensors that enter, with the graph's types (otherwise std::invalid_argument names the
/// tensor). Returns the tensors that leave. Tensors are freed after their last reader. The results
/// are bit for bit the same however the graph is cut.
TensorMap run(const Graph& graph, const Segment& segment, TensorMap inputs);

}  // namespace offcut::exec
