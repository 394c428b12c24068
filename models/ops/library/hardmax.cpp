// Hardmax: 1 at the first greatest element and 0 elsewhere, over the axis `axis` (from opset 13 on,
// default -1), or over all axes from `axis` on (up to opset 12, default 1). A NaN counts as the
// greatest, as in ONNX's reference implementation.

#include "models/ops/softmax.h"

namespace offcut::ops {
namespace {

void choose_hardmax(const float* x, float* y, std::int64_t count, std::int64_t step) {
  std::int64_t best = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const float own = x[i * step];
    const float greatest = x[best * step];
    best = own > greatest || (own != own && greatest == greatest) ? i : best;
    y[i * step] = 0;
  }
  y[best * step] = 1;
}

std::vector<Tensor> forward_hardmax(const Call& call, std::span<const Tensor> inputs) {
  return {normalize_groups(call, inputs[0], choose_hardmax)};
}

}  // namespace

void register_hardmax(Registry<Operator>& registry) {
  registry.add({.name = "Hardmax",
                .doc = "1 at the greatest element along an axis, else 0",
                .kind = always<LayerKind::normalization>,
                .infer = infer_softmax,
                .macs = no_macs,
                .forward = forward_hardmax});
}

}  // namespace offcut::ops
