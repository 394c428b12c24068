// MaxUnpool: a tensor of zeros with the elements of x at the indices, which come from MaxPool's
// second output. Its extents follow from the window, or the constant input 2 gives them; the
// indices still count in the tensor that the window gives.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/indices.h"
#include "models/ops/walk.h"
#include "models/ops/window.h"

namespace offcut::ops {
namespace {

/// Returns the shape that MaxPool has read with that window.
Shape pooled_from(const Call& call) {
  const Shape& x = float_shape(call, 0);
  if (x.size() < 3) {
    throw std::invalid_argument(fmt::format("input {} has no spatial axes", to_text(x)));
  }
  if (!call.attributes.has("kernel_shape")) {
    throw std::invalid_argument("attribute 'kernel_shape' is missing");
  }
  const auto kernel = call.attributes.integers("kernel_shape", {});
  const auto axes = transposed_window_axes(call, std::span(x).subspan(2), kernel);
  Shape shape = {x[0], x[1]};
  for (const WindowAxis& axis : axes) {
    shape.push_back(axis.in);
  }
  return output_type(DataType::float32, std::move(shape)).shape;
}

std::vector<TensorType> infer_max_unpool(const Call& call) {
  require_inputs(call, 2, 3);
  const Shape own = pooled_from(call);
  if (call.inputs[1] != TensorType{DataType::int64, call.shape(0)}) {
    throw std::invalid_argument(fmt::format("indices {} do not fit input {}",
                                            to_text(call.inputs[1]), to_text(call.shape(0))));
  }
  if (!call.has(2)) {
    return {{DataType::float32, own}};
  }
  const Shape given = call.known_integers(2);
  bool fits = given.size() == own.size();
  for (std::size_t i = 0; fits && i < own.size(); ++i) {
    fits = given[i] >= own[i];
  }
  if (!fits) {
    throw std::invalid_argument(
        fmt::format("the output {} is smaller than {}", to_text(given), to_text(own)));
  }
  return {output_type(DataType::float32, given)};
}

std::vector<Tensor> forward_max_unpool(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_max_unpool(call).front());
  const Shape own = pooled_from(call);
  const auto indices = indices_in(inputs[1], elements(own));
  const auto own_steps = row_major_steps(own);
  const auto steps = row_major_steps(output.shape());
  const auto x = inputs[0].values<float>();
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::int64_t rest = indices[i];
    std::int64_t target = 0;
    for (std::size_t axis = 0; axis < own.size(); ++axis) {
      target += rest / own_steps[axis] * steps[axis];
      rest %= own_steps[axis];
    }
    output.values<float>()[static_cast<std::size_t>(target)] = x[i];
  }
  return {output};
}

}  // namespace

void register_max_unpool(Registry<Operator>& registry) {
  registry.add({.name = "MaxUnpool",
                .doc = "the elements at the places from which MaxPool took them",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_max_unpool,
                .macs = no_macs,
                .forward = forward_max_unpool});
}

}  // namespace offcut::ops
