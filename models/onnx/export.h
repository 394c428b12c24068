#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "models/graph/graph.h"

namespace offcut::onnx {

/// The most bytes of weights in an ONNX file itself. Protobuf's limit is 2^31, including names.
inline constexpr std::int64_t kMostProtobufBytes = 2'000'000'000;

struct ExportOptions {
  /// Puts the weights into a separate file, PATH.data, from which they are read on demand. Weights
  /// that exceed `most_bytes` always go there.
  bool external_data = false;
  std::int64_t most_bytes = kMostProtobufBytes;

  /// Names of float32 tensors that are float16 in the file: outputs of a Cast, or inputs.
  std::set<std::string> halves;

  /// The same graph for a batch of two, if the batch is to stay open: see open_batch.h. The
  /// dimensions that differ get no extent, and parameters that depend on the batch are computed
  /// from the extent of an input. REQUIRES: reason_fixed() is empty.
  const Graph* batch_of_two = nullptr;
};

/// Returns whether export_onnx() writes a data file beside the model.
bool has_data_file(const Graph& graph, const ExportOptions& options);

/// Returns the name or path of the data file of a model. A model refers to its data file by name,
/// so both can be moved to another folder, but not be renamed.
std::string data_file_of(const std::string& model);

/// Writes the graph with its weights as an ONNX model (the layers' own operator set, and the IR
/// version in which it was introduced, at least 8):
/// layers, tensors and parameters keep their names, and attributes their values. import_onnx()
/// reads the same graph, named after the file, except for the wire types of inputs, which are not
/// part of ONNX.
///
/// Throws std::invalid_argument for a graph that has no math (from a layer table) or that mixes
/// operator sets, and InputError if a file can't be written, in which case there may be a part of
/// it. Makes all parameters.
void export_onnx(const Graph& graph, const std::string& path, const ExportOptions& options = {});

/// Returns the bytes of the files that export_onnx() would write: the model and its data file.
/// Throws std::invalid_argument like it. Makes all parameters, and writes nothing.
std::uint64_t export_bytes(const Graph& graph, const std::string& path,
                           const ExportOptions& options = {});

/// Returns the same model as bytes. Throws std::invalid_argument also if the weights exceed 2 GB.
std::string export_onnx_bytes(const Graph& graph);

/// Writes a single tensor as a serialised TensorProto, the format of the ONNX test data, which
/// read_tensor_pb() reads. Throws InputError if the file can't be written.
void write_tensor_pb(const Tensor& tensor, const std::string& name, const std::string& path);

}  // namespace offcut::onnx
