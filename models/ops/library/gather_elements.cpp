// GatherElements: y[.., i, ..] = x[.., indices[.., i, ..], ..], where i stands at axis `axis`. The
// indices have the input's rank and at most its extents along the other axes. Any element type.

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

#include "models/ops/indices.h"
#include "models/ops/walk.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_gather_elements(const Call& call) {
  require_inputs(call, 2, 2);
  const Shape& x = call.shape(0);
  const Shape& indices = index_shape(call, 1);
  const std::size_t axis = axis_argument(call, 0);
  bool fits = x.size() == indices.size();
  for (std::size_t i = 0; fits && i < x.size(); ++i) {
    fits = i == axis || indices[i] <= x[i];
  }
  if (!fits) {
    throw std::invalid_argument(
        fmt::format("indices {} do not fit input {}", to_text(indices), to_text(x)));
  }
  return {output_type(call.inputs[0].type, indices)};
}

std::vector<Tensor> forward_gather_elements(const Call& call, std::span<const Tensor> inputs) {
  const Shape& x = call.shape(0);
  const std::size_t axis = axis_argument(call, 0);
  const auto indices = indices_in(inputs[1], x[axis]);
  const auto steps = row_major_steps(x);
  std::vector<WalkAxis<1>> axes;
  for (std::size_t i = 0; i < x.size(); ++i) {
    axes.push_back({call.shape(1)[i], {i == axis ? 0 : steps[i]}});
  }
  Tensor output(infer_gather_elements(call).front());
  const std::size_t bytes = element_bytes(output.type().type);
  const std::byte* from = inputs[0].bytes().data();
  std::byte* to = output.bytes().data();
  auto index = indices.begin();
  const Walk<1> walk(axes);
  walk.for_each_run([&](const Walk<1>::Offsets& offsets, std::int64_t length) {
    for (std::int64_t i = 0; i < length; ++i, ++index, to += bytes) {
      const std::int64_t source = offsets[0] + i * walk.step()[0] + *index * steps[axis];
      std::memcpy(to, from + static_cast<std::size_t>(source) * bytes, bytes);
    }
  });
  return {output};
}

}  // namespace

void register_gather_elements(Registry<Operator>& registry) {
  registry.add({.name = "GatherElements",
                .doc = "for each place the element at an index along its line",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_gather_elements,
                .macs = no_macs,
                .forward = forward_gather_elements});
}

}  // namespace offcut::ops
