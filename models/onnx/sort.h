#pragma once

namespace onnx {
class GraphProto;
}

namespace offcut::onnx {

/// Sorts the nodes of a graph, or of a subgraph, so that each comes after those that make what it
/// reads. ONNX demands that order, but converters write others, and ONNX Runtime sorts them. Nodes
/// keep their order where they can. Throws std::invalid_argument, which names the layers, if they
/// depend on each other in a cycle. REQUIRES: name_layers().
void sort_layers(::onnx::GraphProto& graph);

}  // namespace offcut::onnx
