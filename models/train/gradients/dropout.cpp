// Dropout in training (Srivastava et al., "Dropout", JMLR 15, 2014, with the scaling at training
// time): each element is 0 with probability `ratio`, else x / (1 - ratio). The gradient has the
// same factors.

#include <stdexcept>

#include "models/train/binary_gradient.h"

namespace offcut::train {
namespace {

double dropout_ratio(const ops::Call& call, std::span<const Tensor> inputs) {
  double ratio = call.attributes.number("ratio", 0.5F);
  if (call.opset >= 12) {
    ratio = 0.5;
    if (call.has(1)) {
      ratio = with_float(inputs[1].type().type, [&](auto zero) {
        return static_cast<double>(*elements_of<decltype(zero)>(inputs[1]));
      });
    }
  }
  if (!(ratio >= 0 && ratio < 1)) {
    throw std::invalid_argument("the ratio must be from 0 to less than 1");
  }
  return ratio;
}

Trained forward_dropout(const ops::Call& call, std::span<const Tensor> inputs,
                        RandomStream stream) {
  const double ratio = dropout_ratio(call, inputs);
  const Tensor& x = inputs[0];
  Tensor factors(x.type());
  Tensor y(x.type());
  with_float(x.type().type, [&](auto zero) {
    using T = decltype(zero);
    constexpr double kUnit = 0x1p-53;
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const bool kept = static_cast<double>(stream() >> 11U) * kUnit >= ratio;
      elements_of<T>(factors)[i] = kept ? static_cast<T>(1 / (1 - ratio)) : T{0};
      elements_of<T>(y)[i] = elements_of<T>(x)[i] * elements_of<T>(factors)[i];
    }
  });
  if (call.outputs > 1) {
    throw std::invalid_argument("the mask cannot be used in training");
  }
  return {{y}, {factors}, {}};
}

std::vector<Tensor> backward_dropout(const Backward& b) {
  std::vector<Tensor> all(b.inputs.size());
  all[0] = b.saved.empty() ? b.slopes[0]
                           : times_slope(b.saved[0], b.saved[0], b.slopes[0],
                                         [](auto factor, auto) { return factor; });
  return all;
}

}  // namespace

void register_dropout(Registry<Gradient>& registry) {
  registry.add({.name = "Dropout",
                .doc = "1 / (1 - ratio) for the elements that were kept, else 0",
                .backward = backward_dropout,
                .forward = forward_dropout});
}

}  // namespace offcut::train
