#include "models/ops/reduction.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/binary.h"

namespace offcut::ops {

std::vector<bool> reduced_axes(const Call& call, int first_opset) {
  const std::size_t rank = call.shape(0).size();
  const auto list = list_argument(call, "axes", 1, first_opset);
  const bool noop = call.attributes.integer("noop_with_empty_axes", 0) != 0;
  return list && !list->empty() ? axes_in(*list, rank)
                                : std::vector<bool>(rank, call.opset < first_opset || !noop);
}

Shape kept_shape(const Shape& x, const std::vector<bool>& reduced) {
  Shape shape = x;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    shape[i] = reduced[i] ? 1 : shape[i];
  }
  return shape;
}

std::vector<TensorType> infer_reduction(const Call& call, int first_opset, bool allow_empty) {
  require_inputs(call, 1, call.opset < first_opset ? 1 : 2);
  const Shape& x = call.shape(0);
  const auto reduced = reduced_axes(call, first_opset);
  const bool keep = call.attributes.integer("keepdims", 1) != 0;
  TensorType output{number_type(call), {}};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (reduced[i] && x[i] == 0 && !allow_empty) {
      throw std::invalid_argument(fmt::format("input {} has no elements to reduce", to_text(x)));
    }
    if (!reduced[i] || keep) {
      output.shape.push_back(reduced[i] ? 1 : x[i]);
    }
  }
  return {output};
}

std::vector<TensorType> infer_float_reduction(const Call& call) {
  float_shape(call, 0);
  return infer_reduction(call, kAxesAlwaysAttribute, false);
}

std::vector<TensorType> infer_extreme(const Call& call) {
  constexpr int kBools = 20;
  call.shape(0);
  if (call.opset < kBools || call.inputs[0].type != DataType::boolean) {
    return infer_reduction(call, kAxesAlwaysAttribute, false);
  }
  std::vector<TensorType> bits(call.inputs.begin(), call.inputs.end());
  bits[0].type = DataType::uint8;
  Call as_bits = call;
  as_bits.inputs = bits;
  std::vector<TensorType> outputs = infer_reduction(as_bits, kAxesAlwaysAttribute, false);
  outputs[0].type = DataType::boolean;
  return outputs;
}

}  // namespace offcut::ops
