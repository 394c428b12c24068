#pragma once

#include <string>

#include "models/graph/graph.h"

namespace offcut {

/// Writes the graph with its weights as an ONNX model (IR version 8, the layers' own operator set):
/// layers, tensors and parameters keep their names, attributes their values. import_onnx() makes
/// the same graph of it, named after the file. What an input weighs on the wire is not part of
/// ONNX.
///
/// Throws std::invalid_argument for a graph that has no math (from a layer table), that mixes
/// operator sets, or whose weights exceed the 2 GB that one protobuf holds, and InputError where
/// the file cannot be written. Makes all parameters.
void export_onnx(const Graph& graph, const std::string& path);

/// The same model as bytes.
std::string export_onnx_bytes(const Graph& graph);

/// Writes a single tensor as a serialised TensorProto, as the ONNX test data has them;
/// read_tensor_pb() reads it. Throws InputError where the file cannot be written.
void write_tensor_pb(const Tensor& tensor, const std::string& name, const std::string& path);

}  // namespace offcut
