#include "tests/train/sample.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace offcut::train {

Shape Draw::shape(std::int64_t least_rank, std::int64_t most_rank, std::int64_t most_extent) {
  Shape shape(static_cast<std::size_t>(between(least_rank, most_rank)));
  for (std::int64_t& extent : shape) {
    extent = between(1, most_extent);
  }
  return shape;
}

Shape Draw::narrower(const Shape& shape) {
  Shape narrow = shape;
  for (std::int64_t& extent : narrow) {
    extent = chance(0.3) ? 1 : extent;
  }
  const std::int64_t missing =
      chance(0.3) ? between(0, static_cast<std::int64_t>(shape.size())) : 0;
  narrow.erase(narrow.begin(), narrow.begin() + missing);
  return narrow;
}

Tensor Draw::tensor(Shape shape, double least, double most) {
  Tensor tensor(TensorType{DataType::float64, std::move(shape)});
  for (double& value : tensor.values<double>()) {
    value = real(least, most);
  }
  return tensor;
}

Tensor Draw::distinct(Shape shape) {
  Tensor tensor(TensorType{DataType::float64, std::move(shape)});
  const auto values = tensor.values<double>();
  std::iota(values.begin(), values.end(), -static_cast<double>(values.size()) / 2);
  std::shuffle(values.begin(), values.end(), random_);
  for (double& value : values) {
    value = value * 0.02 + real(0, 0.01);
  }
  return tensor;
}

void Draw::avoid(Tensor& tensor, const std::vector<double>& kinks) {
  for (double& value : tensor.values<double>()) {
    for (const double kink : kinks) {
      if (std::abs(value - kink) < 0.01) {
        value = kink + (value < kink ? -0.01 : 0.01);
      }
    }
  }
}

Tensor integer_list(const std::vector<std::int64_t>& values) {
  return Tensor({static_cast<std::int64_t>(values.size())}, std::span<const std::int64_t>(values));
}

Tensor double_scalar(double value) { return Tensor({}, std::span<const double>(&value, 1)); }

std::map<std::string, Maker> makers() {
  std::map<std::string, Maker> all;
  add_elementwise_makers(all);
  add_layer_makers(all);
  add_movement_makers(all);
  add_recurrent_makers(all);
  return all;
}

std::map<std::string, Naive> naive_forwards() {
  std::map<std::string, Naive> all;
  add_naive_elementwise(all);
  add_naive_layers(all);
  add_naive_recurrent(all);
  return all;
}

}  // namespace offcut::train
