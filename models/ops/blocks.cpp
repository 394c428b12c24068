#include "models/ops/blocks.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut::ops {

std::int64_t block_size(const Call& call, std::initializer_list<std::size_t> axes, int power) {
  require_inputs(call, 1, 1);
  const Shape& x = call.shape(0);
  if (x.size() != 4) {
    throw std::invalid_argument(fmt::format("input {}: expected 4 axes", to_text(x)));
  }
  constexpr std::int64_t kLargest = std::int64_t{1} << 30;  // Its square is far from overflow.
  const std::int64_t size = call.attributes.integer("blocksize", 0);
  if (size < 1 || size > kLargest) {
    throw std::invalid_argument(
        call.attributes.has("blocksize")
            ? fmt::format("attribute 'blocksize' is {}, expected 1 to {}", size, kLargest)
            : "attribute 'blocksize' is missing");
  }
  for (const std::size_t axis : axes) {
    if (x[axis] % (power == 2 ? size * size : size) != 0) {
      throw std::invalid_argument(
          fmt::format("input {} does not divide into blocks of {}", to_text(x), size));
    }
  }
  return size;
}

}  // namespace offcut::ops
