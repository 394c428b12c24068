// The gradient of GlobalAveragePool: each of a plane's n elements gets 1 / n of the plane's slope.

#include <algorithm>

#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_global_average_pool(const Backward& b) {
  Tensor dx(TensorType{b.type(), b.call.shape(0)});
  const std::int64_t planes = b.slopes[0].size();
  const std::int64_t plane = planes == 0 ? 0 : dx.size() / planes;
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* const dy = elements_of<T>(b.slopes[0]);
    for (std::int64_t i = 0; i < planes; ++i) {
      std::fill_n(elements_of<T>(dx) + i * plane, plane, dy[i] / static_cast<T>(plane));
    }
  });
  return {dx};
}

}  // namespace

void register_global_average_pool(Registry<Gradient>& registry) {
  registry.add({.name = "GlobalAveragePool",
                .doc = "1 / n for each of a plane's n elements",
                .backward = backward_global_average_pool});
}

}  // namespace offcut::train
