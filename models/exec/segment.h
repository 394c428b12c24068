#pragma once

#include <map>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::exec {

/// Tensors by id: what enters or leaves a segment.
using TensorMap = std::map<TensorId, Tensor>;

/// The part of a graph that runs in one place.
struct Segment {
  std::vector<LayerId> layers;   // ascending
  std::vector<TensorId> enters;  // read inside, not made inside; no parameters; ascending
  /// Made inside, and read outside or an output of the graph; ascending.
  std::vector<TensorId> leaves;
};

/// The segment that holds exactly `layers`.
Segment segment_of(const Graph& graph, std::vector<LayerId> layers);

/// The whole graph as one segment.
Segment whole(const Graph& graph);

/// Throws std::invalid_argument, naming the tensor, where `inputs` lacks something that enters the
/// segment or has it with another type than the graph.
void check_inputs(const Graph& graph, const Segment& segment, const TensorMap& inputs);

/// Runs the segment's layers in topological order with the reference kernels. `inputs` must hold
/// what enters, with the graph's types (std::invalid_argument names the tensor otherwise). Returns
/// what leaves. Tensors are freed after their last reader. Bit for bit the same however the graph
/// is cut.
TensorMap run(const Graph& graph, const Segment& segment, TensorMap inputs);

}  // namespace offcut::exec
