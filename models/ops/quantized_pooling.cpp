// The parts of quantised poolings that the two of them share: types, and the order of the axes.

#include "models/ops/quantized_pooling.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

bool are_channels_last(const Call& call) {
  return call.attributes.integer("channels_last", 0) != 0;
}

Shape channels_last_of(const Shape& shape) {
  Shape last = shape;
  std::rotate(last.begin() + 1, last.begin() + 2, last.end());
  return last;
}

/// Swaps the two inner axes of batch x rows x columns.
Tensor swapped(const Tensor& x, Shape shape, std::int64_t rows, std::int64_t columns) {
  Tensor y(TensorType{DataType::float32, std::move(shape)});
  const float* from = x.values<float>().data();
  float* to = y.values<float>().data();
  for (std::int64_t start = 0; start < x.size(); start += rows * columns) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        to[start + column * rows + row] = from[start + row * columns + column];
      }
    }
  }
  return y;
}

}  // namespace

Shape with_channels_on_axis_1(const Call& call, const Shape& shape) {
  if (shape.size() < 3) {
    throw std::invalid_argument(
        fmt::format("input {}: expected spatial axes beside N and C", to_text(shape)));
  }
  Shape first = shape;
  if (are_channels_last(call)) {
    std::rotate(first.begin() + 1, first.end() - 1, first.end());
  }
  return first;
}

std::vector<TensorType> infer_quantized_pooling(const Call& call, const Shape& pooled) {
  require_quantized(call, kOneX);
  return {output_type(quantized_output_type(call, kOneX, kOneY),
                      are_channels_last(call) ? channels_last_of(pooled) : pooled)};
}

Tensor with_channels_first(const Call& call, const Tensor& x) {
  if (!are_channels_last(call)) {
    return x;
  }
  const std::int64_t channels = x.shape().back();
  const std::int64_t plane = extent_between(x.shape(), 1, x.shape().size() - 1);
  return swapped(x, with_channels_on_axis_1(call, x.shape()), plane, channels);
}

Tensor with_channels_back(const Call& call, const Tensor& y) {
  if (!are_channels_last(call)) {
    return y;
  }
  const std::int64_t plane = extent_between(y.shape(), 2, y.shape().size());
  return swapped(y, channels_last_of(y.shape()), y.shape()[1], plane);
}

}  // namespace offcut::ops
