// The gradient of Concat: each input gets its part of the slope.

#include <algorithm>

#include "models/ops/arguments.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_concat(const Backward& b) {
  const Tensor& dy = b.slopes[0];
  const std::size_t axis = ops::axis_in(b.call.attributes.integer("axis", 1), dy.shape().size());
  const std::int64_t outer = ops::extent_between(dy.shape(), 0, axis);
  std::vector<Tensor> all(b.inputs.size());
  std::int64_t start = 0;
  for (std::size_t input = 0; input < all.size(); ++input) {
    all[input] = b.zeros_if_wanted(input);
    const Shape& shape = b.call.shape(input);
    const std::int64_t block = ops::extent_between(shape, axis, shape.size());
    if (b.wanted[input]) {
      with_float(b.type(), [&](auto zero) {
        using T = decltype(zero);
        const std::int64_t step = outer == 0 ? 0 : dy.size() / outer;
        for (std::int64_t o = 0; o < outer; ++o) {
          std::copy_n(elements_of<T>(dy) + o * step + start, block,
                      elements_of<T>(all[input]) + o * block);
        }
      });
    }
    start += block;
  }
  return all;
}

}  // namespace

void register_concat(Registry<Gradient>& registry) {
  registry.add({.name = "Concat",
                .doc = "the input's part of the slope",
                .weights = InputSet::all(),
                .backward = backward_concat});
}

}  // namespace offcut::train
