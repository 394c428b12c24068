// The gradient of Gather, and so of an embedding: each slope is added to the part at its index. The
// gradient of a table has the table's size, however few rows are read.

#include "models/ops/arguments.h"
#include "models/ops/indices.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_gather(const Backward& b) {
  const Shape& x = b.call.shape(0);
  const std::size_t axis = ops::axis_argument(b.call, 0);
  const auto indices = ops::indices_in(b.inputs[1], x[axis]);
  const std::int64_t block = ops::extent_between(x, axis + 1, x.size());
  const std::int64_t outer = ops::extent_between(x, 0, axis);
  std::vector<Tensor> all(2);
  all[0] = Tensor(TensorType{b.type(), x});
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* dy = elements_of<T>(b.slopes[0]);
    for (std::int64_t o = 0; o < outer; ++o) {
      for (const std::int64_t index : indices) {
        T* const to = elements_of<T>(all[0]) + (o * x[axis] + index) * block;
        for (std::int64_t i = 0; i < block; ++i) {
          to[i] += *dy++;
        }
      }
    }
  });
  return all;
}

}  // namespace

void register_gather(Registry<Gradient>& registry) {
  registry.add({.name = "Gather",
                .doc = "the slopes of a part's copies, added up",
                .reads_inputs = {1},
                .weights = {0},
                .backward = backward_gather});
}

}  // namespace offcut::train
