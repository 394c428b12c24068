#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/base/registry.h"
#include "models/graph/graph.h"

namespace offcut::ops {

/// One use of an operator: its attributes and the types of what it reads.
struct Call {
  const Attributes& attributes;
  int opset;
  std::span<const TensorType> inputs;  // DataType::absent where an optional input is left out
  std::span<const Parameter* const>
      known;                // per input: its value where it is a parameter, else null
  std::size_t outputs = 1;  // how many are asked for

  bool has(std::size_t input) const {
    return input < inputs.size() && inputs[input].type != DataType::absent;
  }

  /// The shape of an input. Throws std::invalid_argument where it is missing or has no valid size.
  const Shape& shape(std::size_t input) const;

  /// The elements of a parameter that shapes depend on, as int64. Throws std::invalid_argument
  /// where the input is not a parameter of type int64 or int32.
  std::vector<std::int64_t> known_integers(std::size_t input) const;
};

/// What offcut knows of an ONNX operator. All functions throw std::invalid_argument, without the
/// layer's name, for a use that the operator does not allow or that offcut does not support.
struct Operator {
  std::string name;  // ONNX's
  std::string doc;   // one line: what it computes, with the formula where that is short
  LayerKind (*kind)(const Call&);

  /// Output types from input types.
  std::vector<TensorType> (*infer)(const Call&);

  /// Multiply-accumulates; 0 for operators that only move, compare or scale.
  double (*macs)(const Call&, std::span<const TensorType> outputs);

  /// The reference computation, in Eigen, float32. `inputs` match call.inputs, parameters included,
  /// and have the types that the call says. Not asked where no output has an element.
  std::vector<Tensor> (*forward)(const Call&, std::span<const Tensor> inputs);
};

void register_operators(Registry<Operator>& registry);  // generated from models/ops/library/*.cpp

/// For operators whose kind does not depend on the call, and that do no multiply-accumulates.
template <LayerKind kind>
LayerKind always(const Call&) {
  return kind;
}
inline double no_macs(const Call&, std::span<const TensorType>) { return 0; }

/// Adds a layer to the graph: looks up the operator, infers types, counts work. `inputs` may hold
/// kAbsent. Throws std::invalid_argument with the layer's name and operator.
LayerId apply(Graph& graph, const Registry<Operator>& operators, Layer layer,
              std::vector<std::string> output_names);

/// Computes one layer. `inputs` are its non-parameter and parameter values in the order of
/// layer.inputs. std::invalid_argument names the layer where one has another type than the graph
/// says, and where its values do not allow the operation.
std::vector<Tensor> compute(const Graph& graph, LayerId layer, std::span<const Tensor> inputs);

}  // namespace offcut::ops

// Instantiated once, in operator.cpp.
extern template class offcut::Registry<offcut::ops::Operator>;
