// The check of a matrix product's element type.

#include "models/ops/matrix_types.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut::ops {

void require_matrix_type(const Call& call, std::size_t input) {
  call.shape(input);
  const DataType type = call.inputs[input].type;
  if (type != DataType::float32 && type != DataType::float64 && type != DataType::int32 &&
      type != DataType::int64) {
    throw std::invalid_argument(fmt::format(
        "input {} is {}, expected float32, float64, int32 or int64", input, to_text(type)));
  }
}

}  // namespace offcut::ops
