#pragma once

#include "models/graph/graph.h"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace offcut::onnx {

/// Checks each layer with ONNX's own checker: unknown attributes, too few inputs and the like.
/// Throws std::invalid_argument with the layer's name. check_structure() checks the graph as a
/// whole, because ONNX's checker refuses valid files for a missing graph name or output shape.
/// Layers of subgraphs are checked when they become layers of the graph. REQUIRES: every operator
/// is ONNX's own (the checker knows no others).
void check_with_onnx(const ::onnx::GraphProto& graph, int opset);

/// Compares the types of a layer's outputs with those that ONNX's shape inference finds for its
/// node, as far as these are complete. Throws std::invalid_argument with the layer's name if they
/// differ: one of the two must be wrong, and so would be all later numbers.
void compare_with_onnx(const Graph& graph, LayerId layer, const ::onnx::NodeProto& node);

}  // namespace offcut::onnx
