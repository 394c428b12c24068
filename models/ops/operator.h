#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/base/registry.h"
#include "models/graph/graph.h"

namespace offcut::ops {

/// One use of an operator: its attributes and the types of its inputs.
struct Call {
  const Attributes& attributes;
  int opset;
  std::span<const TensorType> inputs;  // DataType::absent for an optional input that is omitted.
  std::span<const Parameter* const> known;  // Per input: its value if it is a parameter, else null.
  std::size_t outputs = 1;                  // Number of outputs that are used.

  bool has(std::size_t input) const {
    return input < inputs.size() && inputs[input].type != DataType::absent;
  }

  /// Returns the shape of an input. Throws std::invalid_argument if it is missing or has no valid
  /// size.
  const Shape& shape(std::size_t input) const;

  /// Returns the value of a parameter that shapes depend on. Throws std::invalid_argument if the
  /// input is not a parameter.
  const Tensor& known_value(std::size_t input) const;

  /// Returns the elements of a parameter that shapes depend on, as int64. Throws
  /// std::invalid_argument if the input is not a parameter of type int64 or int32.
  std::vector<std::int64_t> known_integers(std::size_t input) const;
};

/// An ONNX operator as offcut knows it. All functions throw std::invalid_argument, without the
/// layer's name, for a use that the operator does not allow or that offcut does not support.
struct Operator {
  std::string name;  // ONNX's name.
  std::string doc;   // One line: the result, with the formula if it is short.
  LayerKind (*kind)(const Call&);

  /// Infers output types from input types.
  std::vector<TensorType> (*infer)(const Call&);

  /// Counts multiply-accumulates; 0 for operators that only move, compare or scale.
  double (*macs)(const Call&, std::span<const TensorType> outputs);

  /// The reference computation, in Eigen, float32. `inputs` match call.inputs, parameters included,
  /// and have the call's types. Not called if all outputs are empty.
  std::vector<Tensor> (*forward)(const Call&, std::span<const Tensor> inputs);

  /// The functions above take floats of 16 bits. For all other operators these are float32, and
  /// the outputs of float32 get the inputs' type, except for `float32_outputs` (see invoke.h).
  bool takes_short_floats = false;
  std::vector<std::size_t> float32_outputs = {};
};

void register_operators(Registry<Operator>& registry);  // Generated from models/ops/library/*.cpp.

/// For operators of one fixed kind that do no multiply-accumulates.
template <LayerKind kind>
LayerKind always(const Call&) {
  return kind;
}
inline double no_macs(const Call&, std::span<const TensorType>) { return 0; }

/// Adds a layer to the graph: looks up the operator, infers types, counts work. `inputs` may hold
/// kAbsent. Throws std::invalid_argument with the layer's name and operator.
LayerId apply(Graph& graph, const Registry<Operator>& operators, Layer layer,
              std::vector<std::string> output_names);

/// Computes one layer. `inputs` are its values, parameters included, in the order of layer.inputs.
/// Throws std::invalid_argument, which names the layer, if a value's type differs from the graph's,
/// or if the values do not allow the operation.
std::vector<Tensor> compute(const Graph& graph, LayerId layer, std::span<const Tensor> inputs);

}  // namespace offcut::ops

// Instantiated once, in operator.cpp.
extern template class offcut::Registry<offcut::ops::Operator>;
