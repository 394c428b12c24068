// LayerNormalization: (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance,
// in double, over all axes from `axis` on, and a scale and bias of their shape. The second and
// third outputs are the means and the inverse standard deviations.

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::size_t layer_normalization_axis(const Call& call) {
  return axis_in(call.attributes.integer("axis", -1), float_shape(call, 0).size());
}

std::vector<TensorType> infer_layer_normalization(const Call& call) {
  require_inputs(call, 2, 3);
  const std::size_t axis = layer_normalization_axis(call);
  const Shape& x = call.shape(0);
  const Shape normalized(x.begin() + static_cast<std::ptrdiff_t>(axis), x.end());
  if (float_shape(call, 1) != normalized || (call.has(2) && float_shape(call, 2) != normalized)) {
    throw std::invalid_argument(fmt::format("scale or bias does not fit the last axes {} of {}",
                                            to_text(normalized), to_text(x)));
  }
  if (call.attributes.integer("stash_type", 1) != 1) {
    throw std::invalid_argument("only stash_type 1 (float32) is supported");
  }
  call.attributes.number("epsilon", 0);
  Shape groups = x;
  std::fill(groups.begin() + static_cast<std::ptrdiff_t>(axis), groups.end(), 1);
  const TensorType statistics{DataType::float32, groups};
  return {call.inputs[0], statistics, statistics};
}

struct Moments {
  double mean, inverse_deviation;
};

Moments moments(std::span<const float> x, double epsilon) {
  const auto count = static_cast<double>(x.size());
  double sum = 0;
  for (const float value : x) {
    sum += value;
  }
  const double mean = sum / count;
  double squares = 0;
  for (const float value : x) {
    squares += (value - mean) * (value - mean);
  }
  return {mean, 1 / std::sqrt(squares / count + epsilon)};
}

std::vector<Tensor> forward_layer_normalization(const Call& call, std::span<const Tensor> inputs) {
  const double epsilon = call.attributes.number("epsilon", 1e-5F);
  std::vector<Tensor> outputs;
  for (const TensorType& type : infer_layer_normalization(call)) {
    outputs.emplace_back(type);
  }
  const auto length = static_cast<std::size_t>(elements(call.shape(1)));
  const float* const scale = inputs[1].values<float>().data();
  const float* const bias = call.has(2) ? inputs[2].values<float>().data() : nullptr;
  const auto means = outputs[1].values<float>();
  const auto deviations = outputs[2].values<float>();
  for (std::size_t group = 0; group < means.size(); ++group) {
    const auto x = inputs[0].values<float>().subspan(group * length, length);
    const auto y = outputs[0].values<float>().subspan(group * length, length);
    const auto [mean, inverse] = moments(x, epsilon);
    for (std::size_t i = 0; i < length; ++i) {
      const double normalized = (x[i] - mean) * inverse * scale[i];
      y[i] = static_cast<float>(bias == nullptr ? normalized : normalized + bias[i]);
    }
    means[group] = static_cast<float>(mean);
    deviations[group] = static_cast<float>(inverse);
  }
  return outputs;
}

}  // namespace

void register_layer_normalization(Registry<Operator>& registry) {
  registry.add({.name = "LayerNormalization",
                .doc = "(x - mean) / sqrt(variance + epsilon) * scale + bias over the last axes",
                .kind = always<LayerKind::normalization>,
                .infer = infer_layer_normalization,
                .macs = no_macs,
                .forward = forward_layer_normalization,
                .float32_outputs = {1, 2}});
}

}  // namespace offcut::ops
