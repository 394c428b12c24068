// Transpose: axis i of the output is axis perm[i] of the input; by default the axes are reversed.
// Any element type.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <numeric>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/rearrange.h"

namespace offcut::ops {
namespace {

std::vector<std::size_t> permutation(const Call& call) {
  const std::size_t rank = call.shape(0).size();
  std::vector<std::int64_t> reversed(rank);
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const auto perm = call.attributes.integers("perm", reversed);
  std::vector<bool> used(rank, false);
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : perm) {
    const auto i = static_cast<std::size_t>(axis);
    if (axis < 0 || i >= rank || used[i]) {
      break;
    }
    used[i] = true;
    axes.push_back(i);
  }
  if (axes.size() != rank || perm.size() != rank) {
    throw std::invalid_argument(
        fmt::format("perm [{}] is not a permutation of {} axes", fmt::join(perm, ", "), rank));
  }
  return axes;
}

std::vector<TensorType> infer_transpose(const Call& call) {
  require_inputs(call, 1, 1);
  TensorType output{call.inputs[0].type, {}};
  for (const std::size_t axis : permutation(call)) {
    output.shape.push_back(call.shape(0)[axis]);
  }
  return {output};
}

std::vector<Tensor> forward_transpose(const Call& call, std::span<const Tensor> inputs) {
  const auto steps = row_major_steps(call.shape(0));
  std::vector<WalkAxis<1>> axes;
  for (const std::size_t axis : permutation(call)) {
    axes.push_back({call.shape(0)[axis], {steps[axis]}});
  }
  return {rearranged(inputs[0], infer_transpose(call).front().shape, axes)};
}

}  // namespace

void register_transpose(Registry<Operator>& registry) {
  registry.add({.name = "Transpose",
                .doc = "the axes in another order",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_transpose,
                .macs = no_macs,
                .forward = forward_transpose});
}

}  // namespace offcut::ops
