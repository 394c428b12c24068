// QuantizeLinear and DequantizeLinear per axis, with exact halves and values beyond the limits.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/models/ops/naive/places.h"

namespace offcut::ops::quantize_test {
namespace {

/// Rounds to the nearest integer, halves to the even one.
double half_to_even(double x) {
  const double below = std::floor(x);
  const double part = x - below;
  return part != 0.5 ? std::floor(x + 0.5) : std::fmod(below, 2) == 0 ? below : below + 1;
}

template <class Q>
void check_quantize(const Tensor& x, const std::vector<float>& scales, std::int64_t axis,
                    bool per_axis, double zero_step) {
  const Shape own = per_axis ? Shape{std::int64_t(scales.size())} : Shape{};
  const std::size_t count = per_axis ? scales.size() : 1;
  std::vector<Q> zeros;
  for (std::size_t i = 0; i < count; ++i) {
    zeros.push_back(static_cast<Q>(zero_step * double(i) + 3));
  }
  const Tensor scale(own, std::span<const float>(scales.data(), count));
  const Tensor zero(own, std::span<const Q>(zeros));
  AttributePairs attributes;
  if (per_axis) {
    attributes.emplace_back("axis", axis);
  }
  const Tensor y = OneLayer("QuantizeLinear", {}, attributes).run({x, scale, zero});
  const Tensor back = OneLayer("DequantizeLinear", {}, attributes).run({y, scale, zero});
  REQUIRE(y.shape() == x.shape());
  int wrong = 0;
  for_each_place(x.shape(), [&](const Place& place) {
    const auto a = static_cast<std::size_t>(axis < 0 ? axis + std::int64_t(place.size()) : axis);
    const auto k = per_axis ? static_cast<std::size_t>(place[a]) : 0;
    const double limited =
        std::clamp(half_to_even(double(element_at(x, place)) / scales[k]) + double(zeros[k]),
                   double(std::numeric_limits<Q>::min()), double(std::numeric_limits<Q>::max()));
    wrong += double(element_at<Q>(y, place)) == limited ? 0 : 1;
    wrong += element_at(back, place) == float(limited - double(zeros[k])) * scales[k] ? 0 : 1;
  });
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("quantize and dequantize: per axis from both ends, halves, and beyond the limits") {
  // Multiples of 1/4, divided by powers of two: half of all quotients of scale 1/2 are halves.
  Tensor x = floats({4, 3, 4, 41});
  float next = -61.5F;
  for (float& value : x.values<float>()) {
    value = next;
    next = next > 61 ? -61.5F : next + 0.25F;
  }
  for (const bool per_axis : {false, true}) {
    for (std::int64_t axis = -4; axis < 4; ++axis) {
      CAPTURE(per_axis);
      CAPTURE(axis);
      const auto extent = x.shape()[static_cast<std::size_t>(axis < 0 ? axis + 4 : axis)];
      std::vector<float> scales;
      for (std::int64_t i = 0; i < extent; ++i) {
        scales.push_back(std::ldexp(1.0F, static_cast<int>(i % 4) - 2));
      }
      check_quantize<std::uint8_t>(x, scales, axis, per_axis, 6);
      check_quantize<std::int8_t>(x, scales, axis, per_axis, -2.5);
    }
  }
}

}  // namespace offcut::ops::quantize_test
