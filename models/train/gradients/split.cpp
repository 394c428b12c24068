// The gradient of Split: the slopes of the parts, one after the other.

#include <algorithm>

#include "models/ops/arguments.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_split(const Backward& b) {
  const Shape& x = b.call.shape(0);
  const std::size_t axis = ops::axis_argument(b.call, 0);
  const std::int64_t outer = ops::extent_between(x, 0, axis);
  std::vector<Tensor> all(b.inputs.size());
  all[0] = Tensor(TensorType{b.type(), x});
  const std::int64_t step = ops::extent_between(x, axis, x.size());
  std::int64_t start = 0;
  for (std::size_t part = 0; part < b.slopes.size(); ++part) {
    const Shape& shape = b.output_types[part].shape;
    const std::int64_t block = ops::extent_between(shape, axis, shape.size());
    if (!b.slopes[part].absent()) {
      with_float(b.type(), [&](auto zero) {
        using T = decltype(zero);
        for (std::int64_t o = 0; o < outer; ++o) {
          std::copy_n(elements_of<T>(b.slopes[part]) + o * block, block,
                      elements_of<T>(all[0]) + o * step + start);
        }
      });
    }
    start += block;
  }
  return all;
}

}  // namespace

void register_split(Registry<Gradient>& registry) {
  registry.add({.name = "Split",
                .doc = "the slopes of the parts, one after the other",
                .backward = backward_split});
}

}  // namespace offcut::train
