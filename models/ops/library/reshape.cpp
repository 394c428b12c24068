// Reshape: the same elements under the shape that input 1 gives (up to opset 4: attribute `shape`).
// 0 stands for the input's extent (from opset 14 on: unless allowzero is set), one -1 for the
// remaining extent. No copy.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

Shape wanted_shape(const Call& call) {
  if (call.opset < 5) {
    require_inputs(call, 1, 1);
    if (!call.attributes.has("shape")) {
      throw std::invalid_argument("attribute 'shape' is missing");
    }
    return call.attributes.integers("shape", {});
  }
  require_inputs(call, 2, 2);
  if (call.shape(1).size() != 1) {
    throw std::invalid_argument(
        fmt::format("the shape is {}, expected a list", to_text(call.inputs[1])));
  }
  return call.known_integers(1);
}

/// Puts the input's extents in the place of zeros.
void take_over_zeros(const Shape& x, Shape& shape) {
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && i >= x.size()) {
      throw std::invalid_argument(
          fmt::format("extent 0 at place {} has no counterpart in {}", i, to_text(x)));
    }
    shape[i] = shape[i] == 0 ? x[i] : shape[i];
  }
}

/// Puts the remaining extent in the place of -1, if there is one.
void fill_in_unknown(const Shape& x, Shape& shape) {
  const auto unknown = std::find(shape.begin(), shape.end(), -1);
  if (unknown == shape.end()) {
    return;
  }
  *unknown = 1;
  const std::int64_t others = elements(output_type(DataType::absent, shape).shape);
  if (others == 0 || elements(x) % others != 0) {
    *unknown = -1;
    throw std::invalid_argument(
        fmt::format("{} cannot be reshaped to {}", to_text(x), to_text(shape)));
  }
  *unknown = elements(x) / others;
}

void require_one_unknown_at_most(const Shape& shape) {
  const auto negative = std::count_if(shape.begin(), shape.end(), [](auto e) { return e < 0; });
  if (negative > 1 || negative != std::count(shape.begin(), shape.end(), -1)) {
    throw std::invalid_argument(
        fmt::format("shape {} has more than one -1 or other negative extents", to_text(shape)));
  }
}

std::vector<TensorType> infer_reshape(const Call& call) {
  Shape shape = wanted_shape(call);
  require_one_unknown_at_most(shape);
  const Shape& x = call.shape(0);
  const bool zero_is_zero = call.opset >= 14 && call.attributes.integer("allowzero", 0) != 0;
  if (zero_is_zero && std::count(shape.begin(), shape.end(), 0) > 0 &&
      std::count(shape.begin(), shape.end(), -1) > 0) {
    throw std::invalid_argument(
        fmt::format("shape {} has both 0 and -1 with allowzero", to_text(shape)));
  }
  if (!zero_is_zero) {
    take_over_zeros(x, shape);
  }
  fill_in_unknown(x, shape);
  TensorType output = output_type(call.inputs[0].type, std::move(shape));
  if (elements(output.shape) != elements(x)) {
    throw std::invalid_argument(
        fmt::format("{} cannot be reshaped to {}", to_text(x), to_text(output.shape)));
  }
  return {std::move(output)};
}

std::vector<Tensor> forward_reshape(const Call& call, std::span<const Tensor> inputs) {
  return {inputs[0].reshaped(infer_reshape(call).front().shape)};
}

}  // namespace

void register_reshape(Registry<Operator>& registry) {
  registry.add({.name = "Reshape",
                .doc = "the same elements under another shape",
                .kind = always<LayerKind::view>,
                .infer = infer_reshape,
                .macs = no_macs,
                .forward = forward_reshape});
}

}  // namespace offcut::ops
