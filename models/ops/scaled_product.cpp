// The exact integer product of quantised matrices, scaled to float32 once per element, plus a bias.

#include "models/ops/scaled_product.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/integer_math.h"

namespace offcut::ops {
namespace {

/// Returns the axis of B's columns, or none if B is a vector.
std::size_t column_axis(const Shape& b) { return b.size() < 2 ? b.size() : b.size() - 1; }

}  // namespace

MatrixProduct scaled_product_of(const Call& call, const Shape& a, const ScaledProductInputs& at) {
  const Shape& b = call.shape(at.b);
  require_bytes(call, at.b);
  float_shape(call, at.scale);
  granularity_of(call, at.scale, b, column_axis(b));
  if (call.has(at.zero)) {
    require_same_type(call, at.b, at.zero);
    granularity_of(call, at.zero, b, column_axis(b));
  }
  MatrixProduct product = matrix_product_of(a, b);
  if (call.has(at.bias) && float_shape(call, at.bias) != Shape{product.b.columns}) {
    throw std::invalid_argument(fmt::format("bias {} does not fit {} columns",
                                            to_text(call.shape(at.bias)), product.b.columns));
  }
  return product;
}

Tensor scaled_product(const Call& call, std::span<const Tensor> inputs,
                      const ScaledProductInputs& at, const MatrixProduct& product,
                      const std::vector<std::uint32_t>& a, float a_scale) {
  const Shape& b = call.shape(at.b);
  const bool has_zero = call.has(at.zero);
  const Granularity zeros =
      has_zero ? granularity_of(call, at.zero, b, column_axis(b)) : Granularity{};
  const std::vector<std::uint32_t> sums = multiplied(
      product, a, above_zero_point(inputs[at.b], has_zero ? inputs[at.zero] : Tensor(), zeros));
  const auto scales = inputs[at.scale].values<float>();
  const auto bias = call.has(at.bias) ? inputs[at.bias].values<float>() : std::span<const float>();
  Tensor y(TensorType{DataType::float32, product.shape});
  const auto to = y.values<float>();
  const auto columns = static_cast<std::size_t>(product.b.columns);
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::size_t column = i % columns;
    const float scale = a_scale * scales[scales.size() == 1 ? 0 : column];
    to[i] = static_cast<float>(static_cast<std::int32_t>(sums[i])) * scale +
            (bias.empty() ? 0 : bias[column]);
  }
  return y;
}

}  // namespace offcut::ops
