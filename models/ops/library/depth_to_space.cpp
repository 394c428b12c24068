// DepthToSpace: groups of b * b channels become blocks of b x b pixels. Row i, column j of the
// block of channel c comes from channel (i, j, c) in mode DCR, from channel (c, i, j) in mode CRD.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/blocks.h"
#include "models/ops/rearrange.h"

namespace offcut::ops {
namespace {

bool channels_first(const Call& call) {
  const std::string mode = call.opset < 11 ? "DCR" : call.attributes.text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") {
    throw std::invalid_argument(fmt::format("attribute 'mode' is '{}'", mode));
  }
  return mode == "CRD";
}

std::vector<TensorType> infer_depth_to_space(const Call& call) {
  const std::int64_t b = block_size(call, {1}, 2);
  channels_first(call);
  Shape shape = call.shape(0);
  shape[1] /= b * b;
  for (const std::size_t axis : {2U, 3U}) {
    if (__builtin_mul_overflow(shape[axis], b, &shape[axis])) {
      throw std::invalid_argument(fmt::format("blocks of {} are too large", b));
    }
  }
  return {output_type(call.inputs[0].type, std::move(shape))};
}

std::vector<Tensor> forward_depth_to_space(const Call& call, std::span<const Tensor> inputs) {
  const std::int64_t b = block_size(call, {1}, 2);
  const Shape& x = call.shape(0);
  const auto steps = row_major_steps(x);
  const std::int64_t channels = x[1] / (b * b);
  const bool first = channels_first(call);
  const std::int64_t channel = first ? b * b * steps[1] : steps[1];
  const std::int64_t column = first ? steps[1] : channels * steps[1];
  return {rearranged(inputs[0], infer_depth_to_space(call).front().shape,
                     {{x[0], {steps[0]}},
                      {channels, {channel}},
                      {x[2], {steps[2]}},
                      {b, {b * column}},
                      {x[3], {steps[3]}},
                      {b, {column}}})};
}

}  // namespace

void register_depth_to_space(Registry<Operator>& registry) {
  registry.add({.name = "DepthToSpace",
                .doc = "groups of channels become blocks of pixels",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_depth_to_space,
                .macs = no_macs,
                .forward = forward_depth_to_space});
}

}  // namespace offcut::ops
