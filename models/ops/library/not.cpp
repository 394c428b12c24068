// Not: the negation of each bool.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_not(const Call& call) {
  require_inputs(call, 1, 1);
  if (call.inputs[0].type != DataType::boolean) {
    throw std::invalid_argument(
        fmt::format("input 0 is {}, expected bool", to_text(call.inputs[0].type)));
  }
  return {call.inputs[0]};
}

std::vector<Tensor> forward_not(const Call&, std::span<const Tensor> inputs) {
  Tensor output(inputs[0].type());
  const auto from = inputs[0].values<bool>();
  std::transform(from.begin(), from.end(), output.values<bool>().begin(), std::logical_not<>());
  return {output};
}

}  // namespace

void register_not(Registry<Operator>& registry) {
  registry.add({.name = "Not",
                .doc = "not x, for bools",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_not,
                .macs = no_macs,
                .forward = forward_not});
}

}  // namespace offcut::ops
