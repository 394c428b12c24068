// GlobalLpPool: (sum of |x|^p)^(1/p) of each channel over all spatial axes, which stay with extent
// 1, in double.

#include "models/ops/arguments.h"
#include "models/ops/norm.h"
#include "models/ops/pooling.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_global_lp_pool(const Call& call) {
  norm_order(call);
  return infer_global_pooling(call);
}

std::vector<Tensor> forward_global_lp_pool(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_global_lp_pool(call).front());
  const std::int64_t plane = extent_between(call.shape(0), 2, call.shape(0).size());
  const float* from = inputs[0].values<float>().data();
  for (float& y : output.values<float>()) {
    Norm norm(norm_order(call));
    for (const float x : std::span(from, static_cast<std::size_t>(plane))) {
      norm.add(x);
    }
    y = static_cast<float>(norm.value());
    from += plane;
  }
  return {output};
}

}  // namespace

void register_global_lp_pool(Registry<Operator>& registry) {
  registry.add({.name = "GlobalLpPool",
                .doc = "(sum of |x|^p)^(1/p) of each channel",
                .kind = always<LayerKind::pooling>,
                .infer = infer_global_lp_pool,
                .macs = no_macs,
                .forward = forward_global_lp_pool});
}

}  // namespace offcut::ops
