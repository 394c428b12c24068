#include "models/ops/softmax.h"

#include "models/ops/arguments.h"

namespace offcut::ops {

SoftmaxGroups softmax_groups(const Attributes& attributes, int opset, const Shape& shape) {
  const bool one_axis = opset >= 13;
  const std::size_t axis = axis_in(attributes.integer("axis", one_axis ? -1 : 1), shape.size());
  const std::size_t end = one_axis ? axis + 1 : shape.size();
  return {extent_between(shape, 0, axis), extent_between(shape, axis, end),
          extent_between(shape, end, shape.size())};
}

std::vector<TensorType> infer_softmax(const Call& call) {
  require_inputs(call, 1, 1);
  softmax_groups(call.attributes, call.opset, float_shape(call, 0));
  return {call.inputs[0]};
}

Tensor normalize_groups(const Call& call, const Tensor& input, NormalizeGroup normalize) {
  const SoftmaxGroups g = softmax_groups(call.attributes, call.opset, float_shape(call, 0));
  Tensor y(input.type());
  const float* from = input.values<float>().data();
  float* to = y.values<float>().data();
  for (std::int64_t outer = 0; outer < g.outer; ++outer) {
    for (std::int64_t i = 0; i < g.step; ++i) {
      normalize(from + i, to + i, g.count, g.step);
    }
    from += g.count * g.step;
    to += g.count * g.step;
  }
  return y;
}

}  // namespace offcut::ops
