#pragma once

#include "models/graph/graph.h"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace offcut::onnx {

/// ONNX's own checker, layer by layer: attributes that an operator does not have, too few inputs
/// and the like. Throws std::invalid_argument with the layer's name. The graph as a whole is
/// checked by check_structure(): ONNX's checker refuses good files for a missing graph name or
/// output shape.
/// The layers of subgraphs are checked when they become layers of the graph. REQUIRES: every
/// operator is ONNX's own (the checker knows no others).
void check_with_onnx(const ::onnx::GraphProto& graph, int opset);

/// Compares the types of a layer's outputs with those that ONNX's shape inference finds for the
/// node that it was made from, where that finds them completely. Throws std::invalid_argument, with
/// the layer's name, where they differ: one of the two must be wrong, and so would be every number
/// that follows.
void compare_with_onnx(const Graph& graph, LayerId layer, const ::onnx::NodeProto& node);

}  // namespace offcut::onnx
