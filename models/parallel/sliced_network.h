#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/parallel/slice.h"

namespace offcut::parallel {

/// The direction in which the weights of layers are sliced.
///
/// - Columns: each node has some of the output channels or units, reads the whole input, and a
///   gather joins the results (Krizhevsky, "One weird trick", 2014; the column-parallel layers of
///   Shoeybi et al., "Megatron-LM", 2019).
/// - Rows: each node has the weights of some of the input channels or units and reads those alone;
///   the partial sums are added up (the row-parallel layers of Megatron-LM). The first node adds
///   the bias.
enum class SliceDirection { columns, rows };

/// A part of a weight: positions [first, last) along an axis of the whole one, or all of it.
struct WeightSlice {
  std::string name;   // In the sliced network.
  std::string whole;  // In the original one.
  std::optional<std::size_t> axis;
  std::int64_t first = 0, last = 0;
};

/// A network whose layers with weights are sliced over nodes, as a graph: a slice is a layer by
/// itself, and so are the joins of their results. It computes what the original network does, up to
/// the order of sums, and so do its gradients: the slope of an input that all slices read is the
/// sum of theirs.
struct SlicedNetwork {
  Graph graph;
  std::vector<WeightSlice> weights;  // Of all slices; other parameters keep their names.
  /// By layer of the sliced network: the node that runs it; none for layers that all nodes run.
  std::vector<std::optional<std::size_t>> node_of;
  std::vector<std::optional<LayerId>> original;  // By layer: none for splits, gathers and sums.
  std::vector<double> share;                     // By layer: of its original layer's work.
};

/// Slices every layer that can be: convolutions without groups, Gemm and MatMul with weights that
/// no other layer reads. Channels are divided as evenly as they can be; a layer with fewer channels
/// than nodes has one slice for each. Throws std::invalid_argument for no nodes.
SlicedNetwork sliced_network(const Graph& graph, std::size_t nodes, SliceDirection direction,
                             const Registry<ops::Operator>& operators);

}  // namespace offcut::parallel
