// The gradient of Add, a + b: the slope for both, summed over what was broadcast.

#include "models/train/gradient.h"
#include "models/train/sum_to.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_add(const Backward& b) {
  std::vector<Tensor> all(2);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (b.wanted[i]) {
      all[i] = sum_to(b.slopes[0], b.call.shape(i));
    }
  }
  return all;
}

}  // namespace

void register_add(Registry<Gradient>& registry) {
  registry.add({.name = "Add", .doc = "1 and 1", .weights = {0, 1}, .backward = backward_add});
}

}  // namespace offcut::train
