// A quantised product with one row: a dot product for each filter. oneDNN packs the weights in each
// call, which takes longer than the product itself. Products of 16 bits are summed in 32, so that
// nothing saturates on any processor.

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/exec/onednn/lowering.h"

namespace offcut::exec {
namespace {

/// (sum (x - zero) w + bias) * factor, within the limits, plus the zero point.
struct VectorProduct {
  std::int64_t depth;
  std::vector<std::int8_t> weights;  // Filter by filter.
  std::vector<float> bias, factors;  // By filter; the bias includes -zero * sum of the weights.
  float low, high, zero;

  template <class X, class Y>
  void operator()(const X* x, Y* y) const {
    // The compiler has an instruction for the sum of two products if both factors have 16 bits.
    const std::vector<std::int16_t> wide(x, x + depth);
    for (std::size_t filter = 0; filter < factors.size(); ++filter) {
      const std::int8_t* const w = weights.data() + filter * static_cast<std::size_t>(depth);
      std::int32_t sum = 0;
      for (std::size_t i = 0; i < wide.size(); ++i) {
        sum += wide[i] * static_cast<std::int16_t>(w[i]);
      }
      const float real = (static_cast<float>(sum) + bias[filter]) * factors[filter];
      const float integer = std::nearbyint(std::clamp(real, low, high) + zero);
      y[filter] =
          static_cast<Y>(std::clamp(integer, static_cast<float>(std::numeric_limits<Y>::min()),
                                    static_cast<float>(std::numeric_limits<Y>::max())));
    }
  }
};

}  // namespace

void OneDnnLowering::lower_quantized_vector(const Operation& operation, std::int64_t depth,
                                            bool transposed) {
  const auto& group = std::get<Quantized>(operation.group);
  const std::size_t filters = group.weight_scales.size();
  VectorProduct product{depth,
                        std::vector<std::int8_t>(filters * static_cast<std::size_t>(depth)),
                        std::vector<float>(filters),
                        {},
                        -std::numeric_limits<float>::max(),
                        std::numeric_limits<float>::max(),
                        static_cast<float>(group.output.zero)};
  if (operation.activation) {
    const bool relu = operation.activation->kind == Activation::Kind::relu;
    product.low = relu ? 0 : operation.activation->low / group.output.scale;
    product.high = relu ? product.high : operation.activation->high / group.output.scale;
  }
  const auto from = group.weights.values<std::int8_t>();
  const bool has_bias =
      operation.inputs.size() > 2 && program().type(operation.inputs[2]) != TensorType{};
  const Tensor bias = has_bias ? program().constant(operation.inputs[2]) : Tensor();
  const auto rows = static_cast<std::size_t>(depth);
  for (std::size_t filter = 0; filter < filters; ++filter) {
    const float scale = group.inputs[0].scale * group.weight_scales[filter];
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::int8_t weight = from[transposed ? filter * rows + i : i * filters + filter];
      product.weights[filter * rows + i] = weight;
      sum += weight;
    }
    product.bias[filter] = (has_bias ? bias.values<float>()[filter] / scale : 0) -
                           static_cast<float>(sum * group.inputs[0].zero);
    product.factors.push_back(scale / group.output.scale);
  }
  count_weights(product.weights.size());
  const TensorId result = operation.outputs.front();
  const BufferId x = plain(operation.inputs[0].id);
  const BufferId y = schedule().add_scratch(filters);
  set_plain(result, y);
  schedule().add_step(
      {.name = operation.name,
       .kernel = "dot products of bytes",
       .reads = {x},
       .writes = {y},
       .run = [product = std::move(product), x, y,
               is_unsigned = program().type(operation.inputs[0]).type == DataType::uint8,
               makes_unsigned = type(result).type == DataType::uint8](BufferTable& buffers) {
         const auto write = [&](auto* to) {
           if (is_unsigned) {
             product(reinterpret_cast<const std::uint8_t*>(buffers.data(x)), to);
           } else {
             product(reinterpret_cast<const std::int8_t*>(buffers.data(x)), to);
           }
         };
         if (makes_unsigned) {
           write(reinterpret_cast<std::uint8_t*>(buffers.data(y)));
         } else {
           write(reinterpret_cast<std::int8_t*>(buffers.data(y)));
         }
       }});
}

}  // namespace offcut::exec
