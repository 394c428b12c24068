// Quantised depthwise convolutions by our own kernel, which needs no more than two thirds of the
// time of oneDNN's on processors without integer dot products.

#include <cmath>
#include <limits>

#include "models/exec/byte_depthwise.h"
#include "models/exec/onednn/convolution_kernels.h"
#include "models/exec/onednn/integer_weights.h"
#include "models/exec/onednn/lowering.h"

namespace offcut::exec {
namespace {

constexpr std::size_t kSpatial = 2;  // Of the axes N, C, H, W.

ops::WindowAxis depthwise_axis(const Convolution& c, std::size_t axis) {
  return {.in = c.x.dims()[kSpatial + axis],
          .out = c.y.dims()[kSpatial + axis],
          .kernel = c.window.kernel[axis],
          .stride = c.window.strides[axis],
          .dilation = c.window.dilations[axis] + 1,
          .pad_begin = c.window.pad_begin[axis],
          .pad_end = c.window.pad_end[axis]};
}

/// Returns whether each channel has one filter, which reads rows and columns.
bool is_plain_depthwise(const Convolution& c) {
  const dnnl::memory::dims x = c.x.dims();
  const dnnl::memory::dims w = c.w.dims();
  return x.size() == 4 && w.size() == 5 && w[0] == x[1] && w[1] == 1 && w[2] == 1;
}

/// Sets the limits to the integers that the activation's limits are rounded to.
template <class Y>
void set_byte_limits(const std::optional<Activation>& activation, const Scale& output,
                     ByteDepthwise& own) {
  constexpr auto kLow = static_cast<float>(std::numeric_limits<Y>::min());
  constexpr auto kHigh = static_cast<float>(std::numeric_limits<Y>::max());
  const auto limit = [&](float real) {
    const float integer = std::nearbyint(real / output.scale) + static_cast<float>(output.zero);
    return static_cast<int>(std::min(std::max(integer, kLow), kHigh));
  };
  const bool is_clip = activation && activation->kind != Activation::Kind::relu;
  own.low = activation ? limit(is_clip ? activation->low : 0) : static_cast<int>(kLow);
  own.high = is_clip ? limit(activation->high) : static_cast<int>(kHigh);
}

}  // namespace

bool OneDnnLowering::lower_quantized_depthwise(const Operation& operation) {
  const auto& group = std::get<Quantized>(operation.group);
  const Convolution c = convolution_of(program(), operation);
  const TensorId result = operation.outputs.front();
  if (!is_plain_depthwise(c) || sums_of_bytes_are_exact() ||
      program().type(operation.inputs[0]).type != DataType::uint8) {
    return false;
  }
  const auto weights = group.weights.values<std::int8_t>();
  ByteDepthwise own{.images = c.x.dims()[0],
                    .channels = c.x.dims()[1],
                    .rows = depthwise_axis(c, 0),
                    .columns = depthwise_axis(c, 1),
                    .zero = static_cast<std::uint8_t>(group.inputs[0].zero),
                    .weights = {weights.begin(), weights.end()},
                    .result_zero = group.output.zero,
                    .makes_unsigned = type(result).type == DataType::uint8};
  if (own.makes_unsigned) {
    set_byte_limits<std::uint8_t>(operation.activation, group.output, own);
  } else {
    set_byte_limits<std::int8_t>(operation.activation, group.output, own);
  }
  const bool has_bias =
      operation.inputs.size() > 2 && program().type(operation.inputs[2]) != TensorType{};
  const Tensor bias = has_bias ? program().constant(operation.inputs[2]) : Tensor();
  for (std::size_t i = 0; i < group.weight_scales.size(); ++i) {
    const double scale = group.output.scale;
    own.factors.push_back(static_cast<float>(static_cast<double>(group.inputs[0].scale) *
                                             group.weight_scales[i] / scale));
    own.offsets.push_back(static_cast<float>(has_bias ? bias.values<float>()[i] / scale : 0));
  }
  if (!ByteDepthwiseKernel::fits(own)) {
    return false;
  }
  ByteDepthwiseKernel kernel(own);
  count_weights(kernel.weight_bytes());
  const Form x =
      in_layout(operation.inputs[0].id, channels_last_layout(program().type(operation.inputs[0])));
  const Form y = make(result, channels_last_layout(type(result)));
  const BufferId scratch = schedule().add_scratch(kernel.scratch_bytes());
  schedule().add_step({.name = operation.name,
                       .kernel = "depthwise bytes",
                       .reads = {x.buffer},
                       .writes = {y.buffer, scratch},
                       .run = [kernel = std::move(kernel), x = x.buffer, y = y.buffer,
                               scratch](BufferTable& buffers) {
                         kernel.run(reinterpret_cast<const std::uint8_t*>(buffers.data(x)),
                                    buffers.data(y), buffers.data(scratch));
                       }});
  return true;
}

}  // namespace offcut::exec
