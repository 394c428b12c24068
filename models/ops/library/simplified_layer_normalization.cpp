// SimplifiedLayerNormalization: x / sqrt(mean(x^2) + epsilon) * scale over all axes from `axis` on
// (Zhang and Sennrich, "Root Mean Square Layer Normalization", NeurIPS 2019). ONNX Runtime's
// optimiser writes it in ONNX's own domain. The second output is the inverse root.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/row_norm.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_simplified_layer_normalization(const Call& call) {
  require_inputs(call, 2, 2);
  const Shape& x = float_shape(call, 0);
  const auto axis =
      static_cast<std::ptrdiff_t>(axis_in(call.attributes.integer("axis", -1), x.size()));
  if (float_shape(call, 1) != Shape(x.begin() + axis, x.end())) {
    throw std::invalid_argument(fmt::format("scale {} does not fit the last axes of {}",
                                            to_text(call.shape(1)), to_text(x)));
  }
  call.attributes.number("epsilon", 0);
  Shape groups = x;
  std::fill(groups.begin() + axis, groups.end(), 1);
  return {call.inputs[0], {DataType::float32, groups}};
}

std::vector<Tensor> forward_simplified_layer_normalization(const Call& call,
                                                           std::span<const Tensor> inputs) {
  const std::vector<TensorType> types = infer_simplified_layer_normalization(call);
  Tensor y(types[0]);
  Tensor roots(types[1]);
  const auto scale = inputs[1].values<float>();
  const RowNorm norm{.scale = scale,
                     .shift = {},
                     .epsilon = call.attributes.number("epsilon", 1e-5F),
                     .centred = false};
  for (std::size_t row = 0; row < static_cast<std::size_t>(roots.size()); ++row) {
    const std::size_t start = row * scale.size();
    roots.values<float>()[row] =
        normalize_row(inputs[0].values<float>().subspan(start, scale.size()), norm,
                      y.values<float>().subspan(start, scale.size()))
            .inverse_deviation;
  }
  return {y, roots};
}

}  // namespace

void register_simplified_layer_normalization(Registry<Operator>& registry) {
  registry.add({.name = "SimplifiedLayerNormalization",
                .doc = "x divided by its root mean square over the last axes, times scale",
                .kind = always<LayerKind::normalization>,
                .infer = infer_simplified_layer_normalization,
                .macs = no_macs,
                .forward = forward_simplified_layer_normalization,
                .float32_outputs = {1}});
}

}  // namespace offcut::ops
