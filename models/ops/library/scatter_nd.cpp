// ScatterND: x with x[indices[i]] = updates[i], where each indices[i] names an element or, if it is
// shorter than x has axes, a block. From opset 16 on `reduction` may say that updates are added or
// multiplied, from 18 on that the greater or smaller element is kept. Of several updates to one
// place the last wins. Any element type.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/scatter.h"
#include "models/ops/tuples.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_scatter_nd(const Call& call) {
  require_inputs(call, 3, 3);
  const Shape& x = call.shape(0);
  require_same_type(call, 0, 2);
  const IndexTuples tuples = index_tuples(call, x, 0);
  Shape updates(call.shape(1).begin(), call.shape(1).end() - 1);
  updates.insert(updates.end(), x.begin() + static_cast<std::ptrdiff_t>(tuples.length), x.end());
  if (call.shape(2) != updates) {
    throw std::invalid_argument(
        fmt::format("updates are {}, expected {}", to_text(call.shape(2)), to_text(updates)));
  }
  scattering_of(call);
  return {call.inputs[0]};
}

std::vector<Tensor> forward_scatter_nd(const Call& call, std::span<const Tensor> inputs) {
  const IndexTuples tuples = index_tuples(call, call.shape(0), 0);
  const auto offsets = tuples.offsets(call.shape(0), inputs[1]);
  return {scattered(inputs[0], inputs[2], scattering_of(call), [&](const WriteRun& write) {
    std::int64_t from = 0;
    for (const std::int64_t to : offsets) {
      write(to, from, tuples.block);
      from += tuples.block;
    }
  })};
}

}  // namespace

void register_scatter_nd(Registry<Operator>& registry) {
  registry.add({.name = "ScatterND",
                .doc = "the input with updates at index tuples",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_scatter_nd,
                .macs = no_macs,
                .forward = forward_scatter_nd});
}

}  // namespace offcut::ops
