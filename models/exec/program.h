#pragma once

#include <map>
#include <optional>
#include <vector>

#include "models/exec/activation.h"
#include "models/exec/segment.h"

namespace offcut {

/// What an operation reads: a tensor of the graph, or a constant that a pass has put in its place.
struct Operand {
  TensorId id = kAbsent;
  Tensor constant;  // absent where the graph's own tensor is read
};

/// A layer, and the layers that passes have merged into it: activation(layer(inputs) + residual).
struct Operation {
  LayerId layer = 0;  // whose operator and attributes these are
  std::vector<Operand> inputs;
  std::vector<TensorId> outputs;  // of the last layer that was merged
  std::optional<TensorId> residual;
  std::optional<Activation> activation;
  std::string name;  // the layers' names, joined by '+'
};

/// A segment on its way to being prepared: a list of operations that passes rewrite.
///
/// Invariants:
/// 1. Operations stand in topological order.
/// 2. Every tensor that leaves the segment is some operation's output.
class Program {
 public:
  Program(const Graph& graph, const Segment& segment);

  const Graph& graph() const { return graph_; }
  const Segment& segment() const { return segment_; }
  const Layer& layer(const Operation& operation) const { return graph_.layer(operation.layer); }

  /// How many operations there are; some may be merged away.
  std::size_t size() const { return operations_.size(); }
  bool merged_away(std::size_t index) const { return operations_[index].outputs.empty(); }
  const Operation& operator[](std::size_t index) const { return operations_[index]; }

  /// The operation whose only output is `tensor`, where nothing but operation `reader` reads it,
  /// once, and it does not leave the segment: the one that may be merged with its reader.
  std::optional<std::size_t> sole_producer(const Operand& tensor) const;

  /// Puts `producer`, as rewritten by the caller, in the place of its reader: it makes what the
  /// reader made. The place is the reader's, so whatever the reader read exists by then.
  void merge(std::size_t producer, std::size_t reader, Operation rewritten);

  /// Whether the input is given and known before anything runs.
  bool is_constant(const Operand& operand) const;
  /// REQUIRES: is_constant().
  Tensor constant(const Operand& operand) const;
  /// The type of an input; DataType::absent where it is left out.
  TensorType type(const Operand& operand) const;

 private:
  const Graph& graph_;
  const Segment& segment_;
  std::vector<Operation> operations_;
  std::map<TensorId, std::size_t> readers_;   // how often each tensor is read or leaves
  std::map<TensorId, std::size_t> producer_;  // index of the operation that makes it
};

}  // namespace offcut
