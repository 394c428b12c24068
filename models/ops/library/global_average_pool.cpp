// GlobalAveragePool: the mean of each channel over all spatial axes, which stay with extent 1.
// Summed in double, in order.

#include <numeric>

#include "models/ops/arguments.h"
#include "models/ops/pooling.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_global_average_pool(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_global_pooling(call).front());
  const Shape& shape = call.shape(0);
  const std::int64_t plane = extent_between(shape, 2, shape.size());
  const float* x = inputs[0].values<float>().data();
  for (float& mean : output.values<float>()) {
    mean = static_cast<float>(std::accumulate(x, x + plane, 0.0) / static_cast<double>(plane));
    x += plane;
  }
  return {output};
}

}  // namespace

void register_global_average_pool(Registry<Operator>& registry) {
  registry.add({.name = "GlobalAveragePool",
                .doc = "the mean of each channel over all its positions",
                .kind = always<LayerKind::pooling>,
                .infer = infer_global_pooling,
                .macs = no_macs,
                .forward = forward_global_average_pool});
}

}  // namespace offcut::ops
