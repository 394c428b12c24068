#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/base/random.h"
#include "models/base/registry.h"
#include "models/ops/operator.h"

namespace offcut::train {

/// Some of an operator's inputs, by index.
class InputSet {
 public:
  constexpr InputSet() = default;
  constexpr InputSet(std::initializer_list<unsigned> inputs) {
    for (const unsigned input : inputs) {
      bits_ |= 1U << input;
    }
  }
  static constexpr InputSet all() {
    InputSet set;
    set.bits_ = ~0U;
    return set;
  }
  constexpr bool has(std::size_t input) const {
    return ((bits_ >> (input < kMost ? input : kMost)) & 1U) != 0;
  }

 private:
  static constexpr std::size_t kMost = 31;  // Stands for all inputs from there on, too.
  unsigned bits_ = 0;
};

/// The result of a layer's forward pass in training.
struct Trained {
  std::vector<Tensor> outputs;
  std::vector<Tensor> saved;                            // For the backward pass.
  std::vector<std::pair<std::size_t, Tensor>> updates;  // New values of inputs: running statistics.
};

/// One layer on the way back. All floats have one type, float32 or float64, in which the gradients
/// are computed.
struct Backward {
  const ops::Operator& op;
  const ops::Call& call;            // With the types of the inputs below.
  std::span<const Tensor> inputs;   // Parameters, and those that Gradient::reads_inputs names.
  std::span<const Tensor> outputs;  // If Gradient::reads_outputs; otherwise absent tensors.
  std::span<const TensorType> output_types;
  std::span<const Tensor> saved;    // From Gradient::forward; empty if the layer ran in inference.
  std::span<const Tensor> slopes;   // dL/dy of each output; absent where L does not depend on it.
  const std::vector<bool>& wanted;  // For each input whether its gradient is needed.

  /// Returns the slope of an output, zeros if it is absent.
  Tensor slope(std::size_t output) const;
  DataType type() const;  // Of the floats.

  /// Returns zeros of an input's shape if its gradient is wanted, otherwise an absent tensor.
  Tensor zeros_if_wanted(std::size_t input) const;
};

/// The gradient of an operator: the product of the loss's gradient with respect to the outputs
/// (slopes) and the operator's Jacobian. Functions throw std::invalid_argument, without the layer's
/// name, for uses that have no gradient.
///
/// Where a function has a kink, the gradient is one of its one-sided ones, or between them, as in
/// PyTorch.
struct Gradient {
  std::string name;  // ONNX's name of the operator.
  std::string doc;   // One line: the derivative.

  /// The inputs and outputs that backward() reads: a training step keeps no others.
  InputSet reads_inputs = {};
  bool reads_outputs = false;

  /// The inputs that are weights if they are parameters of float32: training changes them.
  InputSet weights = {};

  /// Gradients pass through the outputs also where they are integers, as if these were real numbers.
  bool passes_integers = false;

  /// Returns dL/dx of each input; absent ones where it is not wanted. A result may share its
  /// elements with a slope.
  std::vector<Tensor> (*backward)(const Backward&);

  /// The forward pass, if it is another one in training than in inference (BatchNormalization,
  /// Dropout). The stream depends on seed, step and layer.
  Trained (*forward)(const ops::Call&, std::span<const Tensor> inputs, RandomStream) = nullptr;
};

void register_gradients(Registry<Gradient>& registry);  // Generated from models/train/gradients.

}  // namespace offcut::train

extern template class offcut::Registry<offcut::train::Gradient>;  // In gradient.cpp.
