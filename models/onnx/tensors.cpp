// Converts between tensors and ONNX's TensorProto, which has the elements as raw bytes or as
// numbers in one of several fields, depending on the type.
#include "models/onnx/tensors.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "models/base/lower_case.h"

namespace offcut::onnx {
namespace {

using ::onnx::TensorProto;

static_assert(std::endian::native == std::endian::little, "ONNX stores little-endian numbers");

struct TypePair {
  DataType ours;
  TensorProto::DataType theirs;
};

constexpr std::array<TypePair, 9> kTypes = {{{DataType::float32, TensorProto::FLOAT},
                                             {DataType::float64, TensorProto::DOUBLE},
                                             {DataType::uint8, TensorProto::UINT8},
                                             {DataType::int8, TensorProto::INT8},
                                             {DataType::int32, TensorProto::INT32},
                                             {DataType::int64, TensorProto::INT64},
                                             {DataType::boolean, TensorProto::BOOL},
                                             {DataType::float16, TensorProto::FLOAT16},
                                             {DataType::bfloat16, TensorProto::BFLOAT16}}};

const TypePair* find_type(std::int32_t onnx_type) {
  const auto* const found = std::find_if(
      kTypes.begin(), kTypes.end(), [&](const TypePair& pair) { return pair.theirs == onnx_type; });
  return found == kTypes.end() ? nullptr : found;
}

/// Returns the number of elements in the field for numbers of this type, which is used unless they
/// are raw.
int stored_elements(const TensorProto& proto) {
  switch (proto.data_type()) {
    case TensorProto::FLOAT:
      return proto.float_data_size();
    case TensorProto::DOUBLE:
      return proto.double_data_size();
    case TensorProto::INT64:
      return proto.int64_data_size();
    default:
      return proto.int32_data_size();
  }
}

template <class T, class Field>
void copy_field(const Field& field, Tensor& tensor) {
  std::transform(field.begin(), field.end(), tensor.values<T>().begin(),
                 [](auto value) { return static_cast<T>(value); });
}

void copy_fields(const TensorProto& proto, Tensor& tensor) {
  switch (tensor.type().type) {
    case DataType::float32:
      return copy_field<float>(proto.float_data(), tensor);
    case DataType::float64:
      return copy_field<double>(proto.double_data(), tensor);
    case DataType::int64:
      return copy_field<std::int64_t>(proto.int64_data(), tensor);
    case DataType::int32:
      return copy_field<std::int32_t>(proto.int32_data(), tensor);
    case DataType::uint8:
      return copy_field<std::uint8_t>(proto.int32_data(), tensor);
    case DataType::int8:
      return copy_field<std::int8_t>(proto.int32_data(), tensor);
    case DataType::boolean:
      return copy_field<bool>(proto.int32_data(), tensor);
    case DataType::float16:
      return copy_field<Float16>(proto.int32_data(), tensor);
    case DataType::bfloat16:
      return copy_field<BFloat16>(proto.int32_data(), tensor);
    case DataType::absent:
      break;
  }
  throw std::logic_error("decode() of a tensor that was not checked");
}

void copy_raw(const std::string& raw, Tensor& tensor) {
  const std::span<std::byte> bytes = tensor.bytes();
  std::memcpy(bytes.data(), raw.data(), std::min(raw.size(), bytes.size()));
  normalise_booleans(tensor);
}

}  // namespace

std::string element_type_name(std::int32_t onnx_type) {
  if (const TypePair* found = find_type(onnx_type)) {
    return std::string(to_text(found->ours));
  }
  if (!TensorProto::DataType_IsValid(onnx_type)) {
    return std::to_string(onnx_type);
  }
  return lower_case(TensorProto::DataType_Name(static_cast<TensorProto::DataType>(onnx_type)));
}

DataType data_type(std::int32_t onnx_type) {
  const TypePair* found = find_type(onnx_type);
  if (found == nullptr) {
    throw std::invalid_argument(
        fmt::format("elements of type {} are not supported", element_type_name(onnx_type)));
  }
  return found->ours;
}

std::int32_t onnx_type(DataType type) {
  const auto* const found = std::find_if(kTypes.begin(), kTypes.end(),
                                         [&](const TypePair& pair) { return pair.ours == type; });
  return found == kTypes.end() ? TensorProto::UNDEFINED : found->theirs;
}

TensorType tensor_type(const TensorProto& proto) {
  TensorType type{data_type(proto.data_type()), {proto.dims().begin(), proto.dims().end()}};
  try {
    elements(type.shape);
  } catch (const std::length_error& error) {
    throw std::invalid_argument(error.what());
  }
  return type;
}

void check_tensor(const TensorProto& proto) {
  if (proto.data_location() == TensorProto::EXTERNAL || proto.external_data_size() > 0) {
    throw std::invalid_argument("its data is in another file, which is not supported");
  }
  const TensorType type = tensor_type(proto);
  if (proto.has_segment()) {
    throw std::invalid_argument("it is stored in segments, which is not supported");
  }
  if (proto.has_raw_data()) {
    if (proto.raw_data().size() != static_cast<std::size_t>(type.bytes())) {
      throw std::invalid_argument(fmt::format("{} takes {} bytes, the file has {}", to_text(type),
                                              type.bytes(), proto.raw_data().size()));
    }
  } else if (stored_elements(proto) != elements(type.shape)) {
    throw std::invalid_argument(fmt::format("{} has {} elements, the file has {}", to_text(type),
                                            elements(type.shape), stored_elements(proto)));
  }
}

Tensor decode(const TensorProto& proto) {
  Tensor tensor(tensor_type(proto));
  if (proto.has_raw_data()) {
    copy_raw(proto.raw_data(), tensor);
  } else {
    copy_fields(proto, tensor);
  }
  return tensor;
}

void normalise_booleans(Tensor& tensor) {
  if (tensor.type().type == DataType::boolean) {
    const std::span<std::byte> bytes = tensor.bytes();
    std::transform(bytes.begin(), bytes.end(), bytes.begin(),
                   [](std::byte b) { return b == std::byte{0} ? b : std::byte{1}; });
  }
}

void encode(const Tensor& tensor, TensorProto& proto) {
  proto.set_data_type(onnx_type(tensor.type().type));
  proto.mutable_dims()->Add(tensor.shape().begin(), tensor.shape().end());
  proto.set_raw_data(tensor.bytes().data(), tensor.bytes().size());
}

}  // namespace offcut::onnx
