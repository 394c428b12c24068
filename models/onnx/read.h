#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "models/graph/tensor.h"
#include "models/onnx/weights.h"

namespace onnx {
class ModelProto;
}

namespace offcut::onnx {

/// A parsed model and the files with the elements of its large tensors.
struct ParsedModel {
  std::unique_ptr<::onnx::ModelProto> proto;
  Weights weights;
};

/// Parses a file without checking the model. Throws InputError if the file can't be read or is not
/// a protobuf.
ParsedModel read_model(const std::string& path);
ParsedModel parse_model(std::string_view bytes, const std::string& file);

/// Reads a single tensor: a serialised TensorProto, the format of the ONNX test data. Throws
/// InputError.
Tensor read_tensor_pb(const std::string& path);

}  // namespace offcut::onnx
