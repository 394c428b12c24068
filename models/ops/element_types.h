#pragma once

#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "models/graph/tensor.h"

namespace offcut::ops {

/// Calls f(T()) with the C++ type of the elements. REQUIRES: they have a C++ type with arithmetic,
/// so not floats of 16 bits.
template <class F>
auto with_element_type(DataType type, F f) {
  switch (type) {
    case DataType::float32:
      return f(float());
    case DataType::float64:
      return f(double());
    case DataType::uint8:
      return f(std::uint8_t());
    case DataType::int8:
      return f(std::int8_t());
    case DataType::int32:
      return f(std::int32_t());
    case DataType::int64:
      return f(std::int64_t());
    case DataType::boolean:
      return f(bool());
    case DataType::absent:
    case DataType::float16:
    case DataType::bfloat16:
      break;
  }
  throw std::logic_error("the tensor is absent, or its elements have no arithmetic");
}

/// Does the same for the numeric types. REQUIRES: neither bool nor floats of 16 bits.
template <class F>
auto with_number_type(DataType type, F f) {
  switch (type) {
    case DataType::float64:
      return f(double());
    case DataType::uint8:
      return f(std::uint8_t());
    case DataType::int8:
      return f(std::int8_t());
    case DataType::int32:
      return f(std::int32_t());
    case DataType::int64:
      return f(std::int64_t());
    default:
      return f(float());
  }
}

/// Converts a number to another type. Real numbers that become integers lose their fraction and are
/// clamped to the type's limits; NaN becomes 0. Integers wrap around.
template <class To, class From>
To converted(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != From{0};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // The limit above is a power of two, which a float holds exactly, and so is the one below.
    constexpr auto kSmallest = std::numeric_limits<To>::min();
    constexpr auto kMost = std::numeric_limits<To>::max();
    const From end = std::ldexp(From{1}, std::numeric_limits<To>::digits);
    if (std::isnan(x)) {
      return 0;
    }
    if (x >= end) {
      return kMost;
    }
    return x <= static_cast<From>(kSmallest) ? kSmallest : static_cast<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

}  // namespace offcut::ops
