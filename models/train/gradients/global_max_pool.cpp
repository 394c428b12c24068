// The gradient of GlobalMaxPool: the slope goes to the plane's greatest element, the first of equal
// ones.

#include <algorithm>

#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_global_max_pool(const Backward& b) {
  Tensor dx(TensorType{b.type(), b.call.shape(0)});
  const std::int64_t planes = b.slopes[0].size();
  const std::int64_t plane = planes == 0 ? 0 : dx.size() / planes;
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* const dy = elements_of<T>(b.slopes[0]);
    for (std::int64_t i = 0; i < planes; ++i) {
      const T* const x = elements_of<T>(b.inputs[0]) + i * plane;
      elements_of<T>(dx)[i * plane + (std::max_element(x, x + plane) - x)] = dy[i];
    }
  });
  return {dx};
}

}  // namespace

void register_global_max_pool(Registry<Gradient>& registry) {
  registry.add({.name = "GlobalMaxPool",
                .doc = "the slope for a plane's greatest element",
                .reads_inputs = {0},
                .backward = backward_global_max_pool});
}

}  // namespace offcut::train
