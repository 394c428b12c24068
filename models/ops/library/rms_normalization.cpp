// RMSNormalization (opset 23): x / sqrt(mean of x^2 + epsilon) * scale, with the mean, in double,
// over all axes from `axis` on (Zhang, Sennrich, "Root mean square layer normalization", NeurIPS
// 2019). The scale is broadcast to these axes.

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/broadcast.h"

namespace offcut::ops {
namespace {

std::size_t rms_axis(const Call& call) {
  return axis_in(call.attributes.integer("axis", -1), float_shape(call, 0).size());
}

std::vector<TensorType> infer_rms_normalization(const Call& call) {
  require_inputs(call, 2, 2);
  const Shape& x = call.shape(0);
  const Shape normalized(x.begin() + static_cast<std::ptrdiff_t>(rms_axis(call)), x.end());
  if (Broadcast(normalized, float_shape(call, 1)).shape() != normalized) {
    throw std::invalid_argument(fmt::format("scale {} does not fit the last axes {} of {}",
                                            to_text(call.shape(1)), to_text(normalized),
                                            to_text(x)));
  }
  if (call.attributes.integer("stash_type", 1) != 1) {
    throw std::invalid_argument("only stash_type 1 (float32) is supported");
  }
  call.attributes.number("epsilon", 0);
  return {call.inputs[0]};
}

/// Returns the scale of each element of a group.
std::vector<float> scales_in_group(const Tensor& scale, const Shape& group) {
  std::vector<float> scales(static_cast<std::size_t>(elements(group)));
  const Broadcast pairs(group, scale.shape());
  pairs.for_each_run([&](std::int64_t, std::int64_t from, std::int64_t to, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      scales[static_cast<std::size_t>(to + i)] =
          scale.values<float>()[static_cast<std::size_t>(from + i * pairs.b_step())];
    }
  });
  return scales;
}

std::vector<Tensor> forward_rms_normalization(const Call& call, std::span<const Tensor> inputs) {
  const double epsilon = call.attributes.number("epsilon", 1e-5F);
  const Shape& shape = call.shape(0);
  const Shape group(shape.begin() + static_cast<std::ptrdiff_t>(rms_axis(call)), shape.end());
  const std::vector<float> scale = scales_in_group(inputs[1], group);
  Tensor output(inputs[0].type());
  const auto x = inputs[0].values<float>();
  const auto y = output.values<float>();
  for (std::size_t start = 0; start < x.size(); start += scale.size()) {
    double squares = 0;
    for (std::size_t i = 0; i < scale.size(); ++i) {
      squares += static_cast<double>(x[start + i]) * x[start + i];
    }
    const double inverse = 1 / std::sqrt(squares / static_cast<double>(scale.size()) + epsilon);
    for (std::size_t i = 0; i < scale.size(); ++i) {
      y[start + i] = static_cast<float>(x[start + i] * inverse * scale[i]);
    }
  }
  return {output};
}

}  // namespace

void register_rms_normalization(Registry<Operator>& registry) {
  registry.add({.name = "RMSNormalization",
                .doc = "x / sqrt(mean of x^2 + epsilon) * scale over the last axes",
                .kind = always<LayerKind::normalization>,
                .infer = infer_rms_normalization,
                .macs = no_macs,
                .forward = forward_rms_normalization});
}

}  // namespace offcut::ops
