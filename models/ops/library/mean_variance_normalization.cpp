// MeanVarianceNormalization: (x - mean) / (standard deviation + 1e-9) over the axes `axes` (by
// default all but the channels), in double.

#include <cmath>

#include "models/ops/arguments.h"
#include "models/ops/walk.h"

namespace offcut::ops {
namespace {

std::vector<bool> mean_variance_axes(const Call& call) {
  return axes_in(call.attributes.integers("axes", {0, 2, 3}), float_shape(call, 0).size());
}

std::vector<TensorType> infer_mean_variance_normalization(const Call& call) {
  require_inputs(call, 1, 1);
  mean_variance_axes(call);
  return {call.inputs[0]};
}

/// Makes a walk over the input and, in step with it, over the group of each element.
Walk<2> walk_over(const Shape& shape, const std::vector<bool>& reduced, std::int64_t& groups) {
  const auto steps = row_major_steps(shape);
  std::vector<WalkAxis<2>> axes(shape.size());
  groups = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    axes[i] = {shape[i], {steps[i], reduced[i] ? 0 : groups}};
    groups *= reduced[i] ? 1 : shape[i];
  }
  return Walk<2>(axes);
}

std::vector<Tensor> forward_mean_variance_normalization(const Call& call,
                                                        std::span<const Tensor> inputs) {
  std::int64_t groups = 0;
  const Walk<2> walk = walk_over(call.shape(0), mean_variance_axes(call), groups);
  const float* const x = inputs[0].values<float>().data();
  const auto count = static_cast<double>(inputs[0].size() / groups);
  const auto add_up = [&](auto term) {
    std::vector<double> sums(static_cast<std::size_t>(groups));
    walk.for_each_run([&](const Walk<2>::Offsets& offsets, std::int64_t length) {
      for (std::int64_t i = 0; i < length; ++i) {
        const auto group = static_cast<std::size_t>(offsets[1] + i * walk.step()[1]);
        sums[group] += term(x[offsets[0] + i], group);
      }
    });
    return sums;
  };
  const auto sums = add_up([](float value, std::size_t) { return value; });
  const auto squares = add_up([&](float value, std::size_t group) {
    return (value - sums[group] / count) * (value - sums[group] / count);
  });
  Tensor output(inputs[0].type());
  float* const y = output.values<float>().data();
  walk.for_each_run([&](const Walk<2>::Offsets& offsets, std::int64_t length) {
    for (std::int64_t i = 0; i < length; ++i) {
      const auto group = static_cast<std::size_t>(offsets[1] + i * walk.step()[1]);
      const double deviation = std::sqrt(squares[group] / count) + 1e-9;
      y[offsets[0] + i] = static_cast<float>((x[offsets[0] + i] - sums[group] / count) / deviation);
    }
  });
  return {output};
}

}  // namespace

void register_mean_variance_normalization(Registry<Operator>& registry) {
  registry.add({.name = "MeanVarianceNormalization",
                .doc = "(x - mean) / standard deviation over some axes",
                .kind = always<LayerKind::normalization>,
                .infer = infer_mean_variance_normalization,
                .macs = no_macs,
                .forward = forward_mean_variance_normalization});
}

}  // namespace offcut::ops
