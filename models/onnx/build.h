#pragma once

#include "models/ops/operator.h"

namespace onnx {
class ModelProto;
}

namespace offcut {

/// Turns the model into `graph`, folding what is constant. Takes the weights out of the model.
/// Throws std::invalid_argument. REQUIRES: check_structure(), and bound inputs.
void build_graph(onnx::ModelProto& model, int opset, const Registry<Operator>& operators,
                 Graph& graph);

}  // namespace offcut
