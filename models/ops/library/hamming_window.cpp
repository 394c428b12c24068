// HammingWindow: (25 - 21 cos(2 pi i / N)) / 46 for i below the constant size. N is the size, or
// the size less 1 if periodic = 0.

#include "models/ops/window_function.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_hamming_window(const Call& call, std::span<const Tensor>) {
  return {window_function(call, 25.0 / 46, 21.0 / 46, 0)};
}

}  // namespace

void register_hamming_window(Registry<Operator>& registry) {
  registry.add({.name = "HammingWindow",
                .doc = "(25 - 21 cos(2 pi i / N)) / 46",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_window_function,
                .macs = no_macs,
                .forward = forward_hamming_window});
}

}  // namespace offcut::ops
