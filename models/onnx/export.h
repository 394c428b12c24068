#pragma once

#include <set>
#include <string>

#include "models/graph/graph.h"

namespace offcut::onnx {

struct ExportOptions {
  /// Puts the weights into a file of their own, PATH.data, from where they are read when they are
  /// needed. Weights that exceed the 2 GB that one protobuf holds always go there.
  bool external_data = false;

  /// Names of float32 tensors that are float16 in the file: made by a Cast, or inputs.
  std::set<std::string> halves;
};

/// Writes the graph with its weights as an ONNX model (IR version 8, the layers' own operator set):
/// layers, tensors and parameters keep their names, attributes their values. import_onnx() makes
/// the same graph of it, named after the file. What an input weighs on the wire is not part of
/// ONNX.
///
/// Throws std::invalid_argument for a graph that has no math (from a layer table) or that mixes
/// operator sets, and InputError where a file cannot be written. Makes all parameters.
void export_onnx(const Graph& graph, const std::string& path, const ExportOptions& options = {});

/// The same model as bytes. Throws std::invalid_argument also where the weights exceed 2 GB.
std::string export_onnx_bytes(const Graph& graph);

/// Writes a single tensor as a serialised TensorProto, as the ONNX test data has them;
/// read_tensor_pb() reads it. Throws InputError where the file cannot be written.
void write_tensor_pb(const Tensor& tensor, const std::string& name, const std::string& path);

}  // namespace offcut::onnx
