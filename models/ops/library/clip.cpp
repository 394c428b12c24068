// Clip: min(max(x, low), high). The limits are attributes up to opset 10 and optional inputs from
// 11 on. A NaN stays a NaN; where low > high the result is high, as in numpy.

#include <fmt/format.h>

#include <limits>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/elementwise.h"

namespace offcut {
namespace {

constexpr float kMost = std::numeric_limits<float>::max();

bool limits_are_inputs(const Call& call) { return call.opset >= 11; }

std::vector<TensorType> infer(const Call& call) {
  if (!limits_are_inputs(call)) {
    call.attributes.number("min", -kMost);
    call.attributes.number("max", kMost);
    return same_as_input(call);
  }
  require_inputs(call, 1, 3);
  float_shape(call, 0);
  for (std::size_t i = 1; i <= 2; ++i) {
    if (call.has(i) && elements(float_shape(call, i)) != 1) {
      throw std::invalid_argument(
          fmt::format("input {} is {}, expected a scalar", i, to_text(call.inputs[i])));
    }
  }
  return {call.inputs[0]};
}

float limit(const Call& call, std::span<const Tensor> inputs, std::size_t input, float fallback) {
  return call.has(input) ? inputs[input].values<float>().front() : fallback;
}

std::vector<Tensor> forward(const Call& call, std::span<const Tensor> inputs) {
  float low = 0;
  float high = 0;
  if (limits_are_inputs(call)) {
    low = limit(call, inputs, 1, -kMost);
    high = limit(call, inputs, 2, kMost);
  } else {
    low = call.attributes.number("min", -kMost);
    high = call.attributes.number("max", kMost);
  }
  return {map_elements(inputs[0], [low, high](float x) {
    const float raised = x < low ? low : x;
    return raised > high ? high : raised;
  })};
}

}  // namespace

void register_clip(Registry<Operator>& registry) {
  registry.add({.name = "Clip",
                .doc = "min(max(x, low), high)",
                .kind = always<LayerKind::elementwise>,
                .infer = infer,
                .macs = no_macs,
                .forward = forward});
}

}  // namespace offcut
