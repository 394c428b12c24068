// The gradient of Sub, a - b: the slope, and its negative for b, summed over what was broadcast.

#include <algorithm>
#include <functional>

#include "models/train/floats.h"
#include "models/train/gradient.h"
#include "models/train/sum_to.h"

namespace offcut::train {
namespace {

Tensor negative(const Tensor& tensor) {
  Tensor result(tensor.type());
  with_float(tensor.type().type, [&](auto zero) {
    using T = decltype(zero);
    std::transform(elements_of<T>(tensor), elements_of<T>(tensor) + tensor.size(),
                   elements_of<T>(result), std::negate<>());
  });
  return result;
}

std::vector<Tensor> backward_sub(const Backward& b) {
  std::vector<Tensor> all(2);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (b.wanted[i]) {
      all[i] = sum_to(b.slopes[0], b.call.shape(i));
    }
  }
  if (b.wanted[1]) {
    all[1] = negative(all[1]);
  }
  return all;
}

}  // namespace

void register_sub(Registry<Gradient>& registry) {
  registry.add({.name = "Sub", .doc = "1 and -1", .weights = {0, 1}, .backward = backward_sub});
}

}  // namespace offcut::train
