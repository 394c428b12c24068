// com.microsoft QLinearGlobalAveragePool: the mean of each channel of a quantised X as a quantised
// Y. With `channels_last`, the channels are on the last axis. Inputs: X, its scale and zero point,
// and those of Y.

#include <fmt/format.h>

#include <numeric>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/quantized_pooling.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_microsoft_qlinear_global_average_pool(const Call& call) {
  require_inputs(call, 2, 5);
  Shape shape = with_channels_on_axis_1(call, call.shape(0));
  if (extent_between(shape, 2, shape.size()) == 0) {
    throw std::invalid_argument(
        fmt::format("input {} has no elements to pool", to_text(call.shape(0))));
  }
  std::fill(shape.begin() + 2, shape.end(), 1);
  return infer_quantized_pooling(call, shape);
}

Tensor mean_of_planes(const Tensor& x) {
  Shape shape = x.shape();
  const std::int64_t plane = extent_between(shape, 2, shape.size());
  std::fill(shape.begin() + 2, shape.end(), 1);
  Tensor y(TensorType{DataType::float32, shape});
  const float* from = x.values<float>().data();
  for (float& mean : y.values<float>()) {
    mean =
        static_cast<float>(std::accumulate(from, from + plane, 0.0) / static_cast<double>(plane));
    from += plane;
  }
  return y;
}

std::vector<Tensor> forward_microsoft_qlinear_global_average_pool(const Call& call,
                                                                  std::span<const Tensor> inputs) {
  const TensorType type = infer_microsoft_qlinear_global_average_pool(call).front();
  return forward_quantized_pooling(call, inputs, type, mean_of_planes);
}

}  // namespace

void register_microsoft_qlinear_global_average_pool(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.QLinearGlobalAveragePool",
                .doc = "the mean of each channel of a quantised tensor as a quantised one",
                .kind = always<LayerKind::pooling>,
                .infer = infer_microsoft_qlinear_global_average_pool,
                .macs = no_macs,
                .forward = forward_microsoft_qlinear_global_average_pool});
}

}  // namespace offcut::ops
