// The derivative of Clip: 1 between the limits, the limits included, and 0 outside. The limits,
// which are attributes up to opset 10 and inputs from 11 on, are not trained.

#include <limits>

#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

double clip_limit(const Backward& b, std::size_t input, double none) {
  if (b.call.opset < 11) {
    return b.call.attributes.number(input == 1 ? "min" : "max", static_cast<float>(none));
  }
  if (!b.call.has(input)) {
    return none;
  }
  return with_float(b.inputs[input].type().type, [&](auto zero) {
    return static_cast<double>(*elements_of<decltype(zero)>(b.inputs[input]));
  });
}

std::vector<Tensor> backward_clip(const Backward& b) {
  constexpr double kMost = std::numeric_limits<float>::max();
  const double low = clip_limit(b, 1, -kMost);
  const double high = clip_limit(b, 2, kMost);
  std::vector<Tensor> all(b.inputs.size());
  all[0] = Tensor(b.slopes[0].type());
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* const x = elements_of<T>(b.inputs[0]);
    const T* const dy = elements_of<T>(b.slopes[0]);
    T* const dx = elements_of<T>(all[0]);
    for (std::int64_t i = 0; i < all[0].size(); ++i) {
      dx[i] = x[i] >= low && x[i] <= high ? dy[i] : 0;
    }
  });
  return all;
}

}  // namespace

void register_clip(Registry<Gradient>& registry) {
  registry.add({.name = "Clip",
                .doc = "1 between the limits, else 0",
                .reads_inputs = {0, 1, 2},
                .backward = backward_clip});
}

}  // namespace offcut::train
