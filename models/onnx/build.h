#pragma once

#include "models/onnx/constant_layers.h"
#include "models/onnx/weights.h"
#include "models/ops/operator.h"

namespace onnx {
class GraphProto;
}

namespace offcut::onnx {

/// Turns the model's nodes into `graph` and folds constants. Moves the weights out of the model.
/// `constant_layers` gets the layers that were folded; it may be null.
/// Throws std::invalid_argument. REQUIRES: check_structure(), check_constants(), bound inputs.
void build_graph(::onnx::GraphProto& model, Weights& weights, int opset,
                 const Registry<ops::Operator>& operators, bool untie,
                 ConstantLayers* constant_layers, Graph& graph);

}  // namespace offcut::onnx
