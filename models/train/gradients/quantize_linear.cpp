// The straight-through estimator of rounding (Bengio, Léonard, Courville, 2013): q = x / s + z is
// treated as if the integers were real numbers, so dq/dx = 1 / s between the limits of the type,
// and 0 where q saturates. With DequantizeLinear after it, whose derivative is s, a gradient passes
// both unchanged where nothing saturates. Scales and zero points are not trained.

#include <limits>

#include "models/ops/quantized.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

template <class Q>
void pass_unsaturated(const Backward& b, std::span<float> dx) {
  const ops::Granularity scales = ops::scales_of(b.call);
  const auto x = b.inputs[0].values<float>();
  const auto slope = b.slopes[0].values<float>();
  const auto scale = b.inputs[1].values<float>();
  constexpr auto kLow = static_cast<float>(std::numeric_limits<Q>::min());
  constexpr auto kHigh = static_cast<float>(std::numeric_limits<Q>::max());
  for (std::size_t i = 0; i < dx.size(); ++i) {
    const std::size_t k = scales(i);
    const float zero = b.call.has(2) ? static_cast<float>(b.inputs[2].values<Q>()[k]) : 0;
    const float real = x[i] / scale[k] + zero;
    dx[i] = real >= kLow && real <= kHigh ? slope[i] / scale[k] : 0;
  }
}

std::vector<Tensor> backward_quantize_linear(const Backward& b) {
  std::vector<Tensor> all(b.inputs.size());
  all[0] = Tensor(b.slopes[0].type());
  if (b.output_types[0].type == DataType::int8) {
    pass_unsaturated<std::int8_t>(b, all[0].values<float>());
  } else {
    pass_unsaturated<std::uint8_t>(b, all[0].values<float>());
  }
  return all;
}

}  // namespace

void register_quantize_linear(Registry<Gradient>& registry) {
  registry.add({.name = "QuantizeLinear",
                .doc = "1 / scale where the integer does not saturate, else 0",
                .reads_inputs = {0, 1, 2},
                .passes_integers = true,
                .backward = backward_quantize_linear});
}

}  // namespace offcut::train
