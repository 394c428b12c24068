// Quantised convolutions by our own kernels on processors without integer dot products: depthwise
// ones, for which oneDNN takes twice the time, and those with one tap and few input channels, for
// which it takes up to 1.4 times as long.

#include <cmath>
#include <limits>

#include "models/exec/byte_depthwise.h"
#include "models/exec/byte_product.h"
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

/// Returns whether each place of the result reads the same place of x, by one group.
bool is_pointwise(const Convolution& c) {
  const auto is_one = [](std::int64_t extent) { return extent == 1; };
  const dnnl::memory::dims x = c.x.dims();
  const dnnl::memory::dims w = c.w.dims();
  const dnnl::memory::dims y = c.y.dims();
  const auto& strides = c.window.strides;
  return w.size() == x.size() && std::all_of(w.begin() + kSpatial, w.end(), is_one) &&
         std::all_of(strides.begin(), strides.end(), is_one) &&
         std::equal(x.begin() + kSpatial, x.end(), y.begin() + kSpatial);
}

/// Returns whether our kernel is the faster one: sums are so short that the rounding of the results
/// takes much of the time, and blocks of filters are nearly full.
bool suits_product(std::int64_t depth, std::int64_t filters) {
  constexpr std::int64_t kFewChannels = 96;
  constexpr double kNearly = 0.8;
  const std::int64_t blocks = (filters + kByteBlock - 1) / kByteBlock;
  return depth <= kFewChannels && depth<filters&& static_cast<double>(filters)> kNearly *
                                      static_cast<double>(blocks * kByteBlock);
}

/// Sets the limits to the integers that the activation's limits are rounded to.
template <class Y>
void set_byte_limits(const std::optional<Activation>& activation, const Scale& output,
                     ByteResults& own) {
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

ByteResults byte_results(const Program& program, const Operation& operation) {
  const auto& group = std::get<Quantized>(operation.group);
  const TensorId result = operation.outputs.front();
  ByteResults results{
      .zero = group.output.zero,
      .makes_unsigned = program.graph().tensor(result).type.type == DataType::uint8};
  if (results.makes_unsigned) {
    set_byte_limits<std::uint8_t>(operation.activation, group.output, results);
  } else {
    set_byte_limits<std::int8_t>(operation.activation, group.output, results);
  }
  const bool has_bias =
      operation.inputs.size() > 2 && program.type(operation.inputs[2]) != TensorType{};
  const Tensor bias = has_bias ? program.constant(operation.inputs[2]) : Tensor();
  for (std::size_t i = 0; i < group.weight_scales.size(); ++i) {
    const double scale = group.output.scale;
    results.factors.push_back(static_cast<float>(static_cast<double>(group.inputs[0].scale) *
                                                 group.weight_scales[i] / scale));
    results.offsets.push_back(static_cast<float>(has_bias ? bias.values<float>()[i] / scale : 0));
  }
  return results;
}

std::vector<std::int8_t> bytes_of(const Tensor& weights) {
  const auto values = weights.values<std::int8_t>();
  return {values.begin(), values.end()};
}

}  // namespace

bool OneDnnLowering::lower_byte_lanes(const Operation& operation) {
  if (sums_of_bytes_are_exact() || program().type(operation.inputs[0]).type != DataType::uint8) {
    return false;
  }
  const Convolution c = convolution_of(program(), operation);
  return is_plain_depthwise(c) ? lower_byte_depthwise(operation, c)
         : is_pointwise(c)     ? lower_byte_product(operation, c)
                               : false;
}

bool OneDnnLowering::lower_byte_depthwise(const Operation& operation, const Convolution& c) {
  const auto& group = std::get<Quantized>(operation.group);
  const ByteDepthwise own{.images = c.x.dims()[0],
                          .channels = c.x.dims()[1],
                          .rows = depthwise_axis(c, 0),
                          .columns = depthwise_axis(c, 1),
                          .zero = static_cast<std::uint8_t>(group.inputs[0].zero),
                          .weights = bytes_of(group.weights),
                          .results = byte_results(program(), operation)};
  if (!ByteDepthwiseKernel::fits(own)) {
    return false;
  }
  ByteDepthwiseKernel kernel(own);
  count_weights(kernel.weight_bytes());
  const std::size_t bytes = kernel.scratch_bytes();
  const auto threads = static_cast<std::size_t>(onednn_->threads);
  const BufferId scratch = schedule().add_scratch(bytes * threads);
  add_byte_step(operation, "depthwise bytes", {scratch},
                [=, this_kernel = std::move(kernel), threads = onednn_->threads](
                    const std::uint8_t* x, std::byte* y, BufferTable& buffers) {
                  std::byte* const all = buffers.data(scratch);
                  in_parts(threads, this_kernel.rows(),
                           [&](std::size_t thread, std::int64_t first, std::int64_t last) {
                             this_kernel.run(x, y, all + thread * bytes, first, last);
                           });
                });
  return true;
}

bool OneDnnLowering::lower_byte_product(const Operation& operation, const Convolution& c) {
  const auto& group = std::get<Quantized>(operation.group);
  const ByteProduct own{.depth = c.x.dims()[1],
                        .filters = c.y.dims()[1],
                        .zero = static_cast<std::uint8_t>(group.inputs[0].zero),
                        .weights = bytes_of(group.weights),
                        .results = byte_results(program(), operation)};
  if (!suits_product(own.depth, own.filters) || !ByteProductKernel::fits(own)) {
    return false;
  }
  ByteProductKernel kernel(own);
  count_weights(kernel.weight_bytes());
  const std::int64_t rows = elements(program().type(operation.inputs[0]).shape) / own.depth;
  add_byte_step(operation, "product of bytes", {},
                [this_kernel = std::move(kernel), rows, depth = own.depth, filters = own.filters,
                 threads = onednn_->threads](const std::uint8_t* x, std::byte* y, BufferTable&) {
                  in_parts(threads, rows, [&](std::size_t, std::int64_t first, std::int64_t last) {
                    this_kernel.run(x + first * depth, y + first * filters, last - first);
                  });
                });
  return true;
}

void OneDnnLowering::add_byte_step(const Operation& operation, const std::string& kernel,
                                   std::vector<BufferId> scratch, ByteFunction compute) {
  const TensorId result = operation.outputs.front();
  const Form x =
      in_layout(operation.inputs[0].id, channels_last_layout(program().type(operation.inputs[0])));
  const Form y = make(result, channels_last_layout(type(result)));
  scratch.push_back(y.buffer);
  schedule().add_step(
      {.name = operation.name,
       .kernel = kernel,
       .reads = {x.buffer},
       .writes = std::move(scratch),
       .run = [compute = std::move(compute), x = x.buffer, y = y.buffer](BufferTable& buffers) {
         compute(reinterpret_cast<const std::uint8_t*>(buffers.data(x)), buffers.data(y), buffers);
       }});
}

}  // namespace offcut::exec
