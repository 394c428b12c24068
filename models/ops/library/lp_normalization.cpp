// LpNormalization: x / (sum of |x|^p)^(1/p) along `axis`, for p = 1 or 2, summed in double. A line
// of zeros stays unchanged.

#include <stdexcept>

#include "models/ops/lines.h"
#include "models/ops/norm.h"

namespace offcut::ops {
namespace {

Lines lp_normalization_lines(const Call& call) {
  const Shape& x = float_shape(call, 0);
  return lines_along(x, axis_in(call.attributes.integer("axis", -1), x.size()));
}

std::vector<TensorType> infer_lp_normalization(const Call& call) {
  require_inputs(call, 1, 1);
  lp_normalization_lines(call);
  if (norm_order(call) > 2) {
    throw std::invalid_argument("attribute 'p' must be 1 or 2");
  }
  return {call.inputs[0]};
}

std::vector<Tensor> forward_lp_normalization(const Call& call, std::span<const Tensor> inputs) {
  const Lines lines = lp_normalization_lines(call);
  const std::int64_t p = norm_order(call);
  Tensor output(inputs[0].type());
  const float* const x = inputs[0].values<float>().data();
  float* const y = output.values<float>().data();
  lines.for_each([&](std::int64_t start) {
    Norm norm(p);
    for (std::int64_t i = 0; i < lines.extent; ++i) {
      norm.add(x[start + i * lines.step]);
    }
    const double length = norm.value();
    for (std::int64_t i = 0; i < lines.extent; ++i) {
      const std::int64_t place = start + i * lines.step;
      y[place] = length == 0 ? 0 : static_cast<float>(x[place] / length);
    }
  });
  return {output};
}

}  // namespace

void register_lp_normalization(Registry<Operator>& registry) {
  registry.add({.name = "LpNormalization",
                .doc = "x / (sum of |x|^p)^(1/p) along an axis",
                .kind = always<LayerKind::normalization>,
                .infer = infer_lp_normalization,
                .macs = no_macs,
                .forward = forward_lp_normalization});
}

}  // namespace offcut::ops
