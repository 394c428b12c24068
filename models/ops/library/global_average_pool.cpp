// GlobalAveragePool: the mean of each channel over all spatial axes, which stay with extent 1.
// Summed in double, in order.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut {
namespace {

std::vector<TensorType> infer(const Call& call) {
  require_inputs(call, 1, 1);
  const Shape& x = float_shape(call, 0);
  if (x.size() < 2) {
    throw std::invalid_argument(fmt::format("input {} has no channels", to_text(x)));
  }
  if (extent_between(x, 2, x.size()) == 0) {
    throw std::invalid_argument(fmt::format("input {} has nothing to average", to_text(x)));
  }
  Shape shape = x;
  std::fill(shape.begin() + 2, shape.end(), 1);
  return {{DataType::float32, std::move(shape)}};
}

std::vector<Tensor> forward(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer(call).front());
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
                .infer = infer,
                .macs = no_macs,
                .forward = forward});
}

}  // namespace offcut
