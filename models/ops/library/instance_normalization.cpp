// InstanceNormalization: (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and
// variance of each image and channel, in double, and a scale and bias per channel.

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_instance_normalization(const Call& call) {
  require_inputs(call, 3, 3);
  const Shape& x = float_shape(call, 0);
  if (x.size() < 2) {
    throw std::invalid_argument(fmt::format("input {} has no channels", to_text(x)));
  }
  for (std::size_t i = 1; i <= 2; ++i) {
    if (float_shape(call, i) != Shape{x[1]}) {
      throw std::invalid_argument(fmt::format("{} of {} does not fit input {}",
                                              i == 1 ? "scale" : "bias", to_text(call.shape(i)),
                                              to_text(x)));
    }
  }
  call.attributes.number("epsilon", 0);
  return {call.inputs[0]};
}

void normalize_instance_normalization(std::span<const float> x, std::span<float> y, double epsilon,
                                      double scale, double bias) {
  double sum = 0;
  for (const float value : x) {
    sum += value;
  }
  const double mean = sum / static_cast<double>(x.size());
  double squares = 0;
  for (const float value : x) {
    squares += (value - mean) * (value - mean);
  }
  const double factor = scale / std::sqrt(squares / static_cast<double>(x.size()) + epsilon);
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = static_cast<float>((x[i] - mean) * factor + bias);
  }
}

std::vector<Tensor> forward_instance_normalization(const Call& call,
                                                   std::span<const Tensor> inputs) {
  const Shape& shape = call.shape(0);
  const double epsilon = call.attributes.number("epsilon", 1e-5F);
  Tensor output(inputs[0].type());
  const auto channels = static_cast<std::size_t>(shape[1]);
  const auto plane = static_cast<std::size_t>(extent_between(shape, 2, shape.size()));
  const auto x = inputs[0].values<float>();
  const auto y = output.values<float>();
  for (std::size_t start = 0; start < x.size(); start += plane) {
    const std::size_t c = start / plane % channels;
    normalize_instance_normalization(x.subspan(start, plane), y.subspan(start, plane), epsilon,
                                     inputs[1].values<float>()[c], inputs[2].values<float>()[c]);
  }
  return {output};
}

}  // namespace

void register_instance_normalization(Registry<Operator>& registry) {
  registry.add(
      {.name = "InstanceNormalization",
       .doc = "(x - mean) / sqrt(variance + epsilon) * scale + bias, per image and channel",
       .kind = always<LayerKind::normalization>,
       .infer = infer_instance_normalization,
       .macs = no_macs,
       .forward = forward_instance_normalization});
}

}  // namespace offcut::ops
