// GatherND: the element or block of x that each index tuple names. With batch_dims = b, the first b
// axes of x and of the indices run side by side. Any element type.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/tuples.h"

namespace offcut::ops {
namespace {

std::size_t batch_axes(const Call& call) {
  const std::int64_t axes = call.attributes.integer("batch_dims", 0);
  const Shape& x = call.shape(0);
  const Shape& indices = call.shape(1);
  const std::size_t most = std::min(x.size(), indices.size());
  if (axes < 0 || axes > static_cast<std::int64_t>(most) ||
      !std::equal(x.begin(), x.begin() + axes, indices.begin())) {
    throw std::invalid_argument(fmt::format("batch_dims {} does not fit input {} and indices {}",
                                            axes, to_text(x), to_text(indices)));
  }
  return static_cast<std::size_t>(axes);
}

std::vector<TensorType> infer_gather_nd(const Call& call) {
  require_inputs(call, 2, 2);
  const Shape& x = call.shape(0);
  const std::size_t batch = batch_axes(call);
  const IndexTuples tuples = index_tuples(call, x, batch);
  Shape shape(call.shape(1).begin(), call.shape(1).end() - 1);
  shape.insert(shape.end(), x.begin() + static_cast<std::ptrdiff_t>(batch + tuples.length),
               x.end());
  return {output_type(call.inputs[0].type, std::move(shape))};
}

std::vector<Tensor> forward_gather_nd(const Call& call, std::span<const Tensor> inputs) {
  const Shape& x = call.shape(0);
  const std::size_t batch = batch_axes(call);
  const IndexTuples tuples = index_tuples(call, x, batch);
  const auto offsets = tuples.offsets(x, inputs[1]);
  Tensor output(infer_gather_nd(call).front());
  const auto bytes = static_cast<std::int64_t>(element_bytes(output.type().type));
  const std::int64_t samples = extent_between(x, 0, batch);
  const std::int64_t sample = extent_between(x, batch, x.size());
  const std::byte* const from = inputs[0].bytes().data();
  std::byte* to = output.bytes().data();
  for (std::int64_t i = 0; i < tuples.count; ++i) {
    const std::int64_t source =
        i / (tuples.count / samples) * sample + offsets[static_cast<std::size_t>(i)];
    to = std::copy_n(from + source * bytes, tuples.block * bytes, to);
  }
  return {output};
}

}  // namespace

void register_gather_nd(Registry<Operator>& registry) {
  registry.add({.name = "GatherND",
                .doc = "the elements or blocks that index tuples name",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_gather_nd,
                .macs = no_macs,
                .forward = forward_gather_nd});
}

}  // namespace offcut::ops
