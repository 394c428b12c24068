#pragma once

#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "models/exec/activation.h"
#include "models/exec/segment.h"

namespace offcut::exec {

/// What an operation reads: a tensor of the graph, or a constant that a pass has put in its place.
struct Operand {
  TensorId id = kAbsent;
  Tensor constant;  // absent where the graph's own tensor is read
};

/// The activation alone, of the one input.
struct Elementwise {};

/// x W + b over x's last axis. Inputs: x, the constant W (K x N), and b (N constants) or nothing.
struct Linear {};

/// (x - mean) / sqrt(variance + epsilon) * scale + shift over the last axis. Inputs: x, and the
/// constants scale and shift.
struct LayerNorm {
  float epsilon = 0;
};

/// softmax(scale q k + mask) v, in each matrix of a stack (Vaswani et al., NeurIPS 2017, eq. 1).
/// Inputs: q (.. x S x D), k (.. x D x T), v (.. x T x E), and the mask, which may be left out and
/// is broadcast to .. x S x T.
struct Attention {
  enum class Mask {
    none,
    added,   // to the scaled scores
    chosen,  // where the mask is false, the score is `fill`
  };
  float scale = 1;
  Mask mask = Mask::none;
  float fill = 0;
};

/// A layer, and the layers that passes have merged into it: activation(core(inputs) + residual).
/// The core is the layer's operator, or what a group of layers came to.
struct Operation {
  LayerId layer = 0;  // whose operator and attributes these are
  std::variant<std::monostate, Elementwise, Linear, LayerNorm, Attention> group;
  std::vector<Operand> inputs;
  std::vector<TensorId> outputs;  // of the last layer that was merged
  std::optional<TensorId> residual;
  std::optional<Activation> activation;
  std::string name;             // the layers' names, joined by '+'
  std::vector<LayerId> layers;  // all of them
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

  /// Whether the operation's core is a layer with this operator.
  bool is(const Operation& operation, std::string_view op) const {
    return operation.group.index() == 0 && layer(operation).op_name == op;
  }

  /// The operation that makes the tensor, where one does.
  std::optional<std::size_t> producer(const Operand& tensor) const;

  /// The operation whose only output is `tensor`, where nothing but operation `reader` reads it,
  /// once, and it does not leave the segment: the one that may be merged with its reader.
  std::optional<std::size_t> sole_producer(const Operand& tensor) const;

  /// Whether nobody but the operations themselves reads what they make, that of the last apart.
  bool closed(const std::vector<std::size_t>& operations) const;

  /// Puts `rewritten` in the place of the last of the operations, which stand in order: it makes
  /// what that one made, and whatever that one read exists by then.
  /// REQUIRES: closed(operations).
  void merge(const std::vector<std::size_t>& operations, Operation rewritten);

  /// Whether the input is given and known before anything runs.
  bool is_constant(const Operand& operand) const;
  /// REQUIRES: is_constant().
  Tensor constant(const Operand& operand) const;
  /// The type of an input; DataType::absent where it is left out.
  TensorType type(const Operand& operand) const;

 private:
  void count_reads(const Operation& operation, int by);

  const Graph& graph_;
  const Segment& segment_;
  std::vector<Operation> operations_;
  std::map<TensorId, int> readers_;           // how often each tensor is read or leaves
  std::map<TensorId, std::size_t> producer_;  // index of the operation that makes it
};

}  // namespace offcut::exec
