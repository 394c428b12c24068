#pragma once

#include <cstdint>
#include <string>

#include "models/graph/tensor.h"

namespace onnx {
class TensorProto;
}

namespace offcut::onnx {

/// Converts ONNX's element type to ours. Throws std::invalid_argument with its name if we have
/// none.
DataType data_type(std::int32_t onnx_type);

/// Returns the name of ONNX's element type: ours, or else ONNX's in lower case, or else its number.
std::string element_type_name(std::int32_t onnx_type);

/// Returns ONNX's number for one of our element types.
std::int32_t onnx_type(DataType type);

/// Returns the tensor's type. Throws std::invalid_argument if the type is not supported or the
/// extents are invalid.
TensorType tensor_type(const ::onnx::TensorProto& proto);

/// Throws std::invalid_argument if the tensor can't be decoded: its type is not supported, its data
/// are in another file, or it has more or fewer elements than its shape says.
void check_tensor(const ::onnx::TensorProto& proto);

/// REQUIRES: check_tensor() accepts the tensor.
Tensor decode(const ::onnx::TensorProto& proto);

/// Sets each byte of a boolean tensor to 0 or 1, as C++ requires of a bool; a file may have others.
/// Leaves tensors of other types unchanged.
void normalise_booleans(Tensor& tensor);

/// Sets the tensor's type, shape and elements, but not its name.
void encode(const Tensor& tensor, ::onnx::TensorProto& proto);

}  // namespace offcut::onnx
