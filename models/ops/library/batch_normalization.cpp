// BatchNormalization, inference: y = (x - mean) / sqrt(variance + epsilon) * scale + bias, one
// mean, variance, scale and bias per channel (axis 1). ONNX treats a vector as one channel.

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::int64_t channels(const Shape& x) { return x.size() == 1 ? 1 : x[1]; }

void require_inference(const Call& call) {
  if (call.opset < 7) {
    throw std::invalid_argument(
        fmt::format("opset {}: only opset 7 and later is supported", call.opset));
  }
  if (call.attributes.integer("training_mode", 0) != 0) {
    throw std::invalid_argument("training_mode = 1 is not supported");
  }
  if (call.opset < 9 && call.attributes.integer("spatial", 1) == 0) {
    throw std::invalid_argument("spatial = 0 is not supported");
  }
  call.attributes.number("epsilon", 0);
}

std::vector<TensorType> infer_batch_normalization(const Call& call) {
  require_inputs(call, 5, 5);
  require_inference(call);
  const Shape& x = float_shape(call, 0);
  if (x.empty()) {
    throw std::invalid_argument("a scalar has no channels");
  }
  constexpr std::array<std::string_view, 5> kNames = {"input", "scale", "bias", "mean", "variance"};
  for (std::size_t i = 1; i < kNames.size(); ++i) {
    if (float_shape(call, i) != Shape{channels(x)}) {
      throw std::invalid_argument(fmt::format("{} of {} does not fit input {}", kNames.at(i),
                                              to_text(call.shape(i)), to_text(x)));
    }
  }
  return {call.inputs[0]};
}

std::vector<Tensor> forward_batch_normalization(const Call& call, std::span<const Tensor> inputs) {
  const float epsilon = call.attributes.number("epsilon", 1e-5F);
  const Shape& shape = call.shape(0);
  Tensor output(inputs[0].type());
  const float* x = inputs[0].values<float>().data();
  float* y = output.values<float>().data();
  const auto per_channel = [&](std::size_t input) { return inputs[input].values<float>(); };
  const std::int64_t count = channels(shape);
  const std::int64_t plane = shape.size() == 1 ? shape[0] : extent_between(shape, 2, shape.size());
  const std::int64_t batch = shape.size() == 1 ? 1 : shape[0];
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(count); ++c, x += plane, y += plane) {
      const float factor = per_channel(1)[c] / std::sqrt(per_channel(4)[c] + epsilon);
      const float bias = per_channel(2)[c];
      const float mean = per_channel(3)[c];
      for (std::int64_t i = 0; i < plane; ++i) {
        y[i] = (x[i] - mean) * factor + bias;
      }
    }
  }
  return {output};
}

}  // namespace

void register_batch_normalization(Registry<Operator>& registry) {
  registry.add({.name = "BatchNormalization",
                .doc = "(x - mean) / sqrt(variance + epsilon) * scale + bias, per channel",
                .kind = always<LayerKind::normalization>,
                .infer = infer_batch_normalization,
                .macs = no_macs,
                .forward = forward_batch_normalization});
}

}  // namespace offcut::ops
