// GlobalMaxPool: the greatest element of each channel over all spatial axes, which stay with extent
// 1. A NaN wins.

#include "models/ops/arguments.h"
#include "models/ops/pooling.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_global_max_pool(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_global_pooling(call).front());
  const std::int64_t plane = extent_between(call.shape(0), 2, call.shape(0).size());
  const float* from = inputs[0].values<float>().data();
  for (float& y : output.values<float>()) {
    y = *from;
    for (const float x : std::span(from, static_cast<std::size_t>(plane))) {
      y = x > y || x != x ? x : y;
    }
    from += plane;
  }
  return {output};
}

}  // namespace

void register_global_max_pool(Registry<Operator>& registry) {
  registry.add({.name = "GlobalMaxPool",
                .doc = "the greatest element of each channel",
                .kind = always<LayerKind::pooling>,
                .infer = infer_global_pooling,
                .macs = no_macs,
                .forward = forward_global_max_pool});
}

}  // namespace offcut::ops
