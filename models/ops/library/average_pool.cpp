// AveragePool: the mean of each window, summed in double. Padding counts as zeros if
// count_include_pad is set, otherwise not at all. The part of a last window that ceil_mode lets
// reach beyond the padding never counts.

#include "models/ops/pooling.h"

namespace offcut::ops {
namespace {

struct AveragePoolMean {
  using Element = float;
  using Value = double;
  static constexpr Value kStart = 0;
  static Value merge(Value a, Value b) { return a + b; }
  static float finish(Value sum, double count) { return static_cast<float>(sum / count); }
};

bool counts_padding(const Call& call) {
  return call.attributes.integer("count_include_pad", 0) != 0;
}

std::vector<TensorType> infer_average_pool(const Call& call) {
  counts_padding(call);  // Throws for an attribute of another type.
  return infer_pooling(call);
}

std::vector<Tensor> forward_average_pool(const Call& call, std::span<const Tensor> inputs) {
  return {pool<AveragePoolMean>(call, inputs[0], counts_padding(call))};
}

}  // namespace

void register_average_pool(Registry<Operator>& registry) {
  registry.add({.name = "AveragePool",
                .doc = "the mean of each window, over 1 to 3 axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_average_pool,
                .macs = no_macs,
                .forward = forward_average_pool});
}

}  // namespace offcut::ops
