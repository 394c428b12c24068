// Splits tensors along an axis and joins them again. Both copy blocks of bytes: the positions
// before the axis give the number of blocks, the axis and those after it the size of each.
#include "models/parallel/part.h"

#include <algorithm>

namespace offcut::parallel {
namespace {

/// Returns the bytes of one position of the axis: the product of all later extents.
std::size_t bytes_per_position(const Tensor& tensor, std::size_t axis) {
  std::size_t bytes = element_bytes(tensor.type().type);
  for (std::size_t i = axis + 1; i < tensor.shape().size(); ++i) {
    bytes *= static_cast<std::size_t>(tensor.shape()[i]);
  }
  return bytes;
}

std::size_t extent(const Tensor& tensor, std::size_t axis) {
  return static_cast<std::size_t>(tensor.shape()[axis]);
}

std::size_t blocks_before(const Tensor& tensor, std::size_t axis) {
  std::size_t blocks = 1;
  for (std::size_t i = 0; i < axis; ++i) {
    blocks *= extent(tensor, i);
  }
  return blocks;
}

}  // namespace

Tensor part_of(const Tensor& tensor, std::size_t axis, std::int64_t first, std::int64_t last) {
  TensorType type = tensor.type();
  type.shape[axis] = last - first;
  Tensor part(type);
  const std::size_t position_bytes = bytes_per_position(tensor, axis);
  const std::size_t count = extent(part, axis) * position_bytes;
  const std::byte* from = tensor.bytes().data() + static_cast<std::size_t>(first) * position_bytes;
  std::byte* to = part.bytes().data();
  for (std::size_t block = 0; block < blocks_before(tensor, axis); ++block) {
    to = std::copy_n(from, count, to);
    from += extent(tensor, axis) * position_bytes;
  }
  return part;
}

Tensor joined(std::span<const Tensor> parts, std::size_t axis) {
  TensorType type = parts.front().type();
  for (const Tensor& part : parts.subspan(1)) {
    type.shape[axis] += part.shape()[axis];
  }
  Tensor whole(type);
  const std::size_t position_bytes = bytes_per_position(whole, axis);
  std::byte* to = whole.bytes().data();
  for (std::size_t block = 0; block < blocks_before(whole, axis); ++block) {
    for (const Tensor& part : parts) {
      const std::size_t count = extent(part, axis) * position_bytes;
      to = std::copy_n(part.bytes().data() + block * count, count, to);
    }
  }
  return whole;
}

}  // namespace offcut::parallel
