// The gradient of Sum: the slope for each input, summed over what was broadcast.

#include "models/train/gradient.h"
#include "models/train/sum_to.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_sum(const Backward& b) {
  std::vector<Tensor> all(b.inputs.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (b.wanted[i]) {
      all[i] = sum_to(b.slopes[0], b.call.shape(i));
    }
  }
  return all;
}

}  // namespace

void register_sum(Registry<Gradient>& registry) {
  registry.add({.name = "Sum",
                .doc = "1 for each input",
                .weights = InputSet::all(),
                .backward = backward_sum});
}

}  // namespace offcut::train
