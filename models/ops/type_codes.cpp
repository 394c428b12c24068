#include "models/ops/type_codes.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

namespace offcut::ops {
namespace {

struct Code {
  std::int64_t onnx;
  DataType type;
};

constexpr std::array<Code, 9> kCodes = {{{1, DataType::float32},
                                         {2, DataType::uint8},
                                         {3, DataType::int8},
                                         {6, DataType::int32},
                                         {7, DataType::int64},
                                         {9, DataType::boolean},
                                         {11, DataType::float64},
                                         {10, DataType::float16},
                                         {16, DataType::bfloat16}}};

}  // namespace

DataType type_of_code(std::int64_t onnx) {
  for (const Code& code : kCodes) {
    if (code.onnx == onnx) {
      return code.type;
    }
  }
  throw std::invalid_argument(fmt::format("elements of type {} are not supported", onnx));
}

std::int64_t code_of_type(DataType type) {
  for (const Code& code : kCodes) {
    if (code.type == type) {
      return code.onnx;
    }
  }
  throw std::logic_error("an absent tensor has no element type");
}

}  // namespace offcut::ops
