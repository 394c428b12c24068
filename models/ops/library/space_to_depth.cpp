// SpaceToDepth: each block of b x b pixels becomes b * b channels: row i, column j of a block of
// channel c goes to channel (i, j, c).

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/blocks.h"
#include "models/ops/rearrange.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_space_to_depth(const Call& call) {
  const std::int64_t b = block_size(call, {2, 3}, 1);
  Shape shape = call.shape(0);
  if (__builtin_mul_overflow(shape[1], b * b, &shape[1])) {
    throw std::invalid_argument(fmt::format("blocks of {} are too large", b));
  }
  shape[2] /= b;
  shape[3] /= b;
  return {output_type(call.inputs[0].type, std::move(shape))};
}

std::vector<Tensor> forward_space_to_depth(const Call& call, std::span<const Tensor> inputs) {
  const std::int64_t b = block_size(call, {2, 3}, 1);
  const Shape& x = call.shape(0);
  const auto steps = row_major_steps(x);
  return {rearranged(inputs[0], infer_space_to_depth(call).front().shape,
                     {{x[0], {steps[0]}},
                      {b, {steps[2]}},
                      {b, {steps[3]}},
                      {x[1], {steps[1]}},
                      {x[2] / b, {b * steps[2]}},
                      {x[3] / b, {b * steps[3]}}})};
}

}  // namespace

void register_space_to_depth(Registry<Operator>& registry) {
  registry.add({.name = "SpaceToDepth",
                .doc = "blocks of pixels become channels",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_space_to_depth,
                .macs = no_macs,
                .forward = forward_space_to_depth});
}

}  // namespace offcut::ops
