// Copies elements in the order of a walk. Only the size of an element matters, so one function per
// size serves all element types.

#include "models/ops/rearrange.h"

#include <algorithm>
#include <cstring>

namespace offcut::ops {
namespace {

template <std::size_t kBytes>
void gather(const Walk<1>& walk, const std::byte* from, std::byte* to) {
  const std::int64_t step = walk.step()[0] * static_cast<std::int64_t>(kBytes);
  walk.for_each_run([&](const Walk<1>::Offsets& offsets, std::int64_t length) {
    const std::byte* element = from + offsets[0] * static_cast<std::int64_t>(kBytes);
    if (step == static_cast<std::int64_t>(kBytes)) {
      to = std::copy_n(element, length * step, to);
      return;
    }
    for (std::int64_t i = 0; i < length; ++i, to += kBytes) {
      std::memcpy(to, element + i * step, kBytes);
    }
  });
}

}  // namespace

Tensor rearranged(const Tensor& input, Shape shape, const std::vector<WalkAxis<1>>& axes,
                  std::int64_t start) {
  Tensor output(TensorType{input.type().type, std::move(shape)});
  const Walk<1> walk(axes);
  const std::size_t bytes = element_bytes(input.type().type);
  const std::byte* from = input.bytes().data() + start * static_cast<std::int64_t>(bytes);
  std::byte* to = output.bytes().data();
  switch (bytes) {
    case 1:
      gather<1>(walk, from, to);
      break;
    case 4:
      gather<4>(walk, from, to);
      break;
    default:
      gather<8>(walk, from, to);
  }
  return output;
}

Tensor broadcast_to(const Tensor& input, const Shape& shape) {
  const Shape& x = input.shape();
  const auto steps = row_major_steps(x);
  const std::size_t missing = shape.size() - x.size();
  std::vector<WalkAxis<1>> axes;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool repeats = i < missing || x[i - missing] == 1;
    axes.push_back({shape[i], {repeats ? 0 : steps[i - missing]}});
  }
  return rearranged(input, shape, axes);
}

}  // namespace offcut::ops
