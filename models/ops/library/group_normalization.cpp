// GroupNormalization: (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance
// of each image and group of channels, in double (Wu, He, "Group normalization", ECCV 2018). Scale
// and bias belong to the groups in opset 18, and to the channels from opset 21 on.

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::int64_t groups_of(const Call& call) {
  const Shape& x = float_shape(call, 0);
  const std::int64_t groups = call.attributes.integer("num_groups", 0);
  if (x.size() < 2 || groups < 1 || x[1] % groups != 0) {
    throw std::invalid_argument(
        fmt::format("the channels of {} can't be divided into {} groups", to_text(x), groups));
  }
  return groups;
}

std::vector<TensorType> infer_group_normalization(const Call& call) {
  require_inputs(call, 3, 3);
  const std::int64_t groups = groups_of(call);
  const Shape expected = {call.opset < 21 ? groups : call.shape(0)[1]};
  for (std::size_t i = 1; i <= 2; ++i) {
    if (float_shape(call, i) != expected) {
      throw std::invalid_argument(fmt::format("{} is {}, expected {}", i == 1 ? "scale" : "bias",
                                              to_text(call.shape(i)), to_text(expected)));
    }
  }
  if (call.attributes.integer("stash_type", 1) != 1) {
    throw std::invalid_argument("only stash_type 1 (float32) is supported");
  }
  call.attributes.number("epsilon", 0);
  return {call.inputs[0]};
}

struct GroupMoments {
  double mean, inverse_deviation;
};

GroupMoments group_moments(std::span<const float> x, double epsilon) {
  double sum = 0;
  for (const float value : x) {
    sum += value;
  }
  const double mean = sum / static_cast<double>(x.size());
  double squares = 0;
  for (const float value : x) {
    squares += (value - mean) * (value - mean);
  }
  return {mean, 1 / std::sqrt(squares / static_cast<double>(x.size()) + epsilon)};
}

std::vector<Tensor> forward_group_normalization(const Call& call, std::span<const Tensor> inputs) {
  const Shape& shape = call.shape(0);
  const double epsilon = call.attributes.number("epsilon", 1e-5F);
  const auto channels = static_cast<std::size_t>(shape[1]);
  const auto in_group = channels / static_cast<std::size_t>(groups_of(call));
  const auto plane = static_cast<std::size_t>(extent_between(shape, 2, shape.size()));
  Tensor output(inputs[0].type());
  const auto x = inputs[0].values<float>();
  const auto y = output.values<float>();
  const auto scale = inputs[1].values<float>();
  const auto bias = inputs[2].values<float>();
  const std::size_t length = in_group * plane;
  for (std::size_t start = 0; start < x.size(); start += length) {
    const auto [mean, inverse] = group_moments(x.subspan(start, length), epsilon);
    for (std::size_t i = start; i < start + length; ++i) {
      const std::size_t channel = i / plane % channels;
      const std::size_t k = call.opset < 21 ? channel / in_group : channel;
      y[i] = static_cast<float>((x[i] - mean) * inverse * scale[k] + bias[k]);
    }
  }
  return {output};
}

}  // namespace

void register_group_normalization(Registry<Operator>& registry) {
  registry.add({.name = "GroupNormalization",
                .doc = "(x - mean) / sqrt(variance + epsilon) * scale + bias, per image and group",
                .kind = always<LayerKind::normalization>,
                .infer = infer_group_normalization,
                .macs = no_macs,
                .forward = forward_group_normalization});
}

}  // namespace offcut::ops
