// Split: the input in parts along `axis`. Their sizes are `split` (an attribute up to opset 12, a
// constant input from 13 on), or else equal, one part per output; from opset 18 on, `num_outputs`
// says how many, and the last one may be smaller. Any element type.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/rearrange.h"

namespace offcut::ops {
namespace {

std::vector<std::int64_t> equal_parts(std::int64_t extent, std::size_t outputs) {
  const auto count = static_cast<std::int64_t>(outputs);
  if (count == 0 || extent % count != 0) {
    throw std::invalid_argument(fmt::format("{} cannot be split into {} parts", extent, count));
  }
  return std::vector<std::int64_t>(outputs, extent / count);
}

/// Returns `count` parts of which only the last may be smaller than the others.
std::vector<std::int64_t> numbered_parts(std::int64_t extent, std::int64_t count,
                                         std::size_t outputs) {
  if (count != static_cast<std::int64_t>(outputs)) {
    throw std::invalid_argument(
        fmt::format("num_outputs is {}, but there are {} outputs", count, outputs));
  }
  const std::int64_t size = (extent + count - 1) / count;
  std::vector<std::int64_t> parts(outputs, size);
  parts.back() = extent - size * (count - 1);
  if (parts.back() < 0) {
    throw std::invalid_argument(fmt::format("{} cannot be split into {} parts", extent, count));
  }
  return parts;
}

std::vector<std::int64_t> parts(const Call& call) {
  const std::int64_t extent = call.shape(0)[axis_argument(call, 0)];
  const auto given = list_argument(call, "split", 1, 13);
  if (call.opset >= 18 && given.has_value() == call.attributes.has("num_outputs")) {
    throw std::invalid_argument("one of 'split' and 'num_outputs' must be given");
  }
  if (!given && call.opset >= 18) {
    return numbered_parts(extent, call.attributes.integer("num_outputs", 0), call.outputs);
  }
  if (!given) {
    return equal_parts(extent, call.outputs);
  }
  std::int64_t left = extent;
  for (const std::int64_t part : *given) {
    if (part < 0 || part > left) {
      left = -1;
      break;
    }
    left -= part;
  }
  if (left != 0 || given->empty()) {
    throw std::invalid_argument(fmt::format("the parts do not add up to {}", extent));
  }
  return *given;
}

std::vector<TensorType> infer_split(const Call& call) {
  require_inputs(call, 1, call.opset < 13 ? 1 : 2);
  std::vector<TensorType> outputs;
  for (const std::int64_t part : parts(call)) {
    outputs.push_back(call.inputs[0]);
    outputs.back().shape[axis_argument(call, 0)] = part;
  }
  return outputs;
}

std::vector<Tensor> forward_split(const Call& call, std::span<const Tensor> inputs) {
  const auto steps = row_major_steps(call.shape(0));
  const std::size_t axis = axis_argument(call, 0);
  std::vector<Tensor> outputs;
  std::int64_t start = 0;
  for (TensorType& type : infer_split(call)) {
    std::vector<WalkAxis<1>> axes;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      axes.push_back({type.shape[i], {steps[i]}});
    }
    const std::int64_t part = type.shape[axis];
    outputs.push_back(rearranged(inputs[0], std::move(type.shape), axes, start));
    start += part * steps[axis];
  }
  return outputs;
}

}  // namespace

void register_split(Registry<Operator>& registry) {
  registry.add({.name = "Split",
                .doc = "the input in parts along an axis",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_split,
                .macs = no_macs,
                .forward = forward_split});
}

}  // namespace offcut::ops
