#pragma once

#include <functional>
#include <random>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops {

// The common parts of naive loops over the elements of tensors.

using Place = std::vector<std::int64_t>;  // An index for each axis.
using AttributePairs = std::vector<std::pair<std::string, AttributeValue>>;

/// Calls f with every place of the shape, in row-major order.
inline void for_each_place(const Shape& shape, const std::function<void(const Place&)>& f) {
  for (std::int64_t n = 0; n < elements(shape); ++n) {
    Place place(shape.size());
    std::int64_t rest = n;
    for (std::size_t i = shape.size(); i-- > 0;) {
      place[i] = rest % shape[i];
      rest /= shape[i];
    }
    f(place);
  }
}

inline std::size_t offset_of(const Shape& shape, const Place& place) {
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    offset = offset * shape[i] + place.at(i);
  }
  return static_cast<std::size_t>(offset);
}

template <class T = float>
T element_at(const Tensor& tensor, const Place& place) {
  return tensor.values<T>()[offset_of(tensor.shape(), place)];
}

/// Makes a tensor of whole numbers from -`limit` to `limit`.
inline Tensor drawn_numbers(const Shape& shape, std::mt19937& random, std::int64_t limit = 50) {
  Tensor tensor = floats(shape);
  for (float& x : tensor.values<float>()) {
    x = static_cast<float>(static_cast<std::int64_t>(random() % (2U * unsigned(limit) + 1)) -
                           limit);
  }
  return tensor;
}

inline Tensor int64_tensor(const Shape& shape, const std::vector<std::int64_t>& numbers) {
  return Tensor(shape, std::span<const std::int64_t>(numbers));
}

/// Returns the largest difference, relative to the largest |expected| but to 1 at least; infinity
/// if the numbers of elements differ.
inline double difference_of(const Tensor& got, const std::vector<double>& expected) {
  const auto numbers = got.values<float>();
  if (numbers.size() != expected.size()) {
    return std::numeric_limits<double>::infinity();
  }
  double largest = 1;
  double difference = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    const double own = std::abs(double(numbers[i]) - expected[i]);
    difference = own <= difference ? difference : own;  // A NaN stays.
  }
  return difference / largest;
}

}  // namespace offcut::ops
