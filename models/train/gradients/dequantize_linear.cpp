// The derivative of DequantizeLinear, y = (q - z) s, with respect to its integers: s. See
// quantize_linear.cpp.

#include "models/ops/quantized.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_dequantize_linear(const Backward& b) {
  const ops::Granularity scales = ops::scales_of(b.call);
  const auto scale = b.inputs[1].values<float>();
  const auto slope = b.slopes[0].values<float>();
  std::vector<Tensor> all(b.inputs.size());
  all[0] = Tensor(b.slopes[0].type());
  const auto dx = all[0].values<float>();
  for (std::size_t i = 0; i < dx.size(); ++i) {
    dx[i] = slope[i] * scale[scales(i)];
  }
  return all;
}

}  // namespace

void register_dequantize_linear(Registry<Gradient>& registry) {
  registry.add({.name = "DequantizeLinear",
                .doc = "the scale",
                .reads_inputs = {1},
                .backward = backward_dequantize_linear});
}

}  // namespace offcut::train
