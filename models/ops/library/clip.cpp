// Clip: min(max(x, low), high). The limits are attributes up to opset 10 and optional inputs from
// 11 on. A NaN stays a NaN; if low > high, the result is high, as in numpy.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/binary.h"
#include "models/ops/elementwise.h"

namespace offcut::ops {
namespace {

bool limits_are_inputs(const Call& call) { return call.opset >= 11; }

std::vector<TensorType> infer_clip(const Call& call) {
  if (!limits_are_inputs(call)) {
    call.attributes.number("min", 0);
    call.attributes.number("max", 0);
    return same_as_input(call);
  }
  require_inputs(call, 1, 3);
  number_type(call);
  for (std::size_t i = 1; i <= 2; ++i) {
    if (!call.has(i)) {
      continue;
    }
    require_same_type(call, 0, i);
    if (elements(call.shape(i)) != 1) {
      throw std::invalid_argument(
          fmt::format("input {} is {}, expected a scalar", i, to_text(call.inputs[i])));
    }
  }
  return {call.inputs[0]};
}

template <class T>
T limit(const Call& call, std::span<const Tensor> inputs, std::size_t input, T fallback) {
  if (limits_are_inputs(call)) {
    return call.has(input) ? inputs[input].values<T>().front() : fallback;
  }
  // The type is float32; infer() has checked it.
  return static_cast<T>(
      call.attributes.number(input == 1 ? "min" : "max", static_cast<float>(fallback)));
}

std::vector<Tensor> forward_clip(const Call& call, std::span<const Tensor> inputs) {
  return {with_number_type(inputs[0].type().type, [&](auto zero) {
    using T = decltype(zero);
    const T low = limit(call, inputs, 1, std::numeric_limits<T>::lowest());
    const T high = limit(call, inputs, 2, std::numeric_limits<T>::max());
    Tensor output(inputs[0].type());
    const auto from = inputs[0].values<T>();
    std::transform(from.begin(), from.end(), output.values<T>().begin(), [low, high](T x) {
      const T raised = x < low ? low : x;
      return raised > high ? high : raised;
    });
    return output;
  })};
}

}  // namespace

void register_clip(Registry<Operator>& registry) {
  registry.add({.name = "Clip",
                .doc = "min(max(x, low), high)",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_clip,
                .macs = no_macs,
                .forward = forward_clip});
}

}  // namespace offcut::ops
