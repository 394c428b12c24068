#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/graph/graph.h"
#include "models/ops/operator.h"

namespace onnx {
class GraphProto;
class ValueInfoProto;
}  // namespace onnx

namespace offcut::onnx {

// Writes a graph whose batch stays open. Shapes that were folded hold the batch that the graph was
// imported with, so the graph is compared with the same one for a batch of two: numbers that differ
// depend on the batch, and are computed from it in the file.

/// A graph for a batch of one and, if its batch can stay open, for a batch of two.
struct BatchPair {
  Graph one;
  std::optional<Graph> two;

  const Graph* batch_of_two() const { return two ? &*two : nullptr; }  // For ExportOptions.
};
/// Returns the pair of a graph for a batch of one. Without a second one, `one` is the graph itself,
/// or as good as it.
BatchPair batch_pair(const Graph& graph, const Registry<ops::Operator>& operators);

/// Returns why the batch of `one` can't stay open, or an empty text: `two` has other layers, an
/// input or output has several elements of the batch in a dimension, a parameter depends on the
/// batch in a way that is not a multiple of it plus a constant, or no input shows the batch.
/// Compares the values of parameters of up to 16 MiB; larger ones are taken for weights.
std::string reason_fixed(const Graph& one, const Graph& two);

/// Replaces the extents that are the batch by the name "batch" in the description of a tensor.
void open_dimensions(const TensorType& one, const TensorType& two, ::onnx::ValueInfoProto& value);

/// Adds the layers that compute the parameters that depend on the batch. Returns the parameters
/// that they make, which need no initialiser. REQUIRES: reason_fixed() is empty.
std::vector<TensorId> add_batch_layers(const Graph& one, const Graph& two,
                                       ::onnx::GraphProto& nodes);

}  // namespace offcut::onnx
