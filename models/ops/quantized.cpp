// Scales and zero points of quantised tensors: which of them belongs to an element, the checks of
// their shapes, and the way from integer sums back to quantised elements.

#include "models/ops/quantized.h"

#include <fmt/format.h>

namespace offcut::ops {

Granularity granularity_of(const Call& call, std::size_t parameter, const Shape& x,
                           std::size_t axis) {
  const Shape& shape = call.shape(parameter);
  if (shape.empty() || shape == Shape{1}) {
    return {};
  }
  if (shape.size() != 1 || axis >= x.size() || shape[0] != x[axis]) {
    throw std::invalid_argument(
        fmt::format("input {} of {} does not fit {}", parameter, to_text(shape), to_text(x)));
  }
  return {shape[0], extent_between(x, axis + 1, x.size())};
}

namespace {

Granularity blocks_of(const Call& call, const Shape& x, std::size_t axis, std::int64_t block) {
  const Shape& scales = call.shape(1);
  if (block < 0 || scales.size() != x.size()) {
    throw std::invalid_argument(
        fmt::format("scales {} in blocks of {} do not fit {}", to_text(scales), block, to_text(x)));
  }
  Shape expected = x;
  expected[axis] = (x[axis] + block - 1) / block;
  if (scales != expected) {
    throw std::invalid_argument(fmt::format("scales are {}, expected {} for blocks of {}",
                                            to_text(scales), to_text(expected), block));
  }
  return {.count = elements(scales),
          .inner = extent_between(x, axis + 1, x.size()),
          .block = block,
          .extent = x[axis]};
}

}  // namespace

Granularity scales_of(const Call& call) {
  const Shape& x = call.shape(0);
  const std::int64_t axis = call.attributes.integer("axis", 1);
  float_shape(call, 1);
  if (call.opset < 13 || elements(call.shape(1)) == 1) {
    require_one_scale(call, 1);
    return {};
  }
  const std::int64_t block = call.opset < 21 ? 0 : call.attributes.integer("block_size", 0);
  return block == 0 ? granularity_of(call, 1, x, axis_in(axis, x.size()))
                    : blocks_of(call, x, axis_in(axis, x.size()), block);
}

void require_one_scale(const Call& call, std::size_t scale) {
  if (elements(float_shape(call, scale)) != 1) {
    throw std::invalid_argument(
        fmt::format("input {} is {}, expected one scale", scale, to_text(call.inputs[scale])));
  }
}

void require_zero_points(const Call& call, std::size_t zero_point, std::size_t x,
                         Granularity scales) {
  if (!call.has(zero_point)) {
    return;
  }
  require_same_type(call, x, zero_point);
  if (elements(call.shape(zero_point)) != scales.count) {
    throw std::invalid_argument(fmt::format("input {} of {} does not fit the {} scales", zero_point,
                                            to_text(call.shape(zero_point)), scales.count));
  }
}

void require_bytes(const Call& call, std::size_t input) {
  call.shape(input);
  const DataType type = call.inputs[input].type;
  if (type != DataType::uint8 && type != DataType::int8) {
    throw std::invalid_argument(
        fmt::format("input {} is {}, expected uint8 or int8", input, to_text(type)));
  }
}

std::vector<std::uint32_t> above_zero_point(const Tensor& x, const Tensor& zero_point,
                                            Granularity zero_points) {
  std::vector<std::uint32_t> moved(static_cast<std::size_t>(x.size()));
  with_quantized_type(x.type().type, [&](auto type) {
    using Q = decltype(type);
    const auto from = x.values<Q>();
    for (std::size_t i = 0; i < moved.size(); ++i) {
      const Q zero = zero_point.absent() ? Q{0} : zero_point.values<Q>()[zero_points(i)];
      moved[i] = static_cast<std::uint32_t>(from[i]) - static_cast<std::uint32_t>(zero);
    }
  });
  return moved;
}

Tensor requantized(const std::vector<std::uint32_t>& sums, Shape shape,
                   const std::vector<float>& factors, Granularity granularity,
                   const Tensor& zero_point) {
  Tensor output(TensorType{zero_point.type().type, std::move(shape)});
  with_quantized_type(zero_point.type().type, [&](auto type) {
    using Q = decltype(type);
    const Q zero = zero_point.values<Q>().front();
    const auto to = output.values<Q>();
    for (std::size_t i = 0; i < to.size(); ++i) {
      const auto sum = static_cast<float>(static_cast<std::int32_t>(sums[i]));
      to[i] = quantized<Q>(sum * factors[granularity(i)], zero);
    }
  });
  return output;
}

std::vector<float> factors_of(const Tensor& a, const Tensor& b, const Tensor& y) {
  std::vector<float> factors;
  for (const float scale : b.values<float>()) {
    factors.push_back(a.values<float>().front() * scale / y.values<float>().front());
  }
  return factors;
}

}  // namespace offcut::ops
