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

/// A parsed model, and the files that have the elements of its large tensors.
struct ParsedModel {
  std::unique_ptr<::onnx::ModelProto> proto;
  Weights weights;
};

/// Parses a file. Nothing is said of whether it makes sense. Throws InputError where it cannot be
/// read or is no protobuf.
ParsedModel read_model(const std::string& path);
ParsedModel parse_model(std::string_view bytes, const std::string& file);

/// Reads a single tensor (a serialised TensorProto, as the ONNX test data has them). Throws
/// InputError.
Tensor read_tensor_pb(const std::string& path);

}  // namespace offcut::onnx
