#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "models/exec/activation.h"
#include "models/exec/segment.h"

namespace offcut::exec {

/// An input of an operation: a tensor of the graph, or a constant that a pass has put in its place.
/// A large constant is made on each use, so that it takes memory only while it is laid out.
struct Operand {
  TensorId id = kAbsent;
  Tensor constant;               // Absent if the graph's own tensor is read.
  std::function<Tensor()> make;  // Makes a finite constant of the type of tensor `id`.

  /// Returns whether the graph's own tensor is read.
  bool is_own() const { return constant.absent() && !make; }
};

/// Returns the value of a constant operand. A large one is read or made anew, and takes memory only
/// as long as it is used. REQUIRES: the operand is a parameter of the graph, or has a constant.
Tensor constant_of(const Graph& graph, const Operand& operand);

/// Only the activation, applied to the one input.
struct Elementwise {};

/// x W + b over x's last axis. Inputs: x, the constant W (K x N), and optionally b (N constants).
struct Linear {};

/// (x - mean) / sqrt(variance + epsilon) * scale + shift over the last axis. Inputs: x, and the
/// constants scale and shift.
struct LayerNorm {
  float epsilon = 0;
};

/// softmax(scale q k + mask) v, in each matrix of a stack (Vaswani et al., NeurIPS 2017, eq. 1).
/// Inputs: q (.. x S x D), k (.. x D x T), v (.. x T x E), and optionally the mask, which is
/// broadcast to .. x S x T.
struct Attention {
  enum class Mask {
    none,
    added,   // Added to the scaled scores.
    chosen,  // Where the mask is false, the score is `fill`.
  };
  float scale = 1;
  Mask mask = Mask::none;
  float fill = 0;
};

/// (integer - zero) * scale, for each integer of a tensor of uint8 or int8.
struct Scale {
  float scale = 1;
  std::int32_t zero = 0;

  bool operator==(const Scale&) const = default;
};

struct Operation;

/// The core on quantised tensors: it dequantises its inputs, computes, and quantises its result.
/// Sums are exact integers, and each is rounded once. Inputs: those of the core, with the integers
/// in the place of the tensors that were dequantised.
struct Quantized {
  std::vector<Scale> inputs;  // Of the inputs that are integers, the first ones.
  Scale output;
  Tensor weights;                    // int8, in the shape of the core's; absent for other cores.
  std::vector<float> weight_scales;  // One for each filter.
  bool is_linear = false;            // The core is Linear or Gemm.
  bool moves = false;     // The core's results are elements of its inputs; all scales are equal.
  bool averages = false;  // The core is GlobalAveragePool.
  /// The operations that it replaces, in order, for lowerings without such a kernel.
  std::shared_ptr<const std::vector<Operation>> parts;
};

/// A layer, and the layers that passes have merged into it: activation(core(inputs) + residual).
/// The core is the layer's operator, or the function that a group of layers computes.
struct Operation {
  LayerId layer = 0;  // The layer that gives the operator and its attributes.
  std::variant<std::monostate, Elementwise, Linear, LayerNorm, Attention, Quantized> group;
  std::vector<Operand> inputs;
  std::vector<TensorId> outputs;  // Outputs of the last merged layer.
  std::optional<TensorId> residual;
  std::optional<Activation> activation;
  std::string name;             // The layers' names, joined by '+'.
  std::vector<LayerId> layers;  // All merged layers.
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

  /// Returns the number of operations, including those that are merged away.
  std::size_t size() const { return operations_.size(); }
  bool merged_away(std::size_t index) const { return operations_[index].outputs.empty(); }
  const Operation& operator[](std::size_t index) const { return operations_[index]; }

  /// Returns whether the operation's core is a layer with this operator.
  bool has_op(const Operation& operation, std::string_view op) const {
    return operation.group.index() == 0 && layer(operation).op_name == op;
  }

  /// Returns the operation that makes the tensor, if one does.
  std::optional<std::size_t> producer(const Operand& tensor) const;

  /// Returns the operation whose only output is `tensor`, if a single operation reads it, once, and
  /// it does not leave the segment. Such an operation may be merged with its reader.
  std::optional<std::size_t> sole_producer(const Operand& tensor) const;

  /// Returns whether only the operations themselves read their outputs, except those of the last
  /// one.
  bool closed(const std::vector<std::size_t>& operations) const;

  /// Puts `rewritten` in the place of the last of the operations, which stand in order. It makes
  /// the outputs of that one, and all inputs of that one exist by then.
  /// REQUIRES: closed(operations).
  void merge(const std::vector<std::size_t>& operations, Operation rewritten);

  /// Removes the operation if nothing reads its outputs; its layers become those of `reader`.
  void absorb_unread(std::size_t operation, std::size_t reader);

  /// Returns whether the operand's value is known before anything runs.
  bool is_constant(const Operand& operand) const;
  /// REQUIRES: is_constant().
  Tensor constant(const Operand& operand) const;
  /// Returns the type of an input, or DataType::absent for an input that is omitted.
  TensorType type(const Operand& operand) const;

 private:
  void count_reads(const Operation& operation, int by);

  const Graph& graph_;
  const Segment& segment_;
  std::vector<Operation> operations_;
  std::map<TensorId, int> readers_;           // How often each tensor is read or leaves.
  std::map<TensorId, std::size_t> producer_;  // Index of the operation that makes the tensor.
};

}  // namespace offcut::exec
