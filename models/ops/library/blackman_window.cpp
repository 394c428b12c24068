// BlackmanWindow: 0.42 - 0.5 cos(2 pi i / N) + 0.08 cos(4 pi i / N) for i below the constant size.
// N is the size, or the size less 1 if periodic = 0.

#include "models/ops/window_function.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_blackman_window(const Call& call, std::span<const Tensor>) {
  return {window_function(call, 0.42, 0.5, 0.08)};
}

}  // namespace

void register_blackman_window(Registry<Operator>& registry) {
  registry.add({.name = "BlackmanWindow",
                .doc = "0.42 - 0.5 cos(2 pi i / N) + 0.08 cos(4 pi i / N)",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_window_function,
                .macs = no_macs,
                .forward = forward_blackman_window});
}

}  // namespace offcut::ops
