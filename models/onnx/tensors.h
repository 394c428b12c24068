#pragma once

#include <cstdint>
#include <string>

#include "models/graph/tensor.h"

namespace onnx {
class TensorProto;
}

namespace offcut::onnx {

/// Our name for ONNX's element type. Throws std::invalid_argument, naming it, where we have none.
DataType data_type(std::int32_t onnx_type);

/// The name of ONNX's element type: ours, or else ONNX's own in lower case, or else its number.
std::string element_type_name(std::int32_t onnx_type);

/// ONNX's number for one of ours.
std::int32_t onnx_type(DataType type);

/// The tensor's type. Throws std::invalid_argument where we have no such type or its extents make
/// no sense.
TensorType tensor_type(const ::onnx::TensorProto& proto);

/// Throws std::invalid_argument where the tensor cannot be decoded: a type that we don't have, data
/// in another file, more or fewer elements than its shape says.
void check_tensor(const ::onnx::TensorProto& proto);

/// REQUIRES: check_tensor() accepts it.
Tensor decode(const ::onnx::TensorProto& proto);

/// Makes each byte of a tensor of truth values 0 or 1, which are all that a bool may be: a file may
/// hold others. Leaves tensors of other types alone.
void normalise_booleans(Tensor& tensor);

/// Sets the tensor's type, shape and elements, and leaves its name alone.
void encode(const Tensor& tensor, ::onnx::TensorProto& proto);

}  // namespace offcut::onnx
