// Squeeze: the input without the axes `axes` (an attribute up to opset 12, input 1 from 13 on),
// which have extent 1; if they are not given, without all axes of extent 1. No copy.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_squeeze(const Call& call) {
  require_inputs(call, 1, call.opset < 13 ? 1 : 2);
  const Shape& x = call.shape(0);
  const auto list = list_argument(call, "axes", 1, 13);
  const std::vector<bool> named = axes_in(list.value_or(std::vector<std::int64_t>{}), x.size());
  TensorType output{call.inputs[0].type, {}};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (named[i] && x[i] != 1) {
      throw std::invalid_argument(fmt::format("axis {} of {} is not of extent 1", i, to_text(x)));
    }
    if (list ? !named[i] : x[i] != 1) {
      output.shape.push_back(x[i]);
    }
  }
  return {output};
}

std::vector<Tensor> forward_squeeze(const Call& call, std::span<const Tensor> inputs) {
  return {inputs[0].reshaped(infer_squeeze(call).front().shape)};
}

}  // namespace

void register_squeeze(Registry<Operator>& registry) {
  registry.add({.name = "Squeeze",
                .doc = "the input without axes of extent 1",
                .kind = always<LayerKind::view>,
                .infer = infer_squeeze,
                .macs = no_macs,
                .forward = forward_squeeze});
}

}  // namespace offcut::ops
