// MaxPool: the greatest element of each window; padding never wins. A NaN in the window wins. The
// second output (the indices) is not supported, so `storage_order` has no meaning here.

#include <limits>

#include "models/ops/pooling.h"

namespace offcut {
namespace {

struct Greatest {
  using Value = float;
  static constexpr Value kStart = -std::numeric_limits<float>::infinity();
  static Value merge(Value a, Value b) {
    const Value greater = b > a ? b : a;
    return b != b ? b : greater;
  }
  static float finish(Value value, double) { return value; }
};

std::vector<Tensor> forward(const Call& call, std::span<const Tensor> inputs) {
  return pool<Greatest>(call, inputs[0], false);
}

}  // namespace

void register_max_pool(Registry<Operator>& registry) {
  registry.add({.name = "MaxPool",
                .doc = "the greatest element of each window, over 1 to 3 axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_pooling,
                .macs = no_macs,
                .forward = forward});
}

}  // namespace offcut
