#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "models/graph/tensor.h"

namespace onnx {
class ModelProto;
}

namespace offcut {

/// A parsed file. Nothing is said of whether it makes sense. Throws InputError where it cannot be
/// read or is no protobuf.
std::unique_ptr<onnx::ModelProto> read_model(const std::string& path);
std::unique_ptr<onnx::ModelProto> parse_model(std::string_view bytes, const std::string& file);

/// Reads a single tensor (a serialised TensorProto, as the ONNX test data has them). Throws
/// InputError.
Tensor read_tensor_pb(const std::string& path);

}  // namespace offcut
