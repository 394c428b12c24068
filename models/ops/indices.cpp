#include "models/ops/indices.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut::ops {
namespace {

template <class T>
std::vector<std::int64_t> widened(const Tensor& indices) {
  return {indices.values<T>().begin(), indices.values<T>().end()};
}

}  // namespace

const Shape& index_shape(const Call& call, std::size_t input) {
  const Shape& shape = call.shape(input);
  const DataType type = call.inputs[input].type;
  if (type != DataType::int64 && type != DataType::int32) {
    throw std::invalid_argument(
        fmt::format("indices are {}, expected int64 or int32", to_text(type)));
  }
  return shape;
}

std::vector<std::int64_t> indices_in(const Tensor& indices, std::int64_t extent) {
  auto list = indices.type().type == DataType::int64 ? widened<std::int64_t>(indices)
                                                     : widened<std::int32_t>(indices);
  for (std::int64_t& index : list) {
    if (index < -extent || index >= extent) {
      throw std::invalid_argument(
          fmt::format("index {} is out of range for {} elements", index, extent));
    }
    index += index < 0 ? extent : 0;
  }
  return list;
}

}  // namespace offcut::ops
