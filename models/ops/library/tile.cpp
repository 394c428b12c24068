// Tile: the input, repeated along each axis as often as the constant input 1 says. Any element
// type.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/rearrange.h"

namespace offcut::ops {
namespace {

std::vector<std::int64_t> repeats(const Call& call) {
  require_inputs(call, 2, 2);
  const Shape& x = call.shape(0);
  if (call.shape(1) != Shape{static_cast<std::int64_t>(x.size())}) {
    throw std::invalid_argument(
        fmt::format("repeats {} do not fit input {}", to_text(call.shape(1)), to_text(x)));
  }
  const auto times = call.known_integers(1);
  // Throws for negative ones and for those that would overflow.
  output_type(DataType::absent, times);
  return times;
}

std::vector<TensorType> infer_tile(const Call& call) {
  const auto times = repeats(call);
  TensorType output = call.inputs[0];
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (__builtin_mul_overflow(output.shape[i], times[i], &output.shape[i])) {
      throw std::invalid_argument(
          fmt::format("{} repeats of input {} are too many", times[i], to_text(call.shape(0))));
    }
  }
  return {output_type(output.type, std::move(output.shape))};
}

std::vector<Tensor> forward_tile(const Call& call, std::span<const Tensor> inputs) {
  const auto times = repeats(call);
  const auto steps = row_major_steps(call.shape(0));
  std::vector<WalkAxis<1>> axes;
  for (std::size_t i = 0; i < times.size(); ++i) {
    axes.push_back({times[i], {0}});
    axes.push_back({call.shape(0)[i], {steps[i]}});
  }
  return {rearranged(inputs[0], infer_tile(call).front().shape, axes)};
}

}  // namespace

void register_tile(Registry<Operator>& registry) {
  registry.add({.name = "Tile",
                .doc = "the input repeated along each axis",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_tile,
                .macs = no_macs,
                .forward = forward_tile});
}

}  // namespace offcut::ops
