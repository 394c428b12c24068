#include "sim/runtime/service/datatypes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace offcut::runtime {

std::string_view datatype(DataType type) {
  switch (type) {
    case DataType::float32:
      return "FP32";
    case DataType::float64:
      return "FP64";
    case DataType::uint8:
      return "UINT8";
    case DataType::int8:
      return "INT8";
    case DataType::int32:
      return "INT32";
    case DataType::int64:
      return "INT64";
    case DataType::boolean:
      return "BOOL";
    case DataType::float16:
      return "FP16";
    case DataType::bfloat16:
      return "BF16";
    case DataType::absent:
      break;
  }
  return "absent";
}

std::string shape_text(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ",")); }

std::string protocol_text(std::string_view datatype, const Shape& shape) {
  return fmt::format("{} {}", datatype, shape_text(shape));
}

std::string protocol_text(const TensorType& type) {
  return protocol_text(datatype(type.type), type.shape);
}

}  // namespace offcut::runtime
