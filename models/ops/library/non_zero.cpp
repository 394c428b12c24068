// NonZero: the indices of the elements that are not zero, as int64: a row per axis, a column per
// element, in row-major order. Their number must be known when shapes are inferred, so the input
// must be a constant.

#include <algorithm>

#include "models/ops/arguments.h"
#include "models/ops/convert.h"
#include "models/ops/walk.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_non_zero(const Call& call) {
  require_inputs(call, 1, 1);
  const Tensor holds = convert(call.known_value(0), DataType::boolean);
  const auto marks = holds.values<bool>();
  const auto rank = static_cast<std::int64_t>(call.shape(0).size());
  return {output_type(DataType::int64, {rank, std::count(marks.begin(), marks.end(), true)})};
}

std::vector<Tensor> forward_non_zero(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_non_zero(call).front());
  const Tensor holds = convert(inputs[0], DataType::boolean);
  const auto steps = row_major_steps(call.shape(0));
  const auto marks = holds.values<bool>();
  const auto count = static_cast<std::size_t>(output.shape()[1]);
  const auto to = output.values<std::int64_t>();
  std::size_t found = 0;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (!marks[i]) {
      continue;
    }
    auto rest = static_cast<std::int64_t>(i);
    for (std::size_t axis = 0; axis < steps.size(); ++axis) {
      to[axis * count + found] = rest / steps[axis];
      rest %= steps[axis];
    }
    ++found;
  }
  return {output};
}

}  // namespace

void register_non_zero(Registry<Operator>& registry) {
  registry.add({.name = "NonZero",
                .doc = "the indices of the elements that are not zero",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_non_zero,
                .macs = no_macs,
                .forward = forward_non_zero});
}

}  // namespace offcut::ops
