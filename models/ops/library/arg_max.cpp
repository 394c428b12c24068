// ArgMax: where along `axis` the greatest element is, as int64: the first of equal ones, or the
// last where select_last_index is set (from opset 12 on).

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut {
namespace {

std::size_t axis_of(const Call& call) {
  return axis_in(call.attributes.integer("axis", 0), float_shape(call, 0).size());
}

bool prefers_last(const Call& call) {
  return call.opset >= 12 && call.attributes.integer("select_last_index", 0) != 0;
}

std::vector<TensorType> infer(const Call& call) {
  require_inputs(call, 1, 1);
  const std::size_t axis = axis_of(call);
  prefers_last(call);
  Shape shape = call.shape(0);
  if (shape[axis] == 0) {
    throw std::invalid_argument(fmt::format("input {} has nothing to choose from", to_text(shape)));
  }
  shape[axis] = 1;
  if (call.attributes.integer("keepdims", 1) == 0) {
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  }
  return {{DataType::int64, std::move(shape)}};
}

std::vector<Tensor> forward(const Call& call, std::span<const Tensor> inputs) {
  const Shape& x = call.shape(0);
  const std::size_t axis = axis_of(call);
  const bool last = prefers_last(call);
  const std::int64_t outer = extent_between(x, 0, axis);
  const std::int64_t step = extent_between(x, axis + 1, x.size());
  Tensor output(infer(call).front());
  std::int64_t* to = output.values<std::int64_t>().data();
  const float* from = inputs[0].values<float>().data();
  for (std::int64_t o = 0; o < outer; ++o, from += x[axis] * step) {
    for (std::int64_t i = 0; i < step; ++i) {
      std::int64_t best = 0;
      for (std::int64_t k = 1; k < x[axis]; ++k) {
        const float a = from[best * step + i];
        const float b = from[k * step + i];
        best = b > a || (last && b == a) ? k : best;
      }
      *to++ = best;
    }
  }
  return {output};
}

}  // namespace

void register_arg_max(Registry<Operator>& registry) {
  registry.add({.name = "ArgMax",
                .doc = "where along an axis the greatest element is",
                .kind = always<LayerKind::pooling>,
                .infer = infer,
                .macs = no_macs,
                .forward = forward});
}

}  // namespace offcut
